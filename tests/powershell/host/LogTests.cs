using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using AuthKeep;
using AuthKeep.PowerShell;

/// <summary>What cmdlets write to the verbose and the debug stream.</summary>
internal static class LogTests
{
    public static void WhatHappensIsVerboseAndEachRequestADetail()
    {
        InvokeAuthKeepRequest get = Session.Request(Session.NewClient(new Account()), "/api/echo");
        Session.Only(get);
        Check.Equal(2, get.Told.Count);
        Check.Contains("a token was issued", get.Told[0]);
        string details = string.Join("\n", get.Details);
        Check.Contains("a token is requested", details);
        Check.Contains("/api/echo: HTTP 200", details);
        Check.Equal(0, get.Warnings.Count);
    }

    public static void ACmdletTellsWhatHappensWhileItRuns()
    {
        Client client = Session.NewClient(new Account());
        Session.Only(Session.Token(client));
        GetAuthKeepToken again = Session.Token(client);
        Session.Only(again);
        Check.Equal(0, again.Told.Count + again.Details.Count);
    }

    public static void AFailureIsToldBeforeTheErrorAndIsNoWarning()
    {
        Account account = new Account();
        account.Switch("\"fail\": {\"status\": 401, \"body\": \"{\\\"error\\\": \\\"invalid_client\\\"}\"}");
        GetAuthKeepToken get = Session.Token(Session.NewClient(account));
        ErrorRecord record = Session.Failure(get);
        Check.Equal("AuthKeep.InvalidCredentials", record.Id);
        Check.Contains(record.Exception.Message, get.Told.Single());
        Check.Equal(0, get.Warnings.Count);
    }

    public static void CmdletsOfSeveralRunspacesTellOfTheirOwnRequests()
    {
        Client client = Session.NewClient(new Account());
        System.Action[] waits = new System.Action[4];
        for (int i = 0; i < waits.Length; i++)
        {
            string target = "/api/echo/" + i;
            waits[i] = Check.InBackground(() =>
            {
                InvokeAuthKeepRequest get = Session.Request(client, target);
                Session.Only(get);
                string sent = get.Details.Single(detail => detail.Contains("/api/echo"));
                Check.Contains(target + ": HTTP 200", sent);
            });
        }
        foreach (System.Action wait in waits)
        {
            wait();
        }
    }

    public static void NoSecretIsWritten()
    {
        Account account = new Account();
        Client client = Session.NewClient(account);
        GetAuthKeepToken plain = Session.Token(client);
        plain.AsPlainText = true;
        string token = (string)Session.Only(plain);
        InvokeAuthKeepRequest post = Session.Request(client, "/api/status/200?canary-query");
        post.Method = "POST";
        post.Body = "{\"canary\": \"body\"}";
        post.Headers = new Hashtable { { "X-Key", "canary-header" } };
        Session.Only(post);
        ClearAuthKeepToken clear = new ClearAuthKeepToken { Client = client };
        clear.Run();
        account.Switch("\"fail\": {\"status\": 401, \"body\": \"{\\\"error\\\": \\\"invalid_client\\\", "
            + "\\\"error_description\\\": \\\"" + account.Secret + "\\\"}\"}");
        GetAuthKeepToken refused = Session.Token(client);
        List<string> shown = new List<string> { Session.Failure(refused).Exception.ToString() };
        GetAuthKeepExplanation explain = new GetAuthKeepExplanation { Client = client };
        shown.Add(Session.Only(explain).ToString());
        foreach (Cmdlet cmdlet in new Cmdlet[] { plain, post, clear, refused, explain })
        {
            shown.AddRange(cmdlet.Told.Concat(cmdlet.Details).Concat(cmdlet.Warnings).Concat(cmdlet.Asked));
        }
        Check.That(shown.Count > 9, "it is written " + shown.Count);
        string all = string.Join("\n", shown) + client;
        Check.Contains("invalid_client", all);
        foreach (string secret in new[] { account.Secret, token, "canary" })
        {
            Check.ContainsNot(secret, all);
        }
    }
}
