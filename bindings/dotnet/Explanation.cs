using System;

namespace AuthKeep
{
    /// <summary>
    /// What a call for a token would get at the moment it was made, and why. Never changes; any
    /// number of threads may read it at once.
    /// </summary>
    public sealed class Explanation : IDisposable
    {
        private readonly ExplanationHandle handle;

        internal Explanation(ExplanationHandle handle)
        {
            this.handle = handle;
        }

        /// <summary>All of it as a JSON object, without a secret: the token's age and life, when it is
        /// renewed, the last failure and how long it holds, the counters, and where each value of the
        /// config came from. <c>docs/explain.md</c> lists the members.</summary>
        public string Json
        {
            get { return Utf8.Read(handle, Native.authkeep_explanation_json); }
        }

        /// <summary>One of its counters, such as <c>hits</c> or <c>token_requests</c>: how often that has
        /// happened to the client's credential in this process.</summary>
        /// <exception cref="ArgumentException">There is no counter of that name.</exception>
        public long Counter(string name)
        {
            long count = Native.authkeep_explanation_counter(handle, Utf8.Encode(name, "name"));
            if (count < 0)
            {
                throw new ArgumentException("authkeep has no counter \"" + name + "\".", "name");
            }
            return count;
        }

        /// <summary>Gives the native explanation back.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        /// <summary>The JSON text.</summary>
        public override string ToString()
        {
            return handle.IsClosed ? "AuthKeep.Explanation, disposed" : Json;
        }
    }
}
