using System;
using System.IO;
using System.Management.Automation;
using System.Security;
using AuthKeep;
using AuthKeep.PowerShell;

/// <summary>Cmdlets as a script calls them, and what it has at hand.</summary>
internal static class Session
{
    internal static Client NewClient(Account account)
    {
        return (Client)Only(Settings(account));
    }

    /// <summary>New-AuthKeepClient with the account's addresses and credential.</summary>
    internal static NewAuthKeepClient Settings(Account account)
    {
        return new NewAuthKeepClient
        {
            BaseUri = Uri(TestServer.Url),
            TokenEndpoint = Uri("/oauth/token"),
            Credential = Credential(account.Id, account.Secret)
        };
    }

    internal static GetAuthKeepToken Token(Client client)
    {
        return new GetAuthKeepToken { Client = client };
    }

    internal static InvokeAuthKeepRequest Request(Client client, string target)
    {
        return new InvokeAuthKeepRequest { Client = client, Uri = Uri(target) };
    }

    /// <summary>As PowerShell makes them of a text.</summary>
    internal static Uri Uri(string text)
    {
        return new Uri(text, UriKind.RelativeOrAbsolute);
    }

    internal static PSCredential Credential(string name, string secret)
    {
        return new PSCredential(name, Hidden(secret));
    }

    internal static SecureString Hidden(string text)
    {
        SecureString secret = new SecureString();
        foreach (char character in text)
        {
            secret.AppendChar(character);
        }
        return secret;
    }

    /// <summary>The one object that a cmdlet puts out.</summary>
    internal static object Only(Cmdlet cmdlet)
    {
        object[] output = cmdlet.Run();
        Check.Equal(1, output.Length);
        return output[0];
    }

    /// <summary>The answer as text: the host here parses no JSON.</summary>
    internal static string Text(InvokeAuthKeepRequest request)
    {
        return Only(request).ToString();
    }

    internal static ErrorRecord Failure(Cmdlet cmdlet)
    {
        return Check.Throws<StatementTerminated>(() => cmdlet.Run()).Record;
    }

    internal static ErrorRecord Failure(Cmdlet cmdlet, string id, ErrorCategory category)
    {
        ErrorRecord record = Failure(cmdlet);
        Check.Equal(id, record.Id);
        Check.Equal(category, record.Category);
        return record;
    }

    /// <summary>Runs an action with a folder of its own, which is PowerShell's location meanwhile.</summary>
    internal static void InFolder(Action<string> action)
    {
        string folder = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString());
        Directory.CreateDirectory(folder);
        PSCmdlet.Location = folder;
        try
        {
            action(folder);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }
}
