using System;
using System.Management.Automation;

namespace AuthKeep.PowerShell
{
    /// <summary>Lists the systems that the library knows by name.</summary>
    [Cmdlet(VerbsCommon.Get, "AuthKeepProvider")]
    [OutputType(typeof(Provider))]
    public sealed class GetAuthKeepProvider : PSCmdlet
    {
        /// <summary>Names or wildcards; all if not given.</summary>
        [Parameter(Position = 0, ValueFromPipeline = true)]
        [ValidateNotNullOrEmpty]
        [SupportsWildcards]
        public string[] Name { get; set; }

        /// <summary>Writes those of each name, and an error for a name that nothing has.</summary>
        protected override void ProcessRecord()
        {
            foreach (string name in Name ?? new[] { "*" })
            {
                if (!WriteMatching(name) && !WildcardPattern.ContainsWildcardCharacters(name))
                {
                    WriteError(Missing(name));
                }
            }
        }

        private bool WriteMatching(string name)
        {
            WildcardPattern pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
            bool isKnown = false;
            foreach (Provider provider in Provider.All)
            {
                if (pattern.IsMatch(provider.Name))
                {
                    isKnown = true;
                    WriteObject(provider);
                }
            }
            return isKnown;
        }

        private static ErrorRecord Missing(string name)
        {
            ArgumentException exception = new ArgumentException(
                "authkeep knows no provider \"" + name + "\"; Get-AuthKeepProvider lists those that it knows");
            return new ErrorRecord(exception, "AuthKeep.UnknownProvider", ErrorCategory.ObjectNotFound, name);
        }
    }
}
