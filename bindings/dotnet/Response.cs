using System;
using System.Runtime.InteropServices;

namespace AuthKeep
{
    /// <summary>
    /// One whole HTTP response, whatever its status: to an API, 404 is an answer too. It never
    /// changes; any number of threads may read it at once.
    /// </summary>
    public sealed class Response : IDisposable
    {
        private readonly ResponseHandle handle;
        private readonly string method;
        private readonly string target;
        private readonly int status;
        private Headers headers;
        private byte[] body;

        internal Response(ResponseHandle handle, string method, string target)
        {
            this.handle = handle;
            this.method = method;
            this.target = target;
            status = Native.authkeep_response_status(handle);
        }

        /// <summary>The HTTP status, such as 200 or 404.</summary>
        public int Status
        {
            get { return status; }
        }

        /// <summary>Whether the status is from 200 to 299.</summary>
        public bool IsSuccess
        {
            get { return status >= 200 && status <= 299; }
        }

        /// <summary>The headers, by name and in the order in which they came.</summary>
        public Headers Headers
        {
            get { return headers ?? (headers = new Headers(handle)); }
        }

        /// <summary>The body: the same array each time, empty for none.</summary>
        public byte[] Body
        {
            get { return body ?? (body = ReadBody()); }
        }

        /// <summary>The body as text, in the character set that the response names, else in UTF-8. One that
        /// this runtime doesn't know counts as UTF-8.</summary>
        public string Text
        {
            get { return Charset.Of(Headers["content-type"]).GetString(Body); }
        }

        /// <summary>Returns the response itself if its status is 2xx.</summary>
        /// <exception cref="HttpStatusException">It is any other.</exception>
        public Response EnsureSuccess()
        {
            if (!IsSuccess)
            {
                throw new HttpStatusException(
                    "HTTP " + status + " for " + method + " " + Request.PathOf(target), this);
            }
            return this;
        }

        /// <summary>Gives the native response back. What was read before stays.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        /// <summary>The status.</summary>
        public override string ToString()
        {
            return "AuthKeep.Response " + status;
        }

        private byte[] ReadBody()
        {
            bool held = false;
            try
            {
                // The handle owns the bytes until they have been copied.
                handle.DangerousAddRef(ref held);
                byte[] bytes = new byte[checked((int)Native.authkeep_response_body_size(handle))];
                Marshal.Copy(Native.authkeep_response_body(handle), bytes, 0, bytes.Length);
                return bytes;
            }
            finally
            {
                if (held)
                {
                    handle.DangerousRelease();
                }
            }
        }
    }
}
