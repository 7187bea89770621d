using System;
using System.Threading;

namespace AuthKeep
{
    /// <summary>
    /// The native call of one function that may wait, with a cancellation token tied to it for as
    /// long as the function takes. With a token it is one of its own: the token ends this function
    /// and no other that shares the caller's <see cref="Call"/>.
    /// </summary>
    internal struct CallScope : IDisposable
    {
        private readonly CallHandle handle;
        private readonly bool isOwn;
        private readonly CancellationToken cancellation;
        private readonly CancellationTokenRegistration byCall;
        private readonly CancellationTokenRegistration byToken;

        internal CallScope(Call call, CancellationToken cancellation)
        {
            this.cancellation = cancellation;
            byCall = byToken = default(CancellationTokenRegistration);
            isOwn = cancellation.CanBeCanceled;
            if (isOwn)
            {
                cancellation.ThrowIfCancellationRequested();
                handle = call == null ? CallHandle.New() : call.NewLinkedHandle(out byCall);
                byToken = cancellation.Register(Call.CancelHandle, handle);
            }
            else
            {
                handle = call == null ? CallHandle.None : call.Handle;
            }
        }

        internal CallHandle Handle
        {
            get { return handle; }
        }

        /// <summary>Throws what the function failed with, if it did.</summary>
        internal void ThrowIfFailed(int status, IntPtr error)
        {
            if (status == (int)AuthKeepStatus.Ok)
            {
                return;
            }
            AuthKeepException failure = AuthKeepException.From(status, error);
            if (failure.Status == AuthKeepStatus.Cancelled && cancellation.IsCancellationRequested)
            {
                throw new OperationCanceledException(failure.Message, failure, cancellation);
            }
            throw failure;
        }

        public void Dispose()
        {
            // Each waits for its callback, which uses the handle.
            byToken.Dispose();
            byCall.Dispose();
            if (isOwn)
            {
                handle.Dispose();
            }
        }
    }
}
