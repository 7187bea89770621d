using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;

namespace AuthKeep.PowerShell
{
    /// <summary>Sends a request with the access token, and gives the answer as objects.</summary>
    [Cmdlet(VerbsLifecycle.Invoke, "AuthKeepRequest", SupportsShouldProcess = true)]
    [OutputType(typeof(PSObject), typeof(string))]
    public sealed class InvokeAuthKeepRequest : ClientCommand
    {
        /// <summary>A target below the base URL, or a URL that the configuration allows.</summary>
        [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
        [ValidateNotNull]
        public Uri Uri { get; set; }

        /// <summary>The HTTP method, in any case of letters.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string Method { get; set; }

        /// <summary>Text, bytes, or what becomes a query, a form or JSON.</summary>
        [Parameter]
        [AllowNull]
        public object Body { get; set; }

        /// <summary>The Content-Type of the body.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string ContentType { get; set; }

        /// <summary>Further headers, by name.</summary>
        [Parameter]
        [ValidateNotNull]
        public IDictionary Headers { get; set; }

        /// <summary>Parameters to add to the query, by name.</summary>
        [Parameter]
        [ValidateNotNull]
        public IDictionary Query { get; set; }

        /// <summary>A file that the body is saved to, instead of being put out.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string OutFile { get; set; }

        /// <summary>Gives every answer, whatever its status.</summary>
        [Parameter]
        public SwitchParameter SkipHttpErrorCheck { get; set; }

        /// <summary>The name of a variable that gets the status.</summary>
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string StatusCodeVariable { get; set; }

        /// <summary>The name of a variable that gets the headers.</summary>
        [Parameter]
        [Alias("RHV")]
        [ValidateNotNullOrEmpty]
        public string ResponseHeadersVariable { get; set; }

        /// <summary>Sends the request, unless -WhatIf asks what would be sent.</summary>
        protected override void Use(Client client, Call options)
        {
            string method = (Method ?? "GET").ToUpperInvariant();
            string target = Uri.OriginalString;
            // What a query holds may be private, and this is shown.
            string shown = target.Split(new[] { '?', '#' })[0];
            if (!IsSafe(method) && !ShouldProcess(shown, method))
            {
                return;
            }
            using (Request request = Build(method, target))
            {
                Response response = client.Perform(request, options);
                WriteLog();
                WriteVerbose(method + " " + shown + ": " + response.Status);
                SetVariables(response);
                if (!SkipHttpErrorCheck)
                {
                    Check(response);
                }
                using (response)
                {
                    Write(response);
                }
            }
        }

        // --- the request -----------------------------------------------------

        /// <summary>Methods that change nothing (RFC 9110, section 9.2.1).</summary>
        private static bool IsSafe(string method)
        {
            return method == "GET" || method == "HEAD" || method == "OPTIONS";
        }

        private Request Build(string method, string target)
        {
            Request request = new Request(method, target);
            try
            {
                foreach (KeyValuePair<string, string> pair in Pairs(Query))
                {
                    request.AddQuery(pair.Key, pair.Value);
                }
                bool typed = ContentType != null;
                foreach (KeyValuePair<string, string> pair in Pairs(Headers))
                {
                    bool isType = pair.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase);
                    if (isType && ContentType != null)
                    {
                        continue;
                    }
                    typed |= isType;
                    request.AddHeader(pair.Key, pair.Value);
                }
                SetBody(request, method, typed);
                return request;
            }
            catch
            {
                request.Dispose();
                throw;
            }
        }

        private void SetBody(Request request, string method, bool typed)
        {
            object body = Unwrap(Body);
            IDictionary dictionary = body as IDictionary;
            if (body == null)
            {
                return;
            }
            if (dictionary != null && method == "GET")
            {
                foreach (KeyValuePair<string, string> pair in Pairs(dictionary))
                {
                    request.AddQuery(pair.Key, pair.Value);
                }
            }
            else if (body is byte[])
            {
                request.SetBody((byte[])body, ContentType);
            }
            else if (body is string)
            {
                request.SetBody(MediaType.Encode((string)body, ContentType), ContentType);
            }
            else if (dictionary != null && MediaType.IsForm(ContentType))
            {
                request.SetBody(MediaType.Encode(Parameters.Form(dictionary, Unwrap), ContentType), ContentType);
            }
            else
            {
                // Of a list that is wrapped, Windows PowerShell would write {"value":[...],"Count":2}. An
                // object has its members in the wrapper.
                object value = body is IList ? body : Body;
                string type = ContentType ?? (typed ? null : MediaType.Json);
                request.SetBody(MediaType.Encode(PowerShellJson.Write(InvokeCommand, value), type), type);
            }
        }

        private static IEnumerable<KeyValuePair<string, string>> Pairs(IDictionary dictionary)
        {
            return Parameters.Read(dictionary ?? new Hashtable(), Unwrap);
        }

        // --- the answer ------------------------------------------------------

        private void SetVariables(Response response)
        {
            if (StatusCodeVariable != null)
            {
                SessionState.PSVariable.Set(StatusCodeVariable, response.Status);
            }
            if (ResponseHeadersVariable != null)
            {
                SessionState.PSVariable.Set(ResponseHeadersVariable, ReadHeaders(response));
            }
        }

        /// <summary>Leaves the response to the error record, from where a script may read it.</summary>
        private void Check(Response response)
        {
            try
            {
                response.EnsureSuccess();
            }
            catch (HttpStatusException exception)
            {
                ThrowTerminatingError(Failure.Record(exception, response.Text, Uri));
            }
        }

        private void Write(Response response)
        {
            if (OutFile != null)
            {
                File.WriteAllBytes(GetUnresolvedProviderPathFromPSPath(OutFile), response.Body);
                return;
            }
            string text = response.Text;
            if (text.Length > 0)
            {
                bool isJson = MediaType.IsJson(response.Headers["content-type"]);
                WriteObject(isJson ? Parse(text) : text, isJson);
            }
        }

        private object Parse(string json)
        {
            try
            {
                return PowerShellJson.Read(InvokeCommand, json);
            }
            catch (PipelineStoppedException)
            {
                throw;
            }
            catch (RuntimeException exception)
            {
                ThrowTerminatingError(Failure.InvalidJson(exception, Uri));
                return null;
            }
        }

        /// <summary>Every value of each name, looked up in any case of letters.</summary>
        private static Dictionary<string, string[]> ReadHeaders(Response response)
        {
            Dictionary<string, string[]> headers =
                new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase);
            foreach (KeyValuePair<string, string> line in response.Headers)
            {
                headers[line.Key] = response.Headers.GetValues(line.Key);
            }
            return headers;
        }
    }
}
