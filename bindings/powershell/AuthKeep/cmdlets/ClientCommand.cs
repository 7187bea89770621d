using System;
using System.Management.Automation;

namespace AuthKeep.PowerShell
{
    /// <summary>
    /// What the cmdlets that call a server share: a timeout and Ctrl+C.
    /// </summary>
    public abstract class ClientCommand : ListeningCommand, IDisposable
    {
        private readonly object gate = new object();
        private Call call;

        /// <summary>Seconds that the call may take; the client's own timeout if not given.</summary>
        [Parameter]
        [ValidateRange(0.001, 86400.0)]
        public double TimeoutSec { get; set; }

        /// <summary>For how long a token must still be valid, or null for not at all.</summary>
        protected virtual TimeSpan? MinValidity
        {
            get { return null; }
        }

        /// <summary>Does the cmdlet's work with the current client.</summary>
        protected abstract void Use(Client client, Call options);

        /// <summary>Makes the call that Ctrl+C cancels.</summary>
        protected sealed override void BeginProcessing()
        {
            TimeSpan? timeout = TimeoutSec > 0 ? TimeSpan.FromSeconds(TimeoutSec) : (TimeSpan?)null;
            lock (gate)
            {
                call = new Call(timeout, MinValidity);
                // Ctrl+C may have come before there was a call.
                if (Stopping)
                {
                    call.Cancel();
                }
            }
        }

        /// <summary>What Ctrl+C has ended is no failure.</summary>
        protected sealed override void Use(Client client)
        {
            try
            {
                Use(client, call);
            }
            catch (AuthKeepException exception)
            {
                if (exception.Status == AuthKeepStatus.Cancelled && call.IsCancelled)
                {
                    throw new PipelineStoppedException();
                }
                throw;
            }
        }

        /// <summary>Ctrl+C, on a thread of PowerShell's.</summary>
        protected sealed override void StopProcessing()
        {
            lock (gate)
            {
                if (call != null)
                {
                    call.Cancel();
                }
            }
        }

        /// <summary>Called by PowerShell when the cmdlet has ended.</summary>
        public void Dispose()
        {
            lock (gate)
            {
                if (call != null)
                {
                    call.Dispose();
                    call = null;
                }
            }
        }

        /// <summary>The value in what PowerShell may have wrapped it in.</summary>
        internal static object Unwrap(object value)
        {
            PSObject wrapped = value as PSObject;
            return wrapped == null ? value : wrapped.BaseObject;
        }
    }
}
