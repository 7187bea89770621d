using System.IO;
using System.Linq;
using System.Management.Automation;
using AuthKeep;
using AuthKeep.PowerShell;

internal static class ProviderTests
{
    public static void ProvidersAreFoundByNameOrWildcard()
    {
        Check.Equal(Provider.All.Count, new GetAuthKeepProvider().Run().Length);
        Check.Equal("shopware", Names("shopware"));
        Check.Equal("inventorypro ingram-micro inventorypro", Names("INVENTORYPRO", "in*"));
        Check.Equal("", Names("no such*"));
    }

    public static void AnUnknownProviderIsAnErrorAndTheOthersAreFound()
    {
        GetAuthKeepProvider get = new GetAuthKeepProvider { Name = new[] { "shopwre", "shopware" } };
        Check.Equal(1, get.Run().Length);
        ErrorRecord record = get.Errors.Single();
        Check.Equal("AuthKeep.UnknownProvider", record.Id);
        Check.Equal(ErrorCategory.ObjectNotFound, record.Category);
        Check.Contains("\"shopwre\"", record.Exception.Message);
    }

    public static void AProviderAndACredentialMakeAClient()
    {
        NewAuthKeepClient made = Shop("shopware");
        string list = Session.Text(Session.Request((Client)Session.Only(made), "/api/product?limit=1"));
        Check.Contains("\"total\":25", list);
    }

    public static void WhereAProviderNeedsAUserTheCredentialIsThat()
    {
        string url = Emulate("aprimo-dm", "\"client_id\": \"an id\", \"username\": \"ann\", \"password\": \"of ann\"");
        NewAuthKeepClient made = new NewAuthKeepClient
        {
            Provider = "aprimo-dm",
            BaseUri = Session.Uri(url),
            TokenEndpoint = Session.Uri("/api/v1.0/token"),
            ClientId = "an id",
            Credential = Session.Credential("ann", "of ann")
        };
        Check.Equal("bearer", GetToken(made).Type);
    }

    public static void AnEnvironmentIsOneOfTheProviders()
    {
        NewAuthKeepClient made = new NewAuthKeepClient
        {
            Provider = "ingram-micro",
            Environment = "test",
            Credential = Session.Credential("an id", "a secret")
        };
        ErrorRecord record = Session.Failure(made, "AuthKeep.InvalidConfig", ErrorCategory.InvalidData);
        Check.Equal(
            "\"environment\" must be one of \"production\", \"sandbox\" for Ingram Micro", record.Exception.Message);
        made.Environment = "sandbox";
        Check.That(Session.Only(made) is Client, "a client is made");
    }

    public static void AProviderFileIsReadFromWherePowerShellIs()
    {
        Session.InFolder(folder =>
        {
            File.WriteAllText(
                Path.Combine(folder, "shop.json"),
                "{\"title\": \"A shop\", \"config\": {\"token_endpoint\": \"/api/oauth/token\","
                    + " \"client_auth\": \"body\", \"token_request\": {\"format\": \"json\"}}}");
            Check.Equal("Bearer", GetToken(Shop("shop.json")).Type);
            Check.Equal("Bearer", GetToken(Shop("./shop.json")).Type);
        });
    }

    private static NewAuthKeepClient Shop(string provider)
    {
        return new NewAuthKeepClient
        {
            Provider = provider,
            BaseUri = Session.Uri(Emulate("shopware", "\"client_id\": \"SWIA\", \"client_secret\": \"of the shop\"")),
            Credential = Session.Credential("SWIA", "of the shop")
        };
    }

    private static string Emulate(string provider, string members)
    {
        return TestServer.Emulate("{\"provider\": \"" + provider + "\", " + members + "}");
    }

    private static string Names(params string[] names)
    {
        object[] output = new GetAuthKeepProvider { Name = names }.Run();
        return string.Join(" ", output.Select(each => ((Provider)each).Name));
    }

    private static Token GetToken(NewAuthKeepClient made)
    {
        return (Token)Session.Only(Session.Token((Client)Session.Only(made)));
    }
}
