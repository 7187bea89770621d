using System;
using AuthKeep;

/// <summary>What is said of a credential, and what is forgotten of it.</summary>
internal static class ExplanationTests
{
    public static void it_says_what_a_call_would_get_and_does_nothing_of_it()
    {
        Account account = new Account();
        using (Client client = account.Client())
        {
            using (Explanation before = client.Explain())
            {
                Check.Contains("\"a_call_would\":\"request\"", before.Json);
                Check.Contains("\"token\":null", before.Json);
                Check.Equal(before.Json, before.ToString());
            }
            Check.Equal(0, account.Count("token_requests"));
            client.GetToken().Dispose();
            using (Explanation after = client.Explain())
            {
                Check.Contains("\"a_call_would\":\"serve\"", after.Json);
                Check.Contains("\"renewal_in_ms\":", after.Json);
            }
        }
    }

    public static void it_counts_by_name()
    {
        using (Client client = new Account().Client())
        {
            client.GetToken().Dispose();
            client.GetToken().Dispose();
            using (Explanation explanation = client.Explain())
            {
                Check.Equal(1L, explanation.Counter("token_requests"));
                Check.Equal(1L, explanation.Counter("hits"));
                Check.Equal("name", Check.Throws<ArgumentException>(() => explanation.Counter("hit")).ParamName);
                client.GetToken().Dispose();
                Check.Equal(1L, explanation.Counter("hits"));
            }
        }
    }

    public static void a_validity_is_taken_into_account()
    {
        Account account = new Account("\"token_life_ms\": 600000");
        using (Client client = account.Client())
        using (Call call = new Call(minValidity: TimeSpan.FromSeconds(900)))
        {
            client.GetToken().Dispose();
            using (Explanation plain = client.Explain())
            using (Explanation longer = client.Explain(call))
            {
                Check.Contains("\"a_call_would\":\"serve\"", plain.Json);
                Check.Contains("\"a_call_would\":", longer.Json);
            }
        }
    }

    public static void it_outlives_its_client_and_nothing_outlives_its_disposal()
    {
        Explanation explanation;
        Client client = new Account().Client();
        explanation = client.Explain();
        client.Dispose();
        Check.Throws<ObjectDisposedException>(() => client.Explain());
        Check.Equal(0L, explanation.Counter("hits"));
        explanation.Dispose();
        Check.Equal("AuthKeep.Explanation, disposed", explanation.ToString());
        Check.Throws<ObjectDisposedException>(() => explanation.Json.ToString());
        Check.Throws<ObjectDisposedException>(() => explanation.Counter("hits"));
    }

    public static void what_was_issued_is_forgotten()
    {
        Account account = new Account();
        using (Client client = account.Client())
        using (Token first = client.GetToken())
        {
            client.Forget();
            using (Token second = client.GetToken())
            {
                Check.That(first.GetAccessToken() != second.GetAccessToken(), "it is another token");
            }
            Check.Equal(2, account.Count("token_requests"));
            client.Dispose();
            Check.Throws<ObjectDisposedException>(() => client.Forget());
        }
    }
}
