using System.Collections;
using System.Collections.Specialized;
using System.IO;
using System.Management.Automation;
using AuthKeep;
using AuthKeep.PowerShell;

internal static class NewClientTests
{
    public static void AClientIsMadeAndSendsNothingYet()
    {
        Account account = new Account();
        Client client = Session.NewClient(account);
        Check.Equal(0, account.Count("token_requests"));
        Check.Equal("Bearer", client.GetToken().Type);
    }

    public static void IdAndSecretMayBeGivenOneByOne()
    {
        Account account = new Account();
        NewAuthKeepClient made = Session.Settings(account);
        made.Credential = null;
        made.ClientId = account.Id;
        made.ClientSecret = Session.Hidden(account.Secret);
        Check.Equal("Bearer", GetToken(made).Type);
    }

    public static void WithThePasswordGrantTheCredentialIsTheUser()
    {
        Account account = new Account(
            "\"grants\": [\"password\"], \"username\": \"ada\", \"password\": \"of ada\"");
        NewAuthKeepClient made = Session.Settings(account);
        made.Grant = "password";
        made.ClientCredential = made.Credential;
        made.Credential = Session.Credential("ada", "of ada");
        Check.Equal("Bearer", GetToken(made).Type);
    }

    public static void ARefreshTokenImpliesItsGrant()
    {
        Account account = new Account(
            "\"grants\": [\"refresh_token\"], \"refresh\": \"fixed\", \"refresh_seed\": \"the seed of a cmdlet\"");
        NewAuthKeepClient made = Session.Settings(account);
        made.RefreshToken = Session.Hidden("the seed of a cmdlet");
        Check.Equal("Bearer", GetToken(made).Type);
    }

    public static void AnApiKeyImpliesItsGrant()
    {
        Account account = new Account("\"api_key\": \"the-key-of-a-cmdlet\"");
        NewAuthKeepClient made = new NewAuthKeepClient
        {
            BaseUri = Session.Uri(TestServer.Url),
            ApiKey = Session.Hidden("the-key-of-a-cmdlet")
        };
        string seen = Session.Text(Session.Request((Client)Session.Only(made), "/api/echo"));
        Check.Contains("\"client_id\":\"" + account.Id + "\"", seen);
    }

    public static void ScopesAreAskedForTogether()
    {
        NewAuthKeepClient made = Session.Settings(new Account("\"scope\": \"read write admin\""));
        made.Scope = new[] { "read", "write" };
        Check.Equal("read write", GetToken(made).Scope);
    }

    public static void SettingsAreNestedAndMayHaveWrappedValuesAndHiddenOnes()
    {
        Account account = new Account("\"require_fields\": {\"audience\": \"a \\\"shop\\\"\\n\", \"pin\": \"12\"}");
        NewAuthKeepClient made = Session.Settings(account);
        made.Setting = new Hashtable
        {
            { "client_id", "somebody else" },
            { "renew_on", new object[] { 401, new PSObject(403) } },
            { "lifetime", new PSObject(new Hashtable { { "default_s", 60L } }) },
            { "if_known", new Hashtable { { "some_new_key", null }, { "another", 1.5 }, { "third", true } } },
            {
                "token_request",
                new Hashtable
                {
                    {
                        "fields",
                        new OrderedDictionary { { "audience", "a \"shop\"\n" }, { "pin", Session.Hidden("12") } }
                    }
                }
            }
        };
        Check.Equal("Bearer", GetToken(made).Type);
    }

    public static void AnUnknownKeyNamesTheNearestAndNoValue()
    {
        NewAuthKeepClient made = Session.Settings(new Account());
        made.Setting = new Hashtable { { "client_secrte", "hidden" } };
        ErrorRecord record = Session.Failure(made, "AuthKeep.InvalidConfig", ErrorCategory.InvalidData);
        Check.Contains("client_secret", record.Exception.Message);
        Check.ContainsNot("hidden", record.Exception.Message);
    }

    public static void WhatHasNoJsonIsRefused()
    {
        Hashtable endless = new Hashtable();
        endless.Add("scope", endless);
        foreach (object value in new object[] { new object(), double.NaN, endless })
        {
            NewAuthKeepClient made = new NewAuthKeepClient { Setting = new Hashtable { { "scope", value } } };
            Session.Failure(made, "AuthKeep.InvalidArgument", ErrorCategory.InvalidArgument);
        }
    }

    public static void AProfileIsReadFromWherePowerShellIsAndParametersAddToIt()
    {
        Account account = new Account("\"scope\": \"read write\"");
        Session.InFolder(folder =>
        {
            File.WriteAllText(
                Path.Combine(folder, "profiles.json"),
                "{\"profiles\": {\"orders\": {\"base_url\": \"" + TestServer.Url + "\", \"client_id\": \"" + account.Id
                    + "\", \"token_endpoint\": \"/oauth/token\", \"client_secret\": {\"env\": \"CMDLET_SECRET\"}}}}");
            NewAuthKeepClient made = new NewAuthKeepClient { Profile = "orders", Path = "profiles.json" };
            Session.Failure(made, "AuthKeep.NotAllowed", ErrorCategory.PermissionDenied);
            System.Environment.SetEnvironmentVariable("CMDLET_SECRET", account.Secret);
            made = new NewAuthKeepClient
            {
                Profile = "orders",
                Path = "profiles.json",
                AllowReferences = true,
                Scope = new[] { "read" }
            };
            Check.Equal("read", GetToken(made).Scope);
        });
    }

    public static void TheTimeoutIsThatOfEachCall()
    {
        Account account = new Account();
        account.Switch("\"hang\": true");
        NewAuthKeepClient made = Session.Settings(account);
        made.TimeoutSec = 0.2;
        GetAuthKeepToken get = Session.Token((Client)Session.Only(made));
        Session.Failure(get, "AuthKeep.Deadline", ErrorCategory.OperationTimeout);
        account.Clear();
    }

    private static Token GetToken(NewAuthKeepClient made)
    {
        return (Token)Session.Only(Session.Token((Client)Session.Only(made)));
    }
}
