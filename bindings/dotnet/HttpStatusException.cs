namespace AuthKeep
{
    /// <summary>
    /// An HTTP status other than 2xx, thrown by <see cref="AuthKeep.Response.EnsureSuccess"/> only.
    /// </summary>
    /// <remarks>
    /// Its <see cref="AuthKeepException.Status"/> is <see cref="AuthKeepStatus.Ok"/>, since the
    /// exchange itself succeeded. The message has no part of the body, which may be private;
    /// <see cref="Response"/> has all of it, until that is disposed of.
    /// </remarks>
    public sealed class HttpStatusException : AuthKeepException
    {
        private readonly Response response;

        internal HttpStatusException(string message, Response response)
            : base(message, AuthKeepStatus.Ok, "http.status", response.Status)
        {
            this.response = response;
        }

        /// <summary>The response, which stays the property of who asked for it.</summary>
        public Response Response
        {
            get { return response; }
        }
    }
}
