using System;
using System.Globalization;

namespace AuthKeep
{
    /// <summary>
    /// An immutable snapshot of an access token. Any number of threads may read it at once.
    /// </summary>
    /// <remarks>
    /// Read from the native library each time, so that managed memory has no copy of the secret
    /// but those that <see cref="GetAccessToken"/> was asked for. Its members throw
    /// <see cref="ObjectDisposedException"/> after <see cref="Dispose"/>.
    /// </remarks>
    public sealed class Token : IDisposable
    {
        private static readonly DateTimeOffset Epoch = new DateTimeOffset(1970, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private static readonly long MostSeconds = (DateTimeOffset.MaxValue - Epoch).Ticks / TimeSpan.TicksPerSecond;

        private readonly TokenHandle handle;

        internal Token(TokenHandle handle)
        {
            this.handle = handle;
        }

        /// <summary>The type that the server gave, usually <c>Bearer</c>, and empty for a static key.</summary>
        public string Type
        {
            get { return Utf8.Read(handle, Native.authkeep_token_type); }
        }

        /// <summary>The scope that the server said it granted, or null if it said nothing.</summary>
        public string Scope
        {
            get { return Utf8.Read(handle, Native.authkeep_token_scope); }
        }

        /// <summary>When the token expires by this machine's clock, in UTC, and null for a static key,
        /// which doesn't. The server may end it earlier.</summary>
        public DateTimeOffset? ExpiresAt
        {
            get
            {
                long seconds = Native.authkeep_token_expires_at(handle);
                return seconds < 0 ? (DateTimeOffset?)null : Epoch.AddSeconds(Math.Min(seconds, MostSeconds));
            }
        }

        /// <summary>Whether the token was valid for as long as the call asked when it was returned.</summary>
        public bool MinValidityMet
        {
            get { return Native.authkeep_token_min_validity_met(handle) != 0; }
        }

        /// <summary>The access token itself, or the static key: a secret. A method, so that nothing
        /// that shows an object's properties shows it.</summary>
        public string GetAccessToken()
        {
            return Utf8.Read(handle, Native.authkeep_token_access_token);
        }

        /// <summary>Gives the native token back, and wipes it with its last copy.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        /// <summary>What it is and how long it lives, without the secret.</summary>
        public override string ToString()
        {
            if (handle.IsClosed)
            {
                return "AuthKeep.Token, disposed";
            }
            string type = Type;
            DateTimeOffset? expiresAt = ExpiresAt;
            return "AuthKeep.Token " + (type.Length == 0 ? "key" : type) + (expiresAt == null
                ? ", never expires"
                : ", expires at " + expiresAt.Value.ToString("u", CultureInfo.InvariantCulture));
        }
    }
}
