using System.Diagnostics;
using System.Management.Automation;
using System.Net;
using System.Security;
using AuthKeep;
using AuthKeep.PowerShell;

internal static class TokenTests
{
    public static void TheSecretIsPutOutOnDemandOnly()
    {
        Client client = Session.NewClient(new Account());
        string secret = ((Token)Session.Only(Session.Token(client))).GetAccessToken();
        GetAuthKeepToken plain = Session.Token(client);
        plain.AsPlainText = true;
        Check.Equal(secret, (string)Session.Only(plain));
        GetAuthKeepToken secure = Session.Token(client);
        secure.AsSecureString = true;
        SecureString hidden = (SecureString)Session.Only(secure);
        Check.Equal(secret, new NetworkCredential("", hidden).Password);
    }

    public static void ALifeThatNoTokenHasIsWarnedOf()
    {
        Client client = Session.NewClient(new Account("\"token_life_ms\": 600000"));
        GetAuthKeepToken get = Session.Token(client);
        get.MinValiditySec = 60;
        Session.Only(get);
        Check.Equal(0, get.Warnings.Count);
        get = Session.Token(client);
        get.MinValiditySec = 900;
        Session.Only(get);
        Check.Contains("00:15:00", get.Warnings[0]);
    }

    public static void ARefusedSecretIsAnAuthenticationError()
    {
        Account account = new Account();
        NewAuthKeepClient made = Session.Settings(account);
        made.Credential = Session.Credential(account.Id, "wrong");
        Client client = (Client)Session.Only(made);
        ErrorRecord record = Session.Failure(
            Session.Token(client), "AuthKeep.InvalidCredentials", ErrorCategory.AuthenticationError);
        Check.Equal("invalid_client", ((AuthKeepException)record.Exception).OAuthError);
    }

    public static void StopEndsTheWait()
    {
        Account account = new Account();
        account.Switch("\"hang\": true");
        GetAuthKeepToken get = Session.Token(Session.NewClient(account));
        System.Action join = Check.InBackground(() => Check.Throws<PipelineStoppedException>(() => get.Run()));
        account.WaitFor("token_requests", 1);
        Stopwatch watch = Stopwatch.StartNew();
        get.Stop();
        join();
        Check.That(watch.ElapsedMilliseconds < 1000, "it ended soon");
        account.Clear();
        get.Stop();
    }

    public static void ARemovedClientIsClosed()
    {
        Client client = Session.NewClient(new Account());
        RemoveAuthKeepClient remove = new RemoveAuthKeepClient { Client = client, WhatIf = true };
        remove.Run();
        Check.That(!client.IsDisposed, "-WhatIf leaves it open");
        new RemoveAuthKeepClient { Client = client }.Run();
        new RemoveAuthKeepClient { Client = client }.Run();
        Session.Failure(Session.Token(client), "AuthKeep.Closed", ErrorCategory.InvalidOperation);
    }
}
