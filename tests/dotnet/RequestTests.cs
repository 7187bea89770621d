using System;
using System.Text;
using System.Threading;
using AuthKeep;

/// <summary>What a request carries to the server.</summary>
internal static class RequestTests
{
    public static void a_request_carries_its_query_headers_and_body()
    {
        using (Client client = new Account().Client())
        using (Request request = new Request("POST", "/api/echo?a=1"))
        {
            request.AddQuery("näme", "a b&c=ü€😀").AddHeader("X-One", "1").AddHeader("X-One", "2");
            request.SetBody(Encoding.UTF8.GetBytes("Grüße"), "text/plain");
            Check.Equal("POST", request.Method);
            Check.Equal("/api/echo?a=1", request.Target);
            using (Response response = client.Perform(request))
            {
                Check.Equal(200, response.Status);
                Check.Contains("\"method\":\"POST\"", response.Text);
                Check.Contains("a=1&n%C3%A4me=a+b%26c%3D%C3%BC%E2%82%AC%F0%9F%98%80", response.Text);
                Check.Contains("\"x-one\":\"1, 2\"", response.Text);
                Check.Contains("\"content-type\":\"text/plain\"", response.Text);
                Check.Contains("\"body\":\"Grüße\"", response.Text);
            }
        }
    }

    public static void each_verb_is_sent()
    {
        byte[] body = { 1, 2, 255 };
        using (Client client = new Account().Client())
        {
            Sent("GET", "\"body_size\":0", client.Get("/api/echo"));
            Sent("DELETE", "\"body_size\":0", client.Delete("/api/echo"));
            Sent("POST", "\"content-type\":\"application/json\"", client.Post("/api/echo", "{\"a\": 1}"));
            Sent("PUT", "\"body\":\"[2]\"", client.Put("/api/echo", "[2]"));
            Sent("PATCH", "\"body\":\"[3]\"", client.Patch("/api/echo", "[3]"));
            Sent("POST", "\"body_base64\":\"AQL/\"", client.Post("/api/echo", body, "application/x-own"));
            Sent("PUT", "\"content-type\":\"application/x-own\"", client.Put("/api/echo", body, "application/x-own"));
            Sent("PATCH", "\"body_base64\":\"AQL/\"", client.Patch("/api/echo", body, null));
        }
    }

    public static void a_body_may_be_empty_or_big()
    {
        using (Client client = new Account().Client())
        {
            Sent("POST", "\"body_size\":0", client.Post("/api/echo", new byte[0], null));
            byte[] big = new byte[1000000];
            big[0] = 255;
            Sent("POST", "\"body_size\":1000000", client.Post("/api/echo", big, "application/octet-stream"));
        }
    }

    public static void a_request_may_be_sent_again_and_by_several_threads()
    {
        Account account = new Account();
        using (Client client = account.Client())
        using (Request request = new Request("PUT", "/api/echo").SetJson("{}"))
        {
            client.Perform(request).Dispose();
            Action one = Check.InBackground(() => client.Perform(request).Dispose());
            Action other = Check.InBackground(() => client.Perform(request).Dispose());
            one();
            other();
        }
        Check.Equal(3, account.Count("api_ok"));
    }

    public static void a_request_is_not_changed_while_it_is_sent()
    {
        Account account = new Account();
        using (Client client = account.Client())
        using (Call call = new Call())
        using (Request request = new Request("GET", "/api/slow/10000"))
        {
            Action wait = Check.InBackground(
                () => Check.Fails(AuthKeepStatus.Cancelled, () => client.Perform(request, call)));
            account.WaitFor("api_requests", 1);
            Check.Throws<InvalidOperationException>(() => request.AddHeader("X-Late", "1"));
            call.Cancel();
            wait();
            request.AddHeader("X-Late", "1");
        }
    }

    public static void a_nul_is_refused_and_not_shown()
    {
        using (Client client = new Account().Client())
        using (Config config = new Config())
        using (Request request = new Request("GET", "/api/echo"))
        {
            RefusesNul("target", () => client.Get("/api/\0secret"));
            RefusesNul("method", () => new Request("GE\0secret", "/api/echo"));
            RefusesNul("name", () => request.AddQuery("\0secret", ""));
            RefusesNul("value", () => request.AddHeader("X-One", "\0secret"));
            RefusesNul("contentType", () => request.SetBody(new byte[0], "text\0secret"));
            RefusesNul("json", () => request.SetJson("\"\0secret\""));
            RefusesNul("value", () => config.Set("client_secret", "\0secret"));
            RefusesNul("key", () => config.Set("client\0secret", ""));
            RefusesNul("profile", () => Client.Open("\0secret"));
        }
    }

    public static void half_of_a_surrogate_pair_is_refused_and_not_shown()
    {
        using (Config config = new Config())
        {
            ArgumentException error = Check.Throws<ArgumentException>(() => config.Set("client_secret", "secret\ud800"));
            Check.ContainsNot("secret\ud800", error.ToString());
        }
    }

    public static void null_is_refused_by_its_name()
    {
        using (Client client = new Account().Client())
        using (Request request = new Request("GET", "/api/echo"))
        {
            Check.Equal("target", Check.Throws<ArgumentNullException>(() => client.Get(null)).ParamName);
            Check.Equal("request", Check.Throws<ArgumentNullException>(() => client.Perform(null)).ParamName);
            Check.Equal("body", Check.Throws<ArgumentNullException>(() => request.SetBody(null)).ParamName);
            Check.Equal("config", Check.Throws<ArgumentNullException>(() => new Client(null)).ParamName);
            Check.Equal("client", Check.Throws<ArgumentNullException>(() => Client.FromNative(IntPtr.Zero)).ParamName);
        }
    }

    public static void a_request_does_not_show_its_query()
    {
        using (Request request = new Request("GET", "/api/echo?key=secret"))
        {
            Check.Equal("AuthKeep.Request GET /api/echo", request.ToString());
        }
    }

    private static void Sent(string method, string part, Response response)
    {
        using (response)
        {
            Check.Equal(200, response.Status);
            Check.Contains("\"method\":\"" + method + "\"", response.Text);
            Check.Contains(part, response.Text);
        }
    }

    private static void RefusesNul(string parameter, Action action)
    {
        ArgumentException error = Check.Throws<ArgumentException>(action);
        Check.Equal(parameter, error.ParamName);
        Check.Contains("NUL", error.Message);
        Check.ContainsNot("secret", error.Message);
    }
}
