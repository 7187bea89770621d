using System.Management.Automation;

namespace AuthKeep.PowerShell
{
    /// <summary>Forgets past failures, so that the next call tries at once.</summary>
    [Cmdlet(VerbsCommon.Reset, "AuthKeepClient", SupportsShouldProcess = true)]
    public sealed class ResetAuthKeepClient : ListeningCommand
    {
        /// <summary>Keeps a valid token, and sends nothing.</summary>
        protected override void Use(Client client)
        {
            if (ShouldProcess(Client.ToString()))
            {
                client.Reset();
            }
        }
    }
}
