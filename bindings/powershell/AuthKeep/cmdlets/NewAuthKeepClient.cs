using System;
using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Security;

namespace AuthKeep.PowerShell
{
    /// <summary>Makes a client of a profile, of settings, or of a profile that settings add to.</summary>
    [Cmdlet(VerbsCommon.New, "AuthKeepClient", DefaultParameterSetName = "Settings")]
    [OutputType(typeof(Client))]
    public sealed class NewAuthKeepClient : PSCmdlet
    {
        /// <summary>The profile.</summary>
        [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Profile")]
        [ValidateNotNullOrEmpty]
        public string Profile { get; set; }

        /// <summary>The file that has the profile; the user's own if not given.</summary>
        [Parameter(ParameterSetName = "Profile")]
        [ValidateNotNullOrEmpty]
        public string Path { get; set; }

        /// <summary>Permits secrets in that file to refer to variables, files and commands.</summary>
        [Parameter(ParameterSetName = "Profile")]
        public SwitchParameter AllowReferences { get; set; }

        /// <summary>The system, by a name of Get-AuthKeepProvider or as the path of a provider file.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string Provider { get; set; }

        /// <summary>One of the provider's environments, such as "sandbox".</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string Environment { get; set; }

        /// <summary>What relative targets are appended to.</summary>
        [Parameter]
        [ValidateNotNull]
        public Uri BaseUri { get; set; }

        /// <summary>Where tokens are requested: a URL, or a path on the origin of the base URL.</summary>
        [Parameter]
        [ValidateNotNull]
        public Uri TokenEndpoint { get; set; }

        /// <summary>How a token is obtained.</summary>
        [Parameter]
        [ValidateSet("client_credentials", "password", "refresh_token", "api_key")]
        public string Grant { get; set; }

        /// <summary>The client identifier.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string ClientId { get; set; }

        /// <summary>The client secret.</summary>
        [Parameter]
        [ValidateNotNull]
        public SecureString ClientSecret { get; set; }

        /// <summary>Client identifier and secret in one.</summary>
        [Parameter]
        [ValidateNotNull]
        [Credential]
        public PSCredential ClientCredential { get; set; }

        /// <summary>The user, where the grant or the provider has one; else the client itself.</summary>
        [Parameter]
        [ValidateNotNull]
        [Credential]
        public PSCredential Credential { get; set; }

        /// <summary>The refresh token to start from.</summary>
        [Parameter]
        [ValidateNotNull]
        public SecureString RefreshToken { get; set; }

        /// <summary>The static key of the API.</summary>
        [Parameter]
        [ValidateNotNull]
        public SecureString ApiKey { get; set; }

        /// <summary>The scopes to ask for.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string[] Scope { get; set; }

        /// <summary>Seconds that a call may take that doesn't say itself.</summary>
        [Parameter]
        [ValidateRange(0.001, 86400.0)]
        public double TimeoutSec { get; set; }

        /// <summary>Any further settings; nested ones are hashtables.</summary>
        [Parameter]
        [ValidateNotNull]
        public IDictionary Setting { get; set; }

        /// <summary>Makes the client, and sends nothing.</summary>
        protected override void EndProcessing()
        {
            try
            {
                using (Config config = new Config())
                {
                    Fill(config);
                    WriteObject(new Client(config));
                }
            }
            catch (AuthKeepException exception)
            {
                ThrowTerminatingError(Failure.Record(exception, Profile));
            }
            catch (ArgumentException exception)
            {
                ThrowTerminatingError(Failure.InvalidArgument(exception, Profile));
            }
        }

        /// <summary>The profile first, then -Setting, then what has a parameter of its own.</summary>
        private void Fill(Config config)
        {
            if (Profile != null)
            {
                string path = Path == null ? null : GetUnresolvedProviderPathFromPSPath(Path);
                config.LoadProfile(Profile, path, AllowReferences);
            }
            if (Setting != null)
            {
                config.MergeJson(Json.Write(Setting, ClientCommand.Unwrap));
            }
            Set(config, "provider", ProviderNameOrPath());
            Set(config, "environment", Environment);
            Set(config, "base_url", BaseUri);
            Set(config, "token_endpoint", TokenEndpoint);
            Set(config, "grant", Grant ?? ImpliedGrant());
            SetCredentials(config);
            Set(config, "scope", Scope == null ? null : string.Join(" ", Scope));
            if (TimeoutSec > 0)
            {
                string milliseconds = Math.Ceiling(TimeoutSec * 1000).ToString(CultureInfo.InvariantCulture);
                config.Set("timeouts.total_ms", milliseconds);
            }
        }

        private string ImpliedGrant()
        {
            if (ApiKey != null)
            {
                return "api_key";
            }
            return RefreshToken == null ? null : "refresh_token";
        }

        /// <summary>What the library takes for a path is made one from PowerShell's location, which isn't
        /// that of the process.</summary>
        private string ProviderNameOrPath()
        {
            bool isPath = Provider != null
                && (Provider.IndexOfAny(new[] { '/', '\\' }) >= 0
                    || Provider.EndsWith(".json", StringComparison.Ordinal));
            return isPath ? GetUnresolvedProviderPathFromPSPath(Provider) : Provider;
        }

        /// <summary>Whether a credential is a user: the grant says so, or the provider needs one with any.</summary>
        private bool IsUser()
        {
            if (Grant != null || Provider == null)
            {
                return Grant == "password";
            }
            foreach (AuthKeep.Provider known in AuthKeep.Provider.All)
            {
                foreach (Need need in known.Needs)
                {
                    if (known.Name == Provider && need.Key == "username" && need.Grant == null)
                    {
                        return true;
                    }
                }
            }
            return false;
        }

        private void SetCredentials(Config config)
        {
            bool isUser = IsUser();
            PSCredential client = ClientCredential ?? (isUser ? null : Credential);
            PSCredential user = isUser || ClientCredential != null ? Credential : null;
            if (client != null)
            {
                Set(config, "client_id", client.UserName);
                Set(config, "client_secret", client.Password);
            }
            if (user != null)
            {
                Set(config, "username", user.UserName);
                Set(config, "password", user.Password);
            }
            Set(config, "client_id", ClientId);
            Set(config, "client_secret", ClientSecret);
            Set(config, "refresh_token", RefreshToken);
            Set(config, "api_key", ApiKey);
        }

        private static void Set(Config config, string key, string value)
        {
            if (value != null)
            {
                config.Set(key, value);
            }
        }

        private static void Set(Config config, string key, Uri value)
        {
            Set(config, key, value == null ? null : value.OriginalString);
        }

        private static void Set(Config config, string key, SecureString value)
        {
            Set(config, key, value == null ? null : Secret.Reveal(value));
        }
    }
}
