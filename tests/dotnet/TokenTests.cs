using System;
using System.Threading;
using AuthKeep;

/// <summary>Tokens: got once, kept, shared, read, and never shown.</summary>
internal static class TokenTests
{
    public static void a_token_has_its_facts()
    {
        Account account = new Account("\"token_life_ms\": 600000");
        DateTimeOffset before = DateTimeOffset.UtcNow;
        using (Client client = account.Client())
        using (Token token = client.GetToken())
        {
            Check.Equal("Bearer", token.Type);
            Check.That(token.GetAccessToken().Length > 10, "there is a token");
            TimeSpan life = token.ExpiresAt.Value - before;
            Check.That(life > TimeSpan.FromSeconds(590) && life < TimeSpan.FromSeconds(610), "it lives 600 s: " + life);
            Check.Equal(TimeSpan.Zero, token.ExpiresAt.Value.Offset);
            Check.That(token.MinValidityMet, "nothing was asked for");
        }
    }

    public static void a_token_is_asked_for_once_and_kept()
    {
        Account account = new Account();
        using (Client client = account.Client())
        {
            string first = AccessToken(client);
            Check.Equal(first, AccessToken(client));
            client.Get("/api/echo").Dispose();
        }
        Check.Equal(1, account.Count("token_requests"));
    }

    public static void two_clients_of_one_credential_share_their_token()
    {
        Account account = new Account();
        using (Client one = account.Client())
        using (Client other = account.Client())
        {
            Check.Equal(AccessToken(one), AccessToken(other));
        }
        Check.Equal(1, account.Count("token_requests"));
    }

    public static void many_threads_share_one_token_request()
    {
        Account account = new Account();
        account.Switch("\"answer_delay_ms\": 100, \"once\": true");
        using (Client client = account.Client())
        {
            Action[] waits = new Action[8];
            for (int i = 0; i < waits.Length; i++)
            {
                waits[i] = Check.InBackground(() =>
                {
                    for (int round = 0; round < 50; round++)
                    {
                        using (Response response = client.Get("/api/echo"))
                        {
                            Check.Equal(200, response.Status);
                        }
                        AccessToken(client);
                    }
                });
            }
            foreach (Action wait in waits)
            {
                wait();
            }
        }
        Check.Equal(1, account.Count("token_requests"));
        Check.Equal(400, account.Count("api_ok"));
    }

    public static void an_expired_token_is_renewed()
    {
        Account account = new Account("\"token_life_ms\": 1000");
        using (Client client = account.Client())
        {
            string first = AccessToken(client);
            Check.Until(() => AccessToken(client) != first, "another token");
        }
        Check.Equal(0, account.Count("api_401"));
    }

    public static void a_revoked_token_is_renewed_and_the_request_repeated()
    {
        Account account = new Account();
        using (Client client = account.Client())
        {
            AccessToken(client);
            account.Revoke();
            using (Response response = client.Get("/api/echo"))
            {
                Check.Equal(200, response.Status);
            }
        }
        Check.Equal(2, account.Count("token_requests"));
    }

    public static void a_validity_that_the_server_does_not_give_is_told()
    {
        Account account = new Account("\"token_life_ms\": 600000");
        using (Client client = account.Client())
        using (Call call = new Call(minValidity: TimeSpan.FromSeconds(900)))
        using (Token token = client.GetToken(call))
        {
            Check.Equal(TimeSpan.FromSeconds(900), call.MinValidity.Value);
            Check.That(!token.MinValidityMet, "600 s are less than 900 s");
        }
    }

    public static void a_static_key_never_expires()
    {
        using (Config config = new Config().Set("grant", "api_key").Set("api_key", "key").Set("base_url", TestServer.Url))
        using (Client client = new Client(config))
        using (Token token = client.GetToken())
        {
            Check.Equal("key", token.GetAccessToken());
            Check.Equal("", token.Type);
            Check.Equal(null, token.Scope);
            Check.Equal(null, token.ExpiresAt);
            Check.Equal("AuthKeep.Token key, never expires", token.ToString());
        }
    }

    public static void a_token_does_not_show_its_secret()
    {
        using (Client client = new Account().Client())
        using (Token token = client.GetToken())
        {
            string secret = token.GetAccessToken();
            Check.ContainsNot(secret, token.ToString());
            Check.Contains("Bearer, expires at 20", token.ToString());
            foreach (System.Reflection.PropertyInfo property in typeof(Token).GetProperties())
            {
                Check.ContainsNot(secret, Convert.ToString(property.GetValue(token, null)));
            }
        }
    }

    public static void a_forgotten_token_is_given_back()
    {
        using (Client client = new Account().Client())
        {
            WeakReference forgotten = Forget(client);
            Check.Until(
                () =>
                {
                    GC.Collect();
                    GC.WaitForPendingFinalizers();
                    return !forgotten.IsAlive;
                },
                "the token is collected");
            AccessToken(client);
        }
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference Forget(Client client)
    {
        WeakReference last = null;
        // On a thread whose stack is gone afterwards: Mono looks at stacks conservatively.
        Check.InBackground(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                last = new WeakReference(client.GetToken());
            }
        })();
        return last;
    }

    private static string AccessToken(Client client)
    {
        using (Token token = client.GetToken())
        {
            return token.GetAccessToken();
        }
    }
}
