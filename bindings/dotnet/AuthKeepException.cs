using System;

namespace AuthKeep
{
    /// <summary>
    /// What went wrong, with its facts. <see cref="Status"/> says what to do next,
    /// <see cref="Code"/> tells causes apart, and the message is one line for a
    /// log, without a secret.
    /// </summary>
    public class AuthKeepException : Exception
    {
        private readonly AuthKeepStatus status;
        private readonly string code;
        private readonly string oauthError;
        private readonly string oauthDescription;
        private readonly int? httpStatus;
        private readonly TimeSpan? retryAfter;

        /// <summary>An error of the binding's own.</summary>
        internal AuthKeepException(string message, AuthKeepStatus status, string code, int? httpStatus)
            : base(message)
        {
            this.status = status;
            this.code = code;
            this.httpStatus = httpStatus;
        }

        private AuthKeepException(AuthKeepStatus status, ErrorHandle error)
            : base(Utf8.Read(error, Native.authkeep_error_message) ?? "authkeep failed with status " + (int)status)
        {
            this.status = status;
            code = Utf8.Read(error, Native.authkeep_error_code) ?? "";
            oauthError = Utf8.Read(error, Native.authkeep_error_oauth_error);
            oauthDescription = Utf8.Read(error, Native.authkeep_error_oauth_description);
            int answered = Native.authkeep_error_http_status(error);
            httpStatus = answered == 0 ? (int?)null : answered;
            retryAfter = Duration.FromMilliseconds(Native.authkeep_error_retry_after_ms(error));
        }

        /// <summary>What to do next.</summary>
        public AuthKeepStatus Status
        {
            get { return status; }
        }

        /// <summary>A stable string that tells causes apart, such as <c>config.unknown_key</c>.</summary>
        public string Code
        {
            get { return code; }
        }

        /// <summary>The <c>error</c> of the token endpoint's answer (RFC 6749, section 5.2),
        /// or null if there was none.</summary>
        public string OAuthError
        {
            get { return oauthError; }
        }

        /// <summary>The <c>error_description</c> of the token endpoint's answer, cut to 200
        /// printable characters, with our own secrets masked, or null if there was none.</summary>
        public string OAuthDescription
        {
            get { return oauthDescription; }
        }

        /// <summary>The HTTP status of the answer that caused the error, or null if there was none.</summary>
        public int? HttpStatus
        {
            get { return httpStatus; }
        }

        /// <summary>How long it takes until another call can have an effect, or null if that is
        /// not known.</summary>
        public TimeSpan? RetryAfter
        {
            get { return retryAfter; }
        }

        /// <summary>Throws what a native function failed with, if it did.</summary>
        internal static void ThrowIfFailed(int status, IntPtr error)
        {
            if (status != (int)AuthKeepStatus.Ok)
            {
                throw From(status, error);
            }
        }

        /// <summary>What a native function failed with; takes over <paramref name="error"/>.</summary>
        internal static AuthKeepException From(int status, IntPtr error)
        {
            using (ErrorHandle handle = new ErrorHandle(error))
            {
                return new AuthKeepException((AuthKeepStatus)status, handle);
            }
        }
    }
}
