using System.Management.Automation;

namespace AuthKeep.PowerShell
{
    /// <summary>Drops the tokens that were issued, so that the next call begins anew.</summary>
    [Cmdlet(VerbsCommon.Clear, "AuthKeepToken", SupportsShouldProcess = true)]
    public sealed class ClearAuthKeepToken : ListeningCommand
    {
        /// <summary>Sends nothing.</summary>
        protected override void Use(Client client)
        {
            if (ShouldProcess(Client.ToString()))
            {
                client.Forget();
            }
        }
    }
}
