using System;
using System.Threading;
using AuthKeep;

/// <summary>Calls that hang, ended by a call, by a cancellation token and by a deadline.</summary>
internal static class Wait
{
    private static void Main(string[] arguments)
    {
        Callers.Run(arguments, new Func<Client, bool, Caller>[] { ByCall, ByToken }, ByDeadline);
    }

    private static Caller ByCall(Client client, bool getsToken)
    {
        Call call = new Call();
        return new Caller
        {
            How = "cancel",
            Use = () => Check.Fails(AuthKeepStatus.Cancelled, () => Use(client, getsToken, call)),
            Interrupt = call.Cancel
        };
    }

    private static Caller ByToken(Client client, bool getsToken)
    {
        CancellationTokenSource source = new CancellationTokenSource();
        return new Caller
        {
            How = "token",
            Use = () => Check.Throws<OperationCanceledException>(
                () => Use(client, getsToken, null, source.Token)),
            Interrupt = source.Cancel
        };
    }

    private static Caller ByDeadline(Client client, bool getsToken, TimeSpan timeout)
    {
        Call call = new Call(timeout);
        return new Caller
        {
            How = "deadline",
            Timeout = timeout,
            Use = () => Check.Fails(AuthKeepStatus.Deadline, () => Use(client, getsToken, call))
        };
    }

    private static void Use(
        Client client, bool getsToken, Call call, CancellationToken cancellation = default(CancellationToken))
    {
        using (getsToken ? (IDisposable)client.GetToken(call, cancellation) : client.Get("/", call, cancellation))
        {
        }
    }
}
