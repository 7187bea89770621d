using System.Management.Automation;

namespace AuthKeep.PowerShell
{
    /// <summary>Closes clients.</summary>
    [Cmdlet(VerbsCommon.Remove, "AuthKeepClient", SupportsShouldProcess = true)]
    public sealed class RemoveAuthKeepClient : PSCmdlet
    {
        /// <summary>The client, as New-AuthKeepClient made it.</summary>
        [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        [ValidateNotNull]
        public Client Client { get; set; }

        /// <summary>Closes the client; one that is closed stays so.</summary>
        protected override void ProcessRecord()
        {
            if (ShouldProcess(Client.ToString()))
            {
                Client.Dispose();
            }
        }
    }
}
