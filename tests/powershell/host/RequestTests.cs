using System.Collections;
using System.Collections.Generic;
using System.Collections.Specialized;
using System.Diagnostics;
using System.IO;
using System.Management.Automation;
using System.Text;
using AuthKeep;
using AuthKeep.PowerShell;

internal static class RequestTests
{
    public static void AGetNeedsAClientAndATarget()
    {
        InvokeAuthKeepRequest get = Session.Request(Session.NewClient(new Account()), "/api/echo?key=hidden");
        string seen = Session.Text(get);
        Check.Contains("\"method\":\"GET\"", seen);
        Check.Contains("\"query\":\"key=hidden\"", seen);
        Check.Equal("GET /api/echo: 200", get.Told[get.Told.Count - 1]);
    }

    public static void MethodsAreSentInCapitals()
    {
        InvokeAuthKeepRequest delete = Session.Request(Session.NewClient(new Account()), "/api/echo");
        delete.Method = "Delete";
        Check.Contains("\"method\":\"DELETE\"", Session.Text(delete));
        Check.Equal("DELETE /api/echo", delete.Asked[0]);
    }

    public static void TheHashtableOfAGetIsItsQuery()
    {
        InvokeAuthKeepRequest get = Session.Request(Session.NewClient(new Account()), "/api/echo?first=0");
        get.Query = new OrderedDictionary { { "many", new object[] { 1, "two" } }, { "none", null } };
        get.Body = new PSObject(new OrderedDictionary { { "flag", true }, { "a", "x y&z" }, { "half", 0.5 } });
        string query = "first=0&many=1&many=two&flag=true&a=x+y%26z&half=0.5";
        Check.Contains("\"query\":\"" + query + "\"", Session.Text(get).Replace("%20", "+"));
    }

    public static void TextIsSentInUtf8OrAsItsTypeSays()
    {
        Client client = Session.NewClient(new Account());
        string seen = Post(client, "\u00e4", "application/xml");
        Check.Contains("\"body_size\":2", seen);
        Check.Contains("\"content-type\":\"application/xml\"", seen);
        Check.Contains("\"body_base64\":\"5A==\"", Post(client, "\u00e4", "text/plain; charset=\"ISO-8859-1\""));
        Check.ContainsNot("content-type", Post(client, "a", null));
        InvokeAuthKeepRequest post = Session.Request(client, "/api/echo");
        post.Method = "POST";
        post.Body = "a";
        post.ContentType = "text/plain; charset=none-such";
        Session.Failure(post, "AuthKeep.InvalidArgument", ErrorCategory.InvalidArgument);
    }

    public static void BytesFormsAndObjectsAreSent()
    {
        Client client = Session.NewClient(new Account());
        Check.Contains("\"body_base64\":\"AP8A\"", Post(client, new byte[] { 0, 255, 0 }, null));
        string form = Post(
            client, new OrderedDictionary { { "a", "x y&z" }, { "b", 1 } }, "application/x-www-form-urlencoded");
        Check.Contains("\"body\":\"a=x+y%26z&b=1\"", form);
        string json = Post(client, new Hashtable(), null);
        Check.Contains("\"body\":\"{\\\"type\\\":\\\"Hashtable\\\"}\"", json);
        Check.Contains("\"content-type\":\"application/json\"", json);
    }

    public static void AListIsWrittenWithoutItsWrapperAndAnObjectWithIt()
    {
        Client client = Session.NewClient(new Account());
        string list = Post(client, new PSObject(new object[] { 1, 2 }), null);
        Check.Contains("\"body\":\"{\\\"type\\\":\\\"Object[]\\\"}\"", list);
        string other = Post(client, new PSObject(new object()), null);
        Check.Contains("\"body\":\"{\\\"type\\\":\\\"PSObject\\\"}\"", other);
    }

    public static void AHeaderMaySayTheTypeOfTheBodyAndTheParameterGoesBeforeIt()
    {
        Client client = Session.NewClient(new Account());
        InvokeAuthKeepRequest post = Session.Request(client, "/api/echo");
        post.Method = "POST";
        post.Body = new Hashtable();
        post.Headers = new Hashtable { { "content-Type", "application/vnd.shop+json" }, { "X-Tenant", 7 } };
        string seen = Session.Text(post);
        Check.Contains("\"content-type\":\"application/vnd.shop+json\"", seen);
        Check.Contains("\"x-tenant\":\"7\"", seen);
        InvokeAuthKeepRequest again = Session.Request(client, "/api/echo");
        again.Method = "POST";
        again.Body = new Hashtable();
        again.Headers = post.Headers;
        again.ContentType = "application/json; v=2";
        Check.Contains("\"content-type\":\"application/json; v=2\"", Session.Text(again));
    }

    public static void WhatIfSendsNothingThatCouldChangeAnything()
    {
        Account account = new Account();
        Client client = Session.NewClient(account);
        InvokeAuthKeepRequest put = Session.Request(client, "/api/echo");
        put.Method = "PUT";
        put.WhatIf = true;
        Check.Equal(0, put.Run().Length);
        Check.Equal(0, account.Count("api_ok"));
        InvokeAuthKeepRequest get = Session.Request(client, "/api/echo");
        get.WhatIf = true;
        Session.Only(get);
    }

    public static void AListIsPutOutOneByOneAndWhatIsNoJsonAsText()
    {
        Account account = new Account();
        Client client = Session.NewClient(account);
        Answer(account, "application/problem+json; charset=utf-8", "[1,2,3]");
        Check.Equal(3, Session.Request(client, "/api/echo").Run().Length);
        Answer(account, "text/plain", "[1,2,3]");
        Check.Equal("[1,2,3]", Session.Text(Session.Request(client, "/api/echo")));
        Answer(account, "application/json", "[");
        Session.Failure(Session.Request(client, "/api/echo"), "AuthKeep.InvalidJson", ErrorCategory.ParserError);
        Check.Equal(0, Session.Request(client, "/api/status/204").Run().Length);
    }

    public static void ABodyIsSavedWherePowerShellIs()
    {
        Session.InFolder(folder =>
        {
            InvokeAuthKeepRequest get = Session.Request(Session.NewClient(new Account()), "/api/bytes/1000");
            get.OutFile = "letters";
            Check.Equal(0, get.Run().Length);
            Check.Equal(1000, File.ReadAllBytes(Path.Combine(folder, "letters")).Length);
        });
    }

    public static void AFailedStatusIsAnErrorWithStatusAndBodyUnlessSkipped()
    {
        Client client = Session.NewClient(new Account());
        string target = "/api/status/404?X-Many=a&x-many=b";
        InvokeAuthKeepRequest get = Session.Request(client, target);
        get.StatusCodeVariable = "code";
        get.ResponseHeadersVariable = "headers";
        ErrorRecord record = Session.Failure(get, "AuthKeep.HttpStatus", ErrorCategory.ObjectNotFound);
        Check.Equal("{\"status\":404}", record.ErrorDetails.Message);
        HttpStatusException exception = (HttpStatusException)record.Exception;
        Check.Equal("HTTP 404 for GET /api/status/404", exception.Message);
        Check.Equal(404, exception.Response.Status);
        Check.Equal("a", exception.Response.Headers["X-MANY"]);
        Check.Equal(404, (int)get.SessionState.PSVariable.Values["code"]);
        Dictionary<string, string[]> headers =
            (Dictionary<string, string[]>)get.SessionState.PSVariable.Values["headers"];
        Check.Equal("a,b", string.Join(",", headers["X-MANY"]));
        get = Session.Request(client, target);
        get.SkipHttpErrorCheck = true;
        Check.Equal("{\"status\":404}", Session.Text(get));
        Session.Failure(Session.Request(client, "/api/status/302"), "AuthKeep.HttpStatus", ErrorCategory.InvalidOperation);
        Session.Failure(Session.Request(client, "/api/status/429"), "AuthKeep.HttpStatus", ErrorCategory.ResourceBusy);
    }

    public static void TheCredentialGoesNowhereElse()
    {
        InvokeAuthKeepRequest get = Session.Request(Session.NewClient(new Account()), "https://elsewhere.example/api");
        Session.Failure(get, "AuthKeep.NotAllowed", ErrorCategory.PermissionDenied);
    }

    public static void TimeoutAndStopEndARequest()
    {
        Account account = new Account();
        Client client = Session.NewClient(account);
        InvokeAuthKeepRequest slow = Session.Request(client, "/api/slow/5000");
        slow.TimeoutSec = 0.2;
        Session.Failure(slow, "AuthKeep.Deadline", ErrorCategory.OperationTimeout);
        InvokeAuthKeepRequest stopped = Session.Request(client, "/api/slow/5000");
        System.Action join = Check.InBackground(() => Check.Throws<PipelineStoppedException>(() => stopped.Run()));
        account.WaitFor("api_ok", 2);
        Stopwatch watch = Stopwatch.StartNew();
        stopped.Stop();
        join();
        Check.That(watch.ElapsedMilliseconds < 1000, "it ended soon");
    }

    public static void AStopThatComesBeforeTheCallSendsNothing()
    {
        Account account = new Account();
        InvokeAuthKeepRequest stopped = Session.Request(Session.NewClient(account), "/api/echo");
        stopped.Stop();
        Check.Throws<PipelineStoppedException>(() => stopped.Run());
        Check.Equal(0, account.Count("token_requests"));
    }

    private static string Post(Client client, object body, string type)
    {
        InvokeAuthKeepRequest post = Session.Request(client, "/api/echo");
        post.Method = "Post";
        post.Body = body;
        post.ContentType = type;
        return Session.Text(post);
    }

    private static void Answer(Account account, string type, string body)
    {
        account.Switch("\"where\": \"api\", \"once\": true, \"fail\": {\"status\": 200, \"headers\": {\"Content-Type\": \""
            + type + "\"}, \"body\": \"" + body + "\"}");
    }
}
