using System.Collections.Generic;
using System.Linq;
using AuthKeep;

/// <summary>The systems that the library knows by name.</summary>
internal static class ProviderTests
{
    public static void every_provider_says_what_it_needs_and_where_that_is_found()
    {
        string[] names = Provider.All.Select(each => each.Name).ToArray();
        Check.Equal("aprimo-dm cloudblue-connect ingram-micro inventorypro shopware", string.Join(" ", names));
        foreach (Provider provider in Provider.All)
        {
            Check.Equal(provider.Name, provider.ToString());
            Check.That(provider.Title.Length > 0 && provider.About != null, provider + " says what it is");
            Check.That(provider.Needs.Count > 0, provider + " needs something");
            foreach (Need need in provider.Needs)
            {
                Check.That(need.Key.Length > 0 && need.Place.Length > 0, need + " is found somewhere");
            }
        }
    }

    public static void a_need_of_one_grant_says_which()
    {
        Provider shopware = Provider.All.Single(each => each.Name == "shopware");
        Dictionary<string, string> grants = shopware.Needs.ToDictionary(need => need.Key, need => need.Grant);
        Check.Equal(null, grants["base_url"]);
        Check.Equal("password", grants["username"]);
        Check.Equal("username (password)", shopware.Needs.Single(need => need.Key == "username").ToString());
    }

    public static void a_provider_that_lacks_a_key_says_where_it_is_found()
    {
        using (Config config = new Config().Set("provider", "ingram-micro").Set("client_id", "an id"))
        {
            AuthKeepException error = Check.Fails(AuthKeepStatus.InvalidConfig, () => new Client(config));
            Check.Equal("config.missing_key", error.Code);
            Check.Equal(
                "\"client_secret\" is missing; Ingram Micro needs it (see your application on "
                    + "developer.ingrammicro.com, API Keys, Client Secret)",
                error.Message);
        }
    }
}
