using System;
using System.Threading;
using AuthKeep;

/// <summary>Who frees what, and what is safe meanwhile.</summary>
internal static class DisposeTests
{
    public static void disposing_a_client_lets_calls_of_other_threads_end()
    {
        Account account = new Account();
        Client client = account.Client();
        int status = 0;
        Action wait = Check.InBackground(() =>
        {
            using (Response response = client.Get("/api/slow/200"))
            {
                status = response.Status;
            }
        });
        account.WaitFor("api_requests", 1);
        client.Dispose();
        client.Dispose();
        Check.Equal(0, Volatile.Read(ref status));
        Check.That(client.IsDisposed, "it says so");
        Check.Equal("AuthKeep.Client, disposed", client.ToString());
        Check.Throws<ObjectDisposedException>(() => client.Get("/api/echo"));
        Check.Throws<ObjectDisposedException>(() => client.GetToken());
        Check.Throws<ObjectDisposedException>(() => client.Reset());
        Check.Throws<ObjectDisposedException>(() => client.Clone());
        wait();
        Check.Equal(200, status);
    }

    public static void disposing_races_with_calls_of_many_threads()
    {
        Account account = new Account();
        for (int round = 0; round < 20; round++)
        {
            Client client = account.Client();
            Action[] waits = new Action[4];
            for (int i = 0; i < waits.Length; i++)
            {
                waits[i] = Check.InBackground(() =>
                {
                    try
                    {
                        while (true)
                        {
                            client.GetToken().Dispose();
                        }
                    }
                    catch (ObjectDisposedException)
                    {
                    }
                });
            }
            client.GetToken().Dispose();
            client.Dispose();
            foreach (Action wait in waits)
            {
                wait();
            }
        }
    }

    public static void a_call_and_a_request_may_be_disposed_of_while_they_are_used()
    {
        Account account = new Account();
        using (Client client = account.Client())
        {
            Call call = new Call(TimeSpan.FromSeconds(20));
            Request request = new Request("GET", "/api/slow/200");
            Action wait = Check.InBackground(() => client.Perform(request, call).Dispose());
            account.WaitFor("api_requests", 1);
            call.Dispose();
            request.Dispose();
            wait();
            Check.Throws<ObjectDisposedException>(() => client.GetToken(call));
            Check.Throws<ObjectDisposedException>(() => client.Perform(request));
            using (CancellationTokenSource unused = new CancellationTokenSource())
            {
                Check.Throws<ObjectDisposedException>(() => client.GetToken(call, unused.Token));
            }
        }
    }

    public static void a_disposed_token_gives_nothing()
    {
        using (Client client = new Account().Client())
        {
            Token token = client.GetToken();
            token.Dispose();
            token.Dispose();
            Check.Throws<ObjectDisposedException>(() => token.GetAccessToken());
            Check.Equal("AuthKeep.Token, disposed", token.ToString());
        }
    }

    public static void a_clone_lives_on()
    {
        Account account = new Account();
        Client clone;
        using (Client client = account.Client())
        {
            client.GetToken().Dispose();
            clone = client.Clone();
        }
        using (clone)
        {
            clone.GetToken().Dispose();
        }
        Check.Equal(1, account.Count("token_requests"));
    }

    public static void a_handle_goes_to_another_language_and_comes_back()
    {
        Account account = new Account();
        IntPtr given;
        using (Client client = account.Client())
        {
            client.GetToken().Dispose();
            given = client.ToNative();
        }
        Check.That(given != IntPtr.Zero, "there is a pointer");
        using (Client received = Client.FromNative(given))
        {
            received.GetToken().Dispose();
        }
        Check.Equal(1, account.Count("token_requests"));
    }
}
