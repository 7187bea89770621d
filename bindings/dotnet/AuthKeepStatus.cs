namespace AuthKeep
{
    /// <summary>What a call came to, and what to do next. No other value is ever added.</summary>
    public enum AuthKeepStatus
    {
        /// <summary>Done.</summary>
        Ok = 0,

        /// <summary>A bug of the caller: fix the call.</summary>
        InvalidArgument = 1,

        /// <summary>Fix the configuration or the profile.</summary>
        InvalidConfig = 2,

        /// <summary>The configuration does not allow this target, header or scheme.</summary>
        NotAllowed = 3,

        /// <summary>The credentials were refused for good: fix them, then <see cref="Client.Reset"/>.</summary>
        InvalidCredentials = 4,

        /// <summary>A person must sign in again.</summary>
        ReauthRequired = 5,

        /// <summary>Not now: network, server error, throttling or back-off.
        /// See <see cref="AuthKeepException.RetryAfter"/>.</summary>
        Unavailable = 6,

        /// <summary>The deadline of the call passed.</summary>
        Deadline = 7,

        /// <summary>The call was cancelled.</summary>
        Cancelled = 8,

        /// <summary>A server answered what the standard does not allow.</summary>
        BadResponse = 9,

        /// <summary>No trusted TLS connection could be made.</summary>
        Tls = 10,

        /// <summary>A token, header or body is larger than the limit.</summary>
        TooLarge = 11,

        /// <summary>Tokens could not be read from or written to their store.</summary>
        Store = 12,

        /// <summary>A buffer of the binding is too small.</summary>
        BufferTooSmall = 13,

        /// <summary>The client has been freed, by another language that had its handle.</summary>
        Closed = 14,

        /// <summary>A bug of authkeep.</summary>
        Internal = 15
    }
}
