using System.Linq;
using System.Management.Automation;
using AuthKeep;
using AuthKeep.PowerShell;

/// <summary>What is done with a client beside calls: explained, reset, cleared, closed.</summary>
internal static class ClientTests
{
    public static void AnExplanationSendsNothing()
    {
        Account account = new Account();
        GetAuthKeepExplanation explain = new GetAuthKeepExplanation { Client = Session.NewClient(account) };
        Check.Contains("\"a_call_would\":\"request\"", Session.Only(explain).ToString());
        Check.Equal(0, account.Count("token_requests"));
        Check.Equal(0, explain.Told.Count + explain.Details.Count);
    }

    public static void AClearedTokenIsReplacedByTheNextCall()
    {
        Account account = new Account();
        Client client = Session.NewClient(account);
        Session.Only(Session.Token(client));
        ClearAuthKeepToken clear = new ClearAuthKeepToken { Client = client, WhatIf = true };
        Check.Equal(0, clear.Run().Length);
        Check.Equal("ClearAuthKeepToken AuthKeep.Client", clear.Asked.Single());
        Session.Only(Session.Token(client));
        Check.Equal(1, account.Count("token_requests"));
        clear = new ClearAuthKeepToken { Client = client };
        Check.Equal(0, clear.Run().Length);
        Check.Contains("forgotten", clear.Told.Single());
        Check.Equal(1, account.Count("token_requests"));
        Session.Only(Session.Token(client));
        Check.Equal(2, account.Count("token_requests"));
    }

    public static void AClientThatWasResetTriesAtOnce()
    {
        Account account = new Account();
        account.Switch("\"once\": true, \"fail\": {\"status\": 401, \"body\": \"{\\\"error\\\": \\\"invalid_client\\\"}\"}");
        Client client = Session.NewClient(account);
        Session.Failure(Session.Token(client));
        ResetAuthKeepClient reset = new ResetAuthKeepClient { Client = client, WhatIf = true };
        reset.Run();
        Check.Equal("ResetAuthKeepClient AuthKeep.Client", reset.Asked.Single());
        Session.Failure(Session.Token(client));
        Check.Equal(1, account.Count("token_requests"));
        reset = new ResetAuthKeepClient { Client = client };
        Check.Equal(0, reset.Run().Length);
        Check.Contains("reset", reset.Told.Single());
        Check.Equal("Bearer", ((Token)Session.Only(Session.Token(client))).Type);
    }

    public static void WhatIsClosedIsNeitherExplainedNorResetNorCleared()
    {
        Client client = Session.NewClient(new Account());
        new RemoveAuthKeepClient { Client = client }.Run();
        foreach (Cmdlet cmdlet in new Cmdlet[]
        {
            new GetAuthKeepExplanation { Client = client },
            new ResetAuthKeepClient { Client = client },
            new ClearAuthKeepToken { Client = client }
        })
        {
            Session.Failure(cmdlet, "AuthKeep.Closed", ErrorCategory.InvalidOperation);
        }
    }
}
