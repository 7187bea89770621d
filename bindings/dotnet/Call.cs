using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace AuthKeep
{
    /// <summary>
    /// Options of one call, and its cancellation. May serve several calls, one after another or
    /// at once, and be cancelled from any thread.
    /// </summary>
    public sealed class Call : IDisposable
    {
        private readonly CallHandle handle;
        private readonly TimeSpan? timeout;
        private readonly TimeSpan? minValidity;
        // Tells the calls that have a cancellation token too, and so a native call of their own.
        private readonly CancellationTokenSource cancelled = new CancellationTokenSource();

        /// <summary>Options for the calls that get this.</summary>
        /// <param name="timeout">How long each may take from its start; null for the client's own timeout.</param>
        /// <param name="minValidity">For how long a token must still be valid; null for not at all. Where
        /// the server gives none that lives so long, the newest is returned; see
        /// <see cref="Token.MinValidityMet"/>.</param>
        /// <exception cref="ArgumentOutOfRangeException">One of them is negative.</exception>
        public Call(TimeSpan? timeout = null, TimeSpan? minValidity = null)
        {
            this.timeout = timeout;
            this.minValidity = minValidity;
            Library.Load();
            handle = NewHandle();
        }

        /// <summary>How long each call may take, or null for the client's own timeout.</summary>
        public TimeSpan? Timeout
        {
            get { return timeout; }
        }

        /// <summary>For how long a token must still be valid, or null for not at all.</summary>
        public TimeSpan? MinValidity
        {
            get { return minValidity; }
        }

        /// <summary>Whether <see cref="Cancel"/> was called.</summary>
        public bool IsCancelled
        {
            get { return cancelled.IsCancellationRequested; }
        }

        /// <summary>A call with these options.</summary>
        internal CallHandle Handle
        {
            get { return handle; }
        }

        /// <summary>Ends each call that uses this within 250 ms, and each later one at once, with an
        /// <see cref="AuthKeepException"/> of status <see cref="AuthKeepStatus.Cancelled"/>. Never blocks;
        /// any thread. A token request under way goes on for other callers.</summary>
        public void Cancel()
        {
            Native.authkeep_call_cancel(handle);
            cancelled.Cancel();
        }

        /// <summary>Gives the native call back. Calls that are under way go on.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        /// <summary>A native call with the same options for one call alone, which ends with this too
        /// for as long as <paramref name="registration"/> isn't disposed of.</summary>
        internal CallHandle NewLinkedHandle(out CancellationTokenRegistration registration)
        {
            if (handle.IsClosed)
            {
                throw new ObjectDisposedException(GetType().FullName);
            }
            CallHandle linked = NewHandle();
            registration = cancelled.Token.Register(CancelHandle, linked);
            return linked;
        }

        /// <summary>Cancels a <see cref="CallHandle"/>, as a callback.</summary>
        internal static void CancelHandle(object call)
        {
            Native.authkeep_call_cancel((CallHandle)call);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private CallHandle NewHandle()
        {
            CallHandle made = CallHandle.New();
            IntPtr error;
            if (timeout != null)
            {
                long milliseconds = Duration.ToMilliseconds(timeout.Value, "timeout");
                AuthKeepException.ThrowIfFailed(
                    Native.authkeep_call_set_timeout_ms(made, milliseconds, out error), error);
            }
            if (minValidity != null)
            {
                long milliseconds = Duration.ToMilliseconds(minValidity.Value, "minValidity");
                AuthKeepException.ThrowIfFailed(
                    Native.authkeep_call_set_min_validity_ms(made, milliseconds, out error), error);
            }
            return made;
        }
    }
}
