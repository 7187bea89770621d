using System;
using System.Management.Automation;
using System.Security;

namespace AuthKeep.PowerShell
{
    /// <summary>Gets a valid access token: without the secret, unless that is asked for.</summary>
    [Cmdlet(VerbsCommon.Get, "AuthKeepToken", DefaultParameterSetName = "Token")]
    [OutputType(typeof(Token), ParameterSetName = new[] { "Token" })]
    [OutputType(typeof(string), ParameterSetName = new[] { "PlainText" })]
    [OutputType(typeof(SecureString), ParameterSetName = new[] { "SecureString" })]
    public sealed class GetAuthKeepToken : ClientCommand
    {
        /// <summary>Seconds for which the token must still be valid.</summary>
        [Parameter]
        [ValidateRange(0.0, 315360000.0)]
        public double MinValiditySec { get; set; }

        /// <summary>Gives the access token itself, as a string.</summary>
        [Parameter(Mandatory = true, ParameterSetName = "PlainText")]
        public SwitchParameter AsPlainText { get; set; }

        /// <summary>Gives the access token itself, as a SecureString.</summary>
        [Parameter(Mandatory = true, ParameterSetName = "SecureString")]
        public SwitchParameter AsSecureString { get; set; }

        /// <summary>As the parameter says.</summary>
        protected override TimeSpan? MinValidity
        {
            get { return MinValiditySec > 0 ? TimeSpan.FromSeconds(MinValiditySec) : (TimeSpan?)null; }
        }

        /// <summary>Writes the token, or the secret in it.</summary>
        protected override void Use(Client client, Call options)
        {
            Token token = client.GetToken(options);
            WriteLog();
            if (!token.MinValidityMet)
            {
                WriteWarning(token + ": the server gives no token that is valid for "
                    + TimeSpan.FromSeconds(MinValiditySec) + " more");
            }
            if (AsPlainText)
            {
                WriteObject(Take(token));
            }
            else if (AsSecureString)
            {
                WriteObject(Secret.Hide(Take(token)));
            }
            else
            {
                WriteObject(token);
            }
        }

        private static string Take(Token token)
        {
            using (token)
            {
                return token.GetAccessToken();
            }
        }
    }
}
