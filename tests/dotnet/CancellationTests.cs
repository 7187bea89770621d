using System;
using System.Diagnostics;
using System.Threading;
using AuthKeep;

/// <summary>What ends a call that waits, how soon, and what it leaves alone.</summary>
internal static class CancellationTests
{
    private const int SoonMs = 250;

    public static void a_cancellation_token_ends_a_blocked_request()
    {
        Account account = new Account();
        using (Client client = account.Client())
        {
            EndsSoon(account, "api_requests", token => client.Get("/api/slow/10000", cancellation: token));
            EndsSoon(
                account, "api_requests", token => client.Post("/api/slow/10000", "{}", cancellation: token));
        }
    }

    public static void a_cancellation_token_ends_a_blocked_token_request()
    {
        Account account = new Account();
        account.Switch("\"hang\": true");
        using (Client client = account.Client())
        {
            EndsSoon(account, "token_requests", token => client.GetToken(cancellation: token));
            account.Clear();
        }
    }

    public static void a_cancellation_token_ends_one_call_of_many_that_share_options()
    {
        Account account = new Account();
        using (Client client = account.Client())
        using (Call call = new Call(TimeSpan.FromSeconds(20)))
        {
            bool isOver = false;
            Action other = Check.InBackground(() =>
            {
                Check.Fails(AuthKeepStatus.Cancelled, () => client.Get("/api/slow/10000", call));
                isOver = true;
            });
            account.WaitFor("api_requests", 1);
            EndsSoon(account, "api_requests", token => client.Get("/api/slow/10000", call, token));
            Check.That(!isOver && !call.IsCancelled, "the other goes on");
            call.Cancel();
            other();
        }
    }

    public static void a_call_is_cancelled_whether_it_has_a_token_or_not()
    {
        Account account = new Account();
        using (Client client = account.Client())
        using (CancellationTokenSource unused = new CancellationTokenSource())
        using (Call call = new Call())
        {
            Action one = Check.InBackground(
                () => Check.Fails(AuthKeepStatus.Cancelled, () => client.Get("/api/slow/10000", call)));
            Action other = Check.InBackground(
                () => Check.Fails(AuthKeepStatus.Cancelled, () => client.Get("/api/slow/10000", call, unused.Token)));
            account.WaitFor("api_requests", 2);
            Stopwatch watch = Stopwatch.StartNew();
            call.Cancel();
            one();
            other();
            Check.That(watch.ElapsedMilliseconds < SoonMs, "it took " + watch.ElapsedMilliseconds + " ms");
        }
    }

    public static void a_cancelled_call_stays_cancelled()
    {
        Account account = new Account();
        using (Client client = account.Client())
        using (CancellationTokenSource unused = new CancellationTokenSource())
        using (Call call = new Call())
        {
            call.Cancel();
            Check.That(call.IsCancelled, "it says so");
            Check.Fails(AuthKeepStatus.Cancelled, () => client.GetToken(call));
            Check.Fails(AuthKeepStatus.Cancelled, () => client.GetToken(call, unused.Token));
        }
        Check.Equal(0, account.Count("token_requests"));
    }

    public static void a_token_that_was_cancelled_before_sends_nothing()
    {
        Account account = new Account();
        using (Client client = account.Client())
        using (CancellationTokenSource source = new CancellationTokenSource())
        {
            source.Cancel();
            Check.Throws<OperationCanceledException>(() => client.GetToken(cancellation: source.Token));
            Check.Throws<OperationCanceledException>(() => client.Get("/api/echo", cancellation: source.Token));
        }
        Check.Equal(0, account.Count("token_requests"));
    }

    public static void a_token_that_outlives_its_call_may_be_cancelled()
    {
        using (Client client = new Account().Client())
        using (CancellationTokenSource source = new CancellationTokenSource())
        {
            for (int i = 0; i < 100; i++)
            {
                client.GetToken(cancellation: source.Token).Dispose();
            }
            source.Cancel();
            client.GetToken().Dispose();
        }
    }

    public static void cancelling_races_with_calls_that_end()
    {
        using (Client client = new Account().Client())
        {
            for (int i = 0; i < 200; i++)
            {
                using (CancellationTokenSource source = new CancellationTokenSource())
                {
                    Action cancel = Check.InBackground(source.Cancel);
                    try
                    {
                        client.Get("/api/echo", cancellation: source.Token).Dispose();
                    }
                    catch (OperationCanceledException)
                    {
                    }
                    cancel();
                }
            }
        }
    }

    public static void a_timeout_counts_from_the_start_of_each_use()
    {
        using (Client client = new Account().Client())
        using (CancellationTokenSource unused = new CancellationTokenSource())
        using (Call call = new Call(TimeSpan.FromMilliseconds(150)))
        {
            client.GetToken().Dispose();
            foreach (CancellationToken token in new[] { CancellationToken.None, unused.Token })
            {
                Stopwatch watch = Stopwatch.StartNew();
                Check.Fails(AuthKeepStatus.Deadline, () => client.Get("/api/slow/5000", call, token));
                Check.That(
                    watch.ElapsedMilliseconds >= 149 && watch.ElapsedMilliseconds < 150 + SoonMs,
                    "it took " + watch.ElapsedMilliseconds + " ms");
            }
        }
    }

    public static void a_timeout_is_no_less_than_zero()
    {
        Check.Equal(
            "timeout", Check.Throws<ArgumentOutOfRangeException>(() => new Call(TimeSpan.FromTicks(-1))).ParamName);
        Check.Equal(
            "minValidity",
            Check.Throws<ArgumentOutOfRangeException>(() => new Call(minValidity: TimeSpan.MinValue)).ParamName);
        using (Client client = new Account().Client())
        using (Call endless = new Call(TimeSpan.MaxValue))
        {
            client.Get("/api/echo", endless).Dispose();
        }
    }

    private static void EndsSoon(Account account, string counter, Action<CancellationToken> use)
    {
        using (CancellationTokenSource source = new CancellationTokenSource())
        {
            Stopwatch watch = new Stopwatch();
            int before = account.Count(counter);
            Action cancel = Check.InBackground(() =>
            {
                account.WaitFor(counter, before + 1);
                watch.Start();
                source.Cancel();
            });
            OperationCanceledException error = Check.Throws<OperationCanceledException>(() => use(source.Token));
            long tookMs = watch.ElapsedMilliseconds;
            cancel();
            Check.That(tookMs < SoonMs, "it took " + tookMs + " ms");
            Check.Equal(source.Token, error.CancellationToken);
            Check.Equal(AuthKeepStatus.Cancelled, ((AuthKeepException)error.InnerException).Status);
        }
    }
}
