using System;
using System.Management.Automation;
using AuthKeep;
using AuthKeep.PowerShell;

/// <summary>Cmdlets that hang, ended by Ctrl+C and by -TimeoutSec.</summary>
internal static class Wait
{
    private static void Main(string[] arguments)
    {
        Callers.Run(arguments, new Func<Client, bool, Caller>[] { ByCtrlC }, ByDeadline);
    }

    private static Caller ByCtrlC(Client client, bool getsToken)
    {
        ClientCommand cmdlet = Command(client, getsToken);
        return new Caller
        {
            How = "ctrl-c",
            Use = () => Check.Throws<PipelineStoppedException>(() => cmdlet.Run()),
            Interrupt = cmdlet.Stop
        };
    }

    private static Caller ByDeadline(Client client, bool getsToken, TimeSpan timeout)
    {
        ClientCommand cmdlet = Command(client, getsToken);
        cmdlet.TimeoutSec = timeout.TotalSeconds;
        return new Caller
        {
            How = "deadline",
            Timeout = timeout,
            Use = () =>
            {
                StatementTerminated end = Check.Throws<StatementTerminated>(() => cmdlet.Run());
                Check.Equal("AuthKeep.Deadline", end.Record.Id);
            }
        };
    }

    private static ClientCommand Command(Client client, bool getsToken)
    {
        if (getsToken)
        {
            return new GetAuthKeepToken { Client = client };
        }
        return new InvokeAuthKeepRequest { Client = client, Uri = new Uri("/", UriKind.Relative) };
    }
}
