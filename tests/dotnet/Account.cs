using System;
using System.Text.RegularExpressions;
using System.Threading;
using AuthKeep;

/// <summary>
/// A client as the test server knows it, with an id of its own.
/// </summary>
internal sealed class Account
{
    private static int count;

    internal readonly string Id = "dotnet-" + Interlocked.Increment(ref count);

    /// <summary>Registers it, with further members in JSON.</summary>
    internal Account(string members = null)
    {
        TestServer.Post("clients", Json("\"client_secret\": \"" + Secret + "\"", members));
    }

    internal string Secret
    {
        get { return "secret of " + Id; }
    }

    /// <summary>A config of it that lacks nothing but the secret.</summary>
    internal Config WithoutSecret()
    {
        return new Config().Set("base_url", TestServer.Url).Set("token_endpoint", "/oauth/token").Set("client_id", Id);
    }

    internal Config Config()
    {
        return WithoutSecret().Set("client_secret", Secret);
    }

    internal Client Client()
    {
        using (Config config = Config())
        {
            return new Client(config);
        }
    }

    /// <summary>Makes something go wrong for this client.</summary>
    internal void Switch(string members)
    {
        TestServer.Post("switch", Json(members));
    }

    /// <summary>Turns this client's switches off.</summary>
    internal void Clear()
    {
        TestServer.Post("clear", Json());
    }

    /// <summary>Changes what the server knows of this client.</summary>
    internal void Change(string members)
    {
        TestServer.Post("set", Json(members));
    }

    /// <summary>Makes each of its tokens invalid.</summary>
    internal void Revoke()
    {
        TestServer.Post("revoke", Json());
    }

    /// <summary>One of the server's counters for this client.</summary>
    internal int Count(string counter)
    {
        string pattern = "\"" + Regex.Escape(Id) + "\": ?\\{.*?\"" + counter + "\": ?(\\d+)";
        string stats = TestServer.Stats();
        Match found = Regex.Match(
            stats.Substring(stats.IndexOf("\"clients\"", StringComparison.Ordinal)), pattern, RegexOptions.Singleline);
        return found.Success ? int.Parse(found.Groups[1].Value) : 0;
    }

    /// <summary>Returns when a counter has got there.</summary>
    internal void WaitFor(string counter, int least)
    {
        Check.Until(() => Count(counter) >= least, counter + " of " + least);
    }

    private string Json(params string[] members)
    {
        string json = "{\"client_id\": \"" + Id + "\"";
        foreach (string member in members)
        {
            json += string.IsNullOrEmpty(member) ? "" : ", " + member;
        }
        return json + "}";
    }
}
