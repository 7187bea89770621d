using System;
using System.IO;
using AuthKeep;

/// <summary>Configs, profiles, and the environment that the runtime keeps.</summary>
internal static class ConfigTests
{
    public static void a_wrong_key_is_named_and_leaves_the_config_as_it_was()
    {
        using (Config config = new Account().Config())
        {
            AuthKeepException error = Check.Fails(
                AuthKeepStatus.InvalidConfig, () => config.Set("client_secrte", "hidden"));
            Check.Equal("config.unknown_key", error.Code);
            Check.Contains("client_secret", error.Message);
            Check.ContainsNot("hidden", error.Message);
            Check.Fails(AuthKeepStatus.InvalidConfig, () => config.MergeJson("{"));
            using (Client client = new Client(config))
            {
                client.GetToken().Dispose();
            }
        }
    }

    public static void an_incomplete_config_makes_no_client()
    {
        using (Config config = new Config())
        {
            Check.Fails(AuthKeepStatus.InvalidConfig, () => new Client(config));
        }
    }

    public static void a_variable_that_managed_code_has_set_reaches_the_library()
    {
        Account account = new Account();
        string name = "AUTHKEEP_DOTNET_" + account.Id.Replace('-', '_');
        Environment.SetEnvironmentVariable(name, account.Secret);
        using (Config config = account.WithoutSecret().MergeJson("{\"client_secret\": {\"env\": \"" + name + "\"}}"))
        using (Client client = new Client(config))
        {
            client.GetToken().Dispose();
        }
        using (Config config = account.WithoutSecret().Set("client_secret.env", "AUTHKEEP_DOTNET_UNSET"))
        using (Client client = new Client(config))
        {
            Check.Equal(
                "secret.env_missing", Check.Fails(AuthKeepStatus.InvalidConfig, () => client.GetToken()).Code);
        }
    }

    public static void an_odd_variable_is_in_nobodys_way()
    {
        try
        {
            Environment.SetEnvironmentVariable("AUTHKEEP_DOTNET_ODD", "half \ud800");
        }
        catch (ArgumentException)
        {
            return; // Mono keeps it in the process's own environment, which can't hold that.
        }
        new Config().Dispose();
        Environment.SetEnvironmentVariable("AUTHKEEP_DOTNET_ODD", null);
    }

    public static void a_variable_that_is_handed_over_counts_for_its_config_alone()
    {
        Account account = new Account();
        using (Config with = account.WithoutSecret().SetEnv("AUTHKEEP_DOTNET_GIVEN", account.Secret))
        using (Config without = account.WithoutSecret())
        using (Client client = new Client(with.Set("client_secret.env", "AUTHKEEP_DOTNET_GIVEN")))
        using (Client other = new Client(without.Set("client_secret.env", "AUTHKEEP_DOTNET_GIVEN")))
        {
            client.GetToken().Dispose();
            Check.Fails(AuthKeepStatus.InvalidConfig, () => other.GetToken());
        }
        using (Config config = new Config())
        {
            Check.Fails(AuthKeepStatus.InvalidArgument, () => config.SetEnv("A=B", ""));
        }
    }

    public static void a_profile_is_opened_from_where_managed_code_says()
    {
        Account account = new Account();
        string folder = Path.Combine(Path.GetTempPath(), account.Id + "-" + Guid.NewGuid().ToString("N"));
        string file = Path.Combine(folder, "authkeep", "profiles.json");
        Directory.CreateDirectory(Path.GetDirectoryName(file));
        string profile = "{\"profiles\": {\"shöp\": {\"base_url\": \"" + TestServer.Url + "\", \"token_endpoint\": \"/oauth/token\","
            + " \"client_id\": \"" + account.Id + "\", \"client_secret\": {\"env\": \"AUTHKEEP_DOTNET_SHOP\"}}}}";
        File.WriteAllText(file, profile);
        string before = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME");
        Environment.SetEnvironmentVariable("XDG_CONFIG_HOME", folder);
        Environment.SetEnvironmentVariable("AUTHKEEP_DOTNET_SHOP", account.Secret);
        try
        {
            using (Client client = Client.Open("shöp"))
            {
                Check.Equal("shöp", client.Profile);
                Check.Equal("AuthKeep.Client shöp", client.ToString());
                client.GetToken().Dispose();
            }
            Check.Fails(AuthKeepStatus.NotAllowed, () => Client.Open("shöp", file));
            using (Config config = new Config().LoadProfile("shöp", file, allowReferences: true))
            using (Client client = new Client(config))
            {
                Check.Equal("shöp", client.Profile);
                client.GetToken().Dispose();
            }
            Check.Fails(AuthKeepStatus.InvalidConfig, () => Client.Open("no such"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("XDG_CONFIG_HOME", before);
            Environment.SetEnvironmentVariable("AUTHKEEP_DOTNET_SHOP", null);
            Directory.Delete(folder, true);
        }
    }

    public static void a_client_outlives_its_config()
    {
        using (Client client = new Account().Client())
        {
            Check.Equal(null, client.Profile);
            client.GetToken().Dispose();
        }
        Config config = new Account().Config();
        config.Dispose();
        Check.Throws<ObjectDisposedException>(() => config.Set("scope", "a"));
        Check.Throws<ObjectDisposedException>(() => new Client(config));
    }
}
