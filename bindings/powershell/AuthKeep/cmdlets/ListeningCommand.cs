using System;
using System.Collections.Generic;
using System.Management.Automation;

namespace AuthKeep.PowerShell
{
    /// <summary>
    /// What the cmdlets that use a client share: the client, errors, and what the client's log tells
    /// meanwhile. That goes to the verbose stream, and to the debug stream in detail.
    /// </summary>
    /// <remarks>
    /// Warnings of the log are no warnings here: a cmdlet that fails says why itself, and one that
    /// succeeds although a renewal failed has nothing to warn of.
    /// </remarks>
    public abstract class ListeningCommand : PSCmdlet
    {
        private readonly Queue<LogEventArgs> told = new Queue<LogEventArgs>();

        /// <summary>The client, as New-AuthKeepClient made it.</summary>
        [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        [ValidateNotNull]
        public Client Client { get; set; }

        /// <summary>Does the cmdlet's work with the current client, or one on the same tokens.</summary>
        protected abstract void Use(Client client);

        /// <summary>Every failure ends the statement, as it does with Invoke-RestMethod.</summary>
        protected sealed override void ProcessRecord()
        {
            try
            {
                // It has a log of its own: other runspaces may use the client meanwhile.
                using (Client clone = Client.Clone())
                {
                    clone.Log += (sender, e) => told.Enqueue(e);
                    Use(clone);
                }
                WriteLog();
            }
            catch (AuthKeepException exception)
            {
                Fail(Failure.Record(exception, Client));
            }
            catch (ObjectDisposedException exception)
            {
                Fail(Failure.Closed(exception, Client));
            }
            catch (ArgumentException exception)
            {
                Fail(Failure.InvalidArgument(exception, Client));
            }
        }

        /// <summary>Writes what was told since the last time. A stream may end the pipeline, so this isn't
        /// done by who is told, in the middle of a native call.</summary>
        protected void WriteLog()
        {
            while (told.Count > 0)
            {
                LogEventArgs message = told.Dequeue();
                if (message.Level == LogLevel.Debug)
                {
                    WriteDebug(message.Message);
                }
                else
                {
                    WriteVerbose(message.Message);
                }
            }
        }

        private void Fail(ErrorRecord record)
        {
            WriteLog();
            ThrowTerminatingError(record);
        }
    }
}
