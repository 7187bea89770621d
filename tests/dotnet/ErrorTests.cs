using System;
using System.Net;
using System.Net.Sockets;
using AuthKeep;

/// <summary>What goes wrong: a status each, and its facts.</summary>
internal static class ErrorTests
{
    public static void a_refused_secret_has_its_facts_until_it_is_mended()
    {
        Account account = new Account();
        using (Config config = account.WithoutSecret().Set("client_secret", "a-wrong-secret"))
        using (Client client = new Client(config))
        {
            AuthKeepException error = Check.Fails(AuthKeepStatus.InvalidCredentials, () => client.Get("/api/echo"));
            Check.Equal("oauth.invalid_client", error.Code);
            Check.Equal("invalid_client", error.OAuthError);
            Check.Equal(401, error.HttpStatus.Value);
            Check.ContainsNot("a-wrong-secret", error.ToString());
            Check.ContainsNot("\n", error.Message);

            error = Check.Fails(AuthKeepStatus.InvalidCredentials, () => client.GetToken());
            Check.That(error.RetryAfter > TimeSpan.Zero, "it says when another try is due");
            Check.Equal(1, account.Count("token_requests"));

            account.Change("\"client_secret\": \"a-wrong-secret\"");
            client.Reset();
            client.Get("/api/echo").Dispose();
        }
    }

    public static void an_unavailable_server_says_when_to_come_again()
    {
        Account account = new Account();
        account.Switch("\"fail\": {\"status\": 503, \"headers\": {\"Retry-After\": \"7\"}}");
        using (Client client = account.Client())
        {
            AuthKeepException error = Check.Fails(AuthKeepStatus.Unavailable, () => client.GetToken());
            Check.Equal(503, error.HttpStatus.Value);
            double seconds = error.RetryAfter.Value.TotalSeconds;
            Check.That(seconds > 5 && seconds < 9, "in 7 s: " + seconds);
        }
    }

    public static void a_server_that_is_not_there_is_unavailable()
    {
        TcpListener listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using (Config config = new Account().Config().Set("token_endpoint", "http://127.0.0.1:" + port + "/token"))
        using (Client client = new Client(config))
        {
            AuthKeepException error = Check.Fails(AuthKeepStatus.Unavailable, () => client.GetToken());
            Check.Equal(null, error.HttpStatus);
            Check.Equal(null, error.OAuthError);
            Check.Equal(null, error.OAuthDescription);
        }
    }

    public static void an_answer_that_is_no_token_is_a_bad_response()
    {
        Account account = new Account();
        account.Switch("\"fail\": {\"status\": 200, \"body\": \"no JSON\"}");
        using (Client client = account.Client())
        {
            Check.Fails(AuthKeepStatus.BadResponse, () => client.GetToken());
        }
    }

    public static void a_target_elsewhere_is_not_allowed()
    {
        Account account = new Account();
        using (Client client = account.Client())
        {
            Check.Fails(AuthKeepStatus.NotAllowed, () => client.Get("https://elsewhere.example/"));
            using (Request request = new Request("GET", "/api/echo").AddHeader("Authorization", "mine"))
            {
                Check.Fails(AuthKeepStatus.NotAllowed, () => client.Perform(request));
            }
        }
        Check.Equal(0, account.Count("token_requests"));
    }

    public static void a_body_beyond_the_limit_is_too_large()
    {
        using (Config config = new Account().Config().MergeJson("{\"max_response_bytes\": 1000}"))
        using (Client client = new Client(config))
        {
            Check.Fails(AuthKeepStatus.TooLarge, () => client.Get("/api/bytes/1001"));
        }
    }

    public static void what_is_no_json_and_no_method_is_an_invalid_argument()
    {
        using (Request request = new Request("POST", "/api/echo"))
        {
            Check.Fails(AuthKeepStatus.InvalidArgument, () => request.SetJson("{"));
        }
        Check.Fails(AuthKeepStatus.InvalidArgument, () => new Request("GET IT", "/"));
    }

    public static void a_failed_call_leaves_the_client_as_it_was()
    {
        using (Client client = new Account().Client())
        {
            for (int i = 0; i < 100; i++)
            {
                Check.Fails(AuthKeepStatus.NotAllowed, () => client.Get("https://elsewhere.example/"));
            }
            client.Get("/api/echo").Dispose();
        }
    }
}
