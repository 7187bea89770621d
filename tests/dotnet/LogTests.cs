using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using AuthKeep;

/// <summary>Who is told what happens, on which thread, and what a handler may do.</summary>
internal static class LogTests
{
    public static void what_happens_is_told_on_the_thread_that_calls()
    {
        List<LogEventArgs> told = new List<LogEventArgs>();
        int thread = Thread.CurrentThread.ManagedThreadId;
        using (Client client = new Account().Client())
        {
            client.Log += (sender, e) =>
            {
                Check.That(ReferenceEquals(sender, client), "the sender is the client");
                Check.Equal(thread, Thread.CurrentThread.ManagedThreadId);
                told.Add(e);
            };
            client.Get("/api/echo?key=hidden").Dispose();
        }
        Check.That(Has(told, LogLevel.Debug, "a token is requested"), "the token request is told");
        Check.That(Has(told, LogLevel.Info, "a token was issued"), "the token is told");
        Check.That(Has(told, LogLevel.Debug, "/api/echo: HTTP 200"), "the request is told");
        Check.Equal("Debug: " + told[0].Message, told[0].ToString());
    }

    public static void a_failure_is_a_warning()
    {
        Account account = new Account();
        account.Switch("\"fail\": {\"status\": 500}");
        List<LogEventArgs> told = new List<LogEventArgs>();
        using (Client client = account.Client())
        using (Call call = new Call(TimeSpan.FromSeconds(10)))
        {
            client.Log += (sender, e) => told.Add(e);
            AuthKeepException error = Check.Throws<AuthKeepException>(() => client.GetToken(call));
            Check.That(Has(told, LogLevel.Warning, error.Message), "it says " + error.Message);
        }
    }

    public static void each_subscriber_is_told_for_as_long_as_it_is_one()
    {
        int one = 0;
        int other = 0;
        EventHandler<LogEventArgs> first = (sender, e) => one++;
        EventHandler<LogEventArgs> second = (sender, e) => other++;
        using (Client client = new Account().Client())
        {
            client.Log -= first;
            client.Log += null;
            client.Log += first;
            client.Log += second;
            client.Reset();
            Check.Equal("1 1", one + " " + other);
            client.Log -= first;
            client.Reset();
            Check.Equal("1 2", one + " " + other);
            client.Log -= second;
            client.Reset();
            Check.Equal("1 2", one + " " + other);
            client.Log += first;
            client.Reset();
            Check.Equal("2 2", one + " " + other);
        }
    }

    public static void a_clone_tells_its_own_subscribers()
    {
        int told = 0;
        using (Client client = new Account().Client())
        using (Client clone = client.Clone())
        using (Client given = Client.FromNative(client.ToNative()))
        {
            client.Log += (sender, e) => told++;
            clone.Reset();
            given.Reset();
            Check.Equal(0, told);
            // What the others have done to the credential.
            client.GetToken().Dispose();
            Check.That(told >= 4, "it is told " + told);
        }
    }

    public static void a_handler_may_use_the_client_and_dispose_of_it()
    {
        Client client = new Account().Client();
        int depth = 0;
        int told = 0;
        client.Log += (sender, e) =>
        {
            told++;
            Check.Equal(1, ++depth);
            client.Reset();
            client.GetToken().Dispose();
            client.Explain().Dispose();
            depth--;
            if (e.Level == LogLevel.Info)
            {
                client.Dispose();
            }
        };
        client.GetToken().Dispose();
        Check.That(client.IsDisposed && told >= 2, "it is told " + told);
    }

    public static void what_a_handler_throws_is_dropped()
    {
        int told = 0;
        using (Client client = new Account().Client())
        {
            client.Log += (sender, e) => { throw new InvalidOperationException("by the handler"); };
            client.Log += (sender, e) => told++;
            client.GetToken().Dispose();
            client.Get("/api/echo").Dispose();
        }
        Check.That(told >= 3, "the other is told " + told);
    }

    public static void a_handler_is_removed_after_disposal_but_not_added()
    {
        EventHandler<LogEventArgs> handler = (sender, e) => { };
        Client client = new Account().Client();
        client.Log += handler;
        client.Dispose();
        client.Log -= handler;
        Check.Throws<ObjectDisposedException>(() => client.Log += handler);
    }

    public static void subscribing_races_with_calls_and_with_disposal()
    {
        Account account = new Account("\"token_life_ms\": 1000");
        int told = 0;
        for (int round = 0; round < 20; round++)
        {
            Client client = account.Client();
            Action[] waits = new Action[4];
            for (int i = 0; i < waits.Length; i++)
            {
                bool subscribes = i % 2 == 0;
                waits[i] = Check.InBackground(() => UntilDisposed(() =>
                {
                    EventHandler<LogEventArgs> handler = (sender, e) => Interlocked.Increment(ref told);
                    client.Log += subscribes ? handler : null;
                    client.Reset();
                    client.Log -= handler;
                }));
            }
            client.GetToken().Dispose();
            Collect();
            client.Dispose();
            foreach (Action wait in waits)
            {
                wait();
            }
        }
        Check.That(told > 0, "some were told");
    }

    public static void a_forgotten_client_is_collected_with_its_subscribers()
    {
        WeakReference forgotten = Subscribed();
        Check.Until(
            () =>
            {
                Collect();
                return !forgotten.IsAlive;
            },
            "the client is collected");
    }

    public static void a_call_tells_even_if_nobody_holds_the_client()
    {
        Account account = new Account();
        account.Switch("\"answer_delay_ms\": 100, \"once\": true");
        int told = 0;
        Action wait = Check.InBackground(() => GetOnce(account, () => Interlocked.Increment(ref told)));
        account.WaitFor("token_requests", 1);
        Collect();
        wait();
        Check.That(told >= 2, "it is told " + told);
    }

    public static void no_secret_is_told_or_explained()
    {
        Account account = new Account();
        List<string> shown = new List<string>();
        string token;
        using (Client client = account.Client())
        using (Request request = new Request("POST", "/api/echo?canary-query"))
        {
            client.Log += (sender, e) => shown.Add(e + " " + e.Message);
            request.AddHeader("X-Key", "canary-header").SetJson("{\"canary-body\": 1}");
            token = AccessToken(client);
            client.Perform(request).Dispose();
            client.Forget();
            account.Switch("\"fail\": {\"status\": 401, \"body\": \"{\\\"error\\\": \\\"invalid_client\\\", "
                + "\\\"error_description\\\": \\\"" + account.Secret + "\\\"}\"}");
            shown.Add(Check.Fails(AuthKeepStatus.InvalidCredentials, () => client.Perform(request)).ToString());
            using (Explanation explanation = client.Explain())
            {
                shown.Add(explanation + " " + explanation.Json);
            }
            shown.Add(client.ToString());
        }
        Check.That(shown.Count >= 8, "it is told " + shown.Count);
        string all = string.Join("\n", shown.ToArray());
        Check.Contains("invalid_client", all);
        foreach (string secret in new[] { account.Secret, token, "canary" })
        {
            Check.ContainsNot(secret, all);
        }
    }

    private static bool Has(List<LogEventArgs> told, LogLevel level, string part)
    {
        return told.Exists(e => e.Level == level && e.Message.IndexOf(part, StringComparison.Ordinal) >= 0);
    }

    private static void UntilDisposed(Action action)
    {
        try
        {
            while (true)
            {
                action();
            }
        }
        catch (ObjectDisposedException)
        {
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Subscribed()
    {
        WeakReference last = null;
        // On a thread whose stack is gone afterwards: Mono looks at stacks conservatively.
        Check.InBackground(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                Client client = new Account().Client();
                client.Log += (sender, e) => client.Reset();
                client.GetToken().Dispose();
                last = new WeakReference(client);
            }
        })();
        return last;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void GetOnce(Account account, Action tell)
    {
        Client client = account.Client();
        client.Log += (sender, e) => tell();
        client.GetToken().Dispose();
    }

    private static string AccessToken(Client client)
    {
        using (Token token = client.GetToken())
        {
            return token.GetAccessToken();
        }
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
