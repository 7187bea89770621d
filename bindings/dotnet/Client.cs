using System;
using System.Threading;

namespace AuthKeep
{
    /// <summary>
    /// One credential: its token cache and its HTTP session. May be used from any number of threads
    /// at once.
    /// </summary>
    /// <remarks>
    /// Clients of the same credential share their tokens within a process. What fails throws an
    /// <see cref="AuthKeepException"/>; a call that its <see cref="CancellationToken"/> ended throws an
    /// <see cref="OperationCanceledException"/> within 250 ms; after <see cref="Dispose"/> each throws
    /// an <see cref="ObjectDisposedException"/>.
    /// </remarks>
    public sealed class Client : IDisposable
    {
        private readonly ClientHandle handle;
        private readonly string profile;
        private readonly Subscribers subscribers;
        // A handle counts as closed only when no call is under way any more.
        private volatile bool isDisposed;

        /// <summary>Creates a client from a complete config, which it copies. Sends nothing.</summary>
        /// <exception cref="AuthKeepException">The config is incomplete or contradicts itself.</exception>
        public Client(Config config)
        {
            if (config == null)
            {
                throw new ArgumentNullException("config");
            }
            handle = config.NewClient(out profile);
            subscribers = new Subscribers(this);
        }

        private Client(ClientHandle handle, string profile)
        {
            this.handle = handle;
            this.profile = profile;
            subscribers = new Subscribers(this);
        }

        /// <summary>Creates a client from a profile alone. Reads a file.</summary>
        /// <param name="profile">The profile.</param>
        /// <param name="path">A profiles file, or null for the user's own. References to secrets in a file
        /// at path are not permitted; see <see cref="Config.LoadProfile"/>.</param>
        /// <exception cref="AuthKeepException">The profile is missing, wrong or incomplete.</exception>
        /// <exception cref="DllNotFoundException">There is no native library; the message says where
        /// it was looked for.</exception>
        public static Client Open(string profile, string path = null)
        {
            // Not authkeep_client_open, which knows nothing of what managed code has set.
            using (Config config = new Config())
            {
                return new Client(config.LoadProfile(profile, path));
            }
        }

        /// <summary>Takes over an <c>authkeep_client *</c> that another language of this process has given
        /// away. It is freed by <see cref="Dispose"/>, and by nobody else.</summary>
        public static Client FromNative(IntPtr client)
        {
            if (client == IntPtr.Zero)
            {
                throw new ArgumentNullException("client");
            }
            Library.Load();
            return new Client(new ClientHandle(client), null);
        }

        /// <summary>Tells what happens to the credential: when calls of this client end, on their threads,
        /// several at once. What happened in between, such as a renewal, is told by the next call. A
        /// <see cref="Clone"/> tells its own subscribers.</summary>
        /// <remarks>
        /// A handler may use this client and others, which is not told. What it throws is dropped: a request
        /// that was answered doesn't fail because of who listened. A call that is under way may still
        /// tell a handler that has just been removed.
        /// </remarks>
        public event EventHandler<LogEventArgs> Log
        {
            add { subscribers.Add(value, OpenHandle()); }
            remove { subscribers.Remove(value, handle); }
        }

        /// <summary>The profile that it was made from, or null.</summary>
        public string Profile
        {
            get { return profile; }
        }

        /// <summary>Whether <see cref="Dispose"/> was called.</summary>
        public bool IsDisposed
        {
            get { return isDisposed; }
        }

        /// <summary>Gets a valid access token, from memory or newly issued. Blocks only if there is none,
        /// if the call asks for a longer life than it has left, or if it is the one that begins to renew
        /// the token with a refresh token that the server replaces.</summary>
        /// <param name="call">Options, or null for the client's own.</param>
        /// <param name="cancellation">Ends the wait.</param>
        public Token GetToken(Call call = null, CancellationToken cancellation = default(CancellationToken))
        {
            using (CallScope scope = new CallScope(call, cancellation))
            {
                TokenHandle token;
                IntPtr error;
                scope.ThrowIfFailed(
                    Native.authkeep_client_get_token(OpenHandle(), scope.Handle, out token, out error), error);
                return new Token(token);
            }
        }

        /// <summary>Sends a request with the credential attached and returns the whole response,
        /// whatever its status; redirects are not followed. Blocks.</summary>
        /// <param name="request">The request, which may be sent again.</param>
        /// <param name="call">Options, or null for the client's own.</param>
        /// <param name="cancellation">Ends the wait.</param>
        public Response Perform(
            Request request, Call call = null, CancellationToken cancellation = default(CancellationToken))
        {
            if (request == null)
            {
                throw new ArgumentNullException("request");
            }
            using (CallScope scope = new CallScope(call, cancellation))
            using (request.Sending())
            {
                ResponseHandle response;
                IntPtr error;
                scope.ThrowIfFailed(
                    Native.authkeep_client_perform(
                        OpenHandle(), request.Handle, scope.Handle, out response, out error),
                    error);
                return new Response(response, request.Method, request.Target);
            }
        }

        /// <summary>Sends a GET of a path below <c>base_url</c>, with or without a query, or of a URL that
        /// the config allows. Blocks.</summary>
        public Response Get(
            string target, Call call = null, CancellationToken cancellation = default(CancellationToken))
        {
            byte[] nativeTarget = Utf8.Encode(target, "target");
            using (CallScope scope = new CallScope(call, cancellation))
            {
                ResponseHandle response;
                IntPtr error;
                scope.ThrowIfFailed(
                    Native.authkeep_client_get(OpenHandle(), nativeTarget, scope.Handle, out response, out error),
                    error);
                return new Response(response, "GET", target);
            }
        }

        /// <summary>Sends a POST of a JSON text. Blocks.</summary>
        public Response Post(
            string target, string json, Call call = null,
            CancellationToken cancellation = default(CancellationToken))
        {
            return Send(new Request("POST", target).SetJson(json), call, cancellation);
        }

        /// <summary>Sends a POST of bytes. Blocks.</summary>
        public Response Post(
            string target, byte[] body, string contentType, Call call = null,
            CancellationToken cancellation = default(CancellationToken))
        {
            return Send(new Request("POST", target).SetBody(body, contentType), call, cancellation);
        }

        /// <summary>Sends a PUT of a JSON text. Blocks.</summary>
        public Response Put(
            string target, string json, Call call = null,
            CancellationToken cancellation = default(CancellationToken))
        {
            return Send(new Request("PUT", target).SetJson(json), call, cancellation);
        }

        /// <summary>Sends a PUT of bytes. Blocks.</summary>
        public Response Put(
            string target, byte[] body, string contentType, Call call = null,
            CancellationToken cancellation = default(CancellationToken))
        {
            return Send(new Request("PUT", target).SetBody(body, contentType), call, cancellation);
        }

        /// <summary>Sends a PATCH of a JSON text. Blocks.</summary>
        public Response Patch(
            string target, string json, Call call = null,
            CancellationToken cancellation = default(CancellationToken))
        {
            return Send(new Request("PATCH", target).SetJson(json), call, cancellation);
        }

        /// <summary>Sends a PATCH of bytes. Blocks.</summary>
        public Response Patch(
            string target, byte[] body, string contentType, Call call = null,
            CancellationToken cancellation = default(CancellationToken))
        {
            return Send(new Request("PATCH", target).SetBody(body, contentType), call, cancellation);
        }

        /// <summary>Sends a DELETE. Blocks.</summary>
        public Response Delete(
            string target, Call call = null, CancellationToken cancellation = default(CancellationToken))
        {
            return Send(new Request("DELETE", target), call, cancellation);
        }

        /// <summary>Forgets past failures, so that the next call tries at once: for when what caused them
        /// has been mended. Keeps a valid token. Never blocks.</summary>
        public void Reset()
        {
            IntPtr error;
            AuthKeepException.ThrowIfFailed(Native.authkeep_client_reset(OpenHandle(), out error), error);
        }

        /// <summary>Drops the access token, and the refresh token that the server gave for the one that was
        /// configured: for when they have fallen into wrong hands. A <see cref="Token"/> that was handed out
        /// before keeps its value. The next call begins anew from what the config tells. Doesn't tell the
        /// server. Never blocks.</summary>
        public void Forget()
        {
            IntPtr error;
            AuthKeepException.ThrowIfFailed(Native.authkeep_client_forget(OpenHandle(), out error), error);
        }

        /// <summary>Explains what <see cref="GetToken"/> would come to now, and why. Does nothing of it, and
        /// never blocks.</summary>
        /// <param name="call">Options, or null for the client's own.</param>
        public Explanation Explain(Call call = null)
        {
            ExplanationHandle explanation;
            IntPtr error;
            AuthKeepException.ThrowIfFailed(
                Native.authkeep_client_explain(
                    OpenHandle(), call == null ? CallHandle.None : call.Handle, out explanation, out error),
                error);
            return new Explanation(explanation);
        }

        /// <summary>A second client on the same tokens and connections, which lives until the last of
        /// them is disposed of.</summary>
        public Client Clone()
        {
            return new Client(NewHandle(), profile);
        }

        /// <summary>An <c>authkeep_client *</c> on the same tokens and connections, to give away to another
        /// language of this process that uses the same loaded library. The receiver owns it and frees it
        /// once, by <c>authkeep_client_free</c>; it lives on after <see cref="Dispose"/>.</summary>
        public IntPtr ToNative()
        {
            return NewHandle().GiveAway();
        }

        /// <summary>Ends the use of the client. Never blocks: calls of other threads end as they would
        /// have, and the last of them gives up the connections.</summary>
        public void Dispose()
        {
            isDisposed = true;
            handle.Dispose();
        }

        /// <summary>The profile that it was made from, and whether it is disposed.</summary>
        public override string ToString()
        {
            return "AuthKeep.Client" + (profile == null ? "" : " " + profile) + (IsDisposed ? ", disposed" : "");
        }

        private Response Send(Request request, Call call, CancellationToken cancellation)
        {
            using (request)
            {
                return Perform(request, call, cancellation);
            }
        }

        private ClientHandle NewHandle()
        {
            ClientHandle clone;
            IntPtr error;
            AuthKeepException.ThrowIfFailed(
                Native.authkeep_client_clone(OpenHandle(), out clone, out error), error);
            return clone;
        }

        private ClientHandle OpenHandle()
        {
            if (isDisposed)
            {
                throw new ObjectDisposedException(GetType().FullName);
            }
            return handle;
        }
    }
}
