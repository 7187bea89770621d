using System.Management.Automation;

namespace AuthKeep.PowerShell
{
    /// <summary>Explains what a call for a token would get now, and why.</summary>
    [Cmdlet(VerbsCommon.Get, "AuthKeepExplanation")]
    [OutputType(typeof(PSObject))]
    public sealed class GetAuthKeepExplanation : ListeningCommand
    {
        /// <summary>Writes one object, and sends nothing.</summary>
        protected override void Use(Client client)
        {
            using (Explanation explanation = client.Explain())
            {
                WriteObject(PowerShellJson.Read(InvokeCommand, explanation.Json));
            }
        }
    }
}
