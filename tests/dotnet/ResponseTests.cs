using System;
using System.Collections.Generic;
using System.Text;
using AuthKeep;

/// <summary>What comes back from the server.</summary>
internal static class ResponseTests
{
    public static void headers_are_found_in_any_case_and_several_times()
    {
        using (Client client = new Account().Client())
        using (Response response = client.Get("/api/status/200?Set-Cookie=a=1&X-One=1&Set-Cookie=b=2"))
        {
            Headers headers = response.Headers;
            Check.Equal("a=1", headers["SET-cookie"]);
            Check.Equal("a=1|b=2", string.Join("|", headers.GetValues("Set-Cookie")));
            Check.Equal(null, headers["X-Two"]);
            Check.Equal(0, headers.GetValues("X-Two").Length);
            List<string> names = new List<string>();
            foreach (KeyValuePair<string, string> line in headers)
            {
                names.Add(line.Key);
            }
            Check.Equal(headers.Count, names.Count);
            Check.That(names.IndexOf("set-cookie") < names.IndexOf("x-one"), "they are in their order");
            Check.ContainsNot("a=1", headers.ToString());
        }
    }

    public static void any_status_is_an_answer()
    {
        using (Client client = new Account().Client())
        {
            foreach (int status in new[] { 200, 204, 302, 404, 503 })
            {
                using (Response response = client.Get("/api/status/" + status))
                {
                    Check.Equal(status, response.Status);
                    Check.Equal(status < 300, response.IsSuccess);
                    Check.Equal("AuthKeep.Response " + status, response.ToString());
                }
            }
        }
    }

    public static void only_ensure_success_makes_a_status_an_error()
    {
        using (Client client = new Account().Client())
        using (Response missing = client.Get("/api/status/404?private=1"))
        using (Response found = client.Get("/api/status/201"))
        {
            HttpStatusException error = Check.Throws<HttpStatusException>(() => missing.EnsureSuccess());
            Check.Equal("HTTP 404 for GET /api/status/404", error.Message);
            Check.Equal("http.status", error.Code);
            Check.Equal(404, error.HttpStatus.Value);
            Check.Equal(AuthKeepStatus.Ok, error.Status);
            Check.That(ReferenceEquals(missing, error.Response), "it has the response");
            Check.That(ReferenceEquals(found, found.EnsureSuccess()), "it is the response itself");
        }
    }

    public static void a_body_may_be_empty_or_big()
    {
        using (Client client = new Account().Client())
        using (Response empty = client.Get("/api/bytes/0"))
        using (Response big = client.Get("/api/bytes/1000000"))
        using (Response chunked = client.Get("/api/chunked/100000"))
        {
            Check.Equal(0, empty.Body.Length);
            Check.Equal("", empty.Text);
            Check.Equal(1000000, big.Body.Length);
            Check.Equal("abc", big.Text.Substring(0, 3));
            Check.Equal(100000, chunked.Body.Length);
            Check.That(ReferenceEquals(big.Body, big.Body), "the body is copied once");
        }
    }

    public static void text_is_read_in_its_character_set()
    {
        Account account = new Account();
        using (Client client = account.Client())
        {
            Check.Equal("Grüße €", TextAs(account, client, "text/plain"));
            Check.Equal("Grüße €", TextAs(account, client, "text/plain; charset=\"UTF-8\""));
            Check.Equal("Grüße €", TextAs(account, client, "text/plain; charset=no-such"));
            Check.Equal("GrÃ¼Ã\u009fe â\u0082¬", TextAs(account, client, "text/plain; format=flowed; Charset=iso-8859-1"));
        }
    }

    public static void what_was_read_outlives_the_response()
    {
        using (Client client = new Account().Client())
        {
            Response response = client.Get("/api/echo");
            byte[] body = response.Body;
            response.Dispose();
            response.Dispose();
            Check.Equal(200, response.Status);
            Check.That(ReferenceEquals(body, response.Body), "the body stays");
            Check.Throws<ObjectDisposedException>(() => response.Headers.ToString());
        }
    }

    private static string TextAs(Account account, Client client, string contentType)
    {
        account.Switch(
            "\"where\": \"api\", \"once\": true, \"fail\": {\"status\": 200, \"body\": \"Grüße €\","
            + " \"headers\": {\"Content-Type\": \"" + contentType.Replace("\"", "\\\"") + "\"}}");
        using (Response response = client.Get("/api/echo"))
        {
            return response.Text;
        }
    }
}
