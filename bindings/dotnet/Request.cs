using System;

namespace AuthKeep
{
    /// <summary>
    /// One HTTP request, to be sent as often as wanted, by any number of threads at once. Each method
    /// returns the request; while it is being sent they throw an <see cref="InvalidOperationException"/>.
    /// </summary>
    public sealed class Request : IDisposable
    {
        private readonly RequestHandle handle;
        private readonly string method;
        private readonly string target;
        // A native request is changed by one thread at a time, and not while one sends it.
        private readonly object gate = new object();
        private int senders;

        /// <summary>Creates a request of a method (<c>GET</c>) to a target: a path below <c>base_url</c>, with
        /// or without a leading slash and a query, or a URL that the config allows. The target is checked
        /// when the request is sent.</summary>
        /// <exception cref="AuthKeepException">The method is no word.</exception>
        public Request(string method, string target)
        {
            byte[] nativeMethod = Utf8.Encode(method, "method");
            byte[] nativeTarget = Utf8.Encode(target, "target");
            Library.Load();
            handle = RequestHandle.New(nativeMethod, nativeTarget);
            this.method = method;
            this.target = target;
        }

        /// <summary>The method.</summary>
        public string Method
        {
            get { return method; }
        }

        /// <summary>The target, without what <see cref="AddQuery"/> added.</summary>
        public string Target
        {
            get { return target; }
        }

        internal RequestHandle Handle
        {
            get { return handle; }
        }

        /// <summary>Adds a pair to the target's query, form-encoded.</summary>
        public Request AddQuery(string name, string value)
        {
            byte[] nativeName = Utf8.Encode(name, "name");
            byte[] nativeValue = Utf8.Encode(value, "value");
            IntPtr error;
            lock (gate)
            {
                ThrowIfBeingSent();
                AuthKeepException.ThrowIfFailed(
                    Native.authkeep_request_add_query(handle, nativeName, nativeValue, out error), error);
            }
            return this;
        }

        /// <summary>Adds a header; one of the same name stays.</summary>
        /// <exception cref="AuthKeepException">HTTP can't carry it, or it frames the message, such as Host
        /// and Content-Length. The header that carries the credential is refused when the request is
        /// sent.</exception>
        public Request AddHeader(string name, string value)
        {
            byte[] nativeName = Utf8.Encode(name, "name");
            byte[] nativeValue = Utf8.Encode(value, "value");
            IntPtr error;
            lock (gate)
            {
                ThrowIfBeingSent();
                AuthKeepException.ThrowIfFailed(
                    Native.authkeep_request_add_header(handle, nativeName, nativeValue, out error), error);
            }
            return this;
        }

        /// <summary>Sets the body, which is copied.</summary>
        /// <param name="body">The bytes; none are an empty body.</param>
        /// <param name="contentType">Replaces an earlier Content-Type; null leaves it as it is.</param>
        public Request SetBody(byte[] body, string contentType = null)
        {
            if (body == null)
            {
                throw new ArgumentNullException("body");
            }
            byte[] nativeType = Utf8.EncodeOptional(contentType, "contentType");
            IntPtr error;
            lock (gate)
            {
                ThrowIfBeingSent();
                AuthKeepException.ThrowIfFailed(
                    Native.authkeep_request_set_body(
                        handle, body, new UIntPtr((uint)body.Length), nativeType, out error),
                    error);
            }
            return this;
        }

        /// <summary>Sets a JSON text as the body, with its Content-Type.</summary>
        /// <exception cref="AuthKeepException">It is not JSON.</exception>
        public Request SetJson(string json)
        {
            byte[] nativeJson = Utf8.Encode(json, "json");
            IntPtr error;
            lock (gate)
            {
                ThrowIfBeingSent();
                AuthKeepException.ThrowIfFailed(
                    Native.authkeep_request_set_json(handle, nativeJson, out error), error);
            }
            return this;
        }

        /// <summary>Gives the native request back, when it is no longer being sent.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        /// <summary>The method and the target without its query, which may be private.</summary>
        public override string ToString()
        {
            return "AuthKeep.Request " + method + " " + PathOf(target);
        }

        /// <summary>A target without its query and fragment.</summary>
        internal static string PathOf(string target)
        {
            int end = target.IndexOfAny(new[] { '?', '#' });
            return end < 0 ? target : target.Substring(0, end);
        }

        /// <summary>Keeps the request from being changed until the result is disposed of.</summary>
        internal Sender Sending()
        {
            lock (gate)
            {
                senders++;
            }
            return new Sender(this);
        }

        private void ThrowIfBeingSent()
        {
            if (senders > 0)
            {
                throw new InvalidOperationException("The request is being sent; change it before or after.");
            }
        }

        /// <summary>One thread that sends a request.</summary>
        internal struct Sender : IDisposable
        {
            private readonly Request request;

            internal Sender(Request request)
            {
                this.request = request;
            }

            public void Dispose()
            {
                lock (request.gate)
                {
                    request.senders--;
                }
            }
        }
    }
}
