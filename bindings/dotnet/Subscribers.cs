using System;
using System.Runtime.InteropServices;

namespace AuthKeep
{
    /// <summary>
    /// Those who are told what one client logs. The native library tells nobody while there
    /// are none.
    /// </summary>
    internal sealed class Subscribers
    {
        // One for all, and for ever: a native call that is under way has its address.
        private static readonly Native.Log Tell = OnLog;

        private readonly Client client;
        private readonly object gate = new object();
        private volatile EventHandler<LogEventArgs> handlers;

        internal Subscribers(Client client)
        {
            this.client = client;
        }

        internal void Add(EventHandler<LogEventArgs> handler, ClientHandle handle)
        {
            lock (gate)
            {
                if (handlers == null && handler != null)
                {
                    SetLog(handle, Tell, handle.ContextOf(this));
                }
                handlers += handler;
            }
        }

        internal void Remove(EventHandler<LogEventArgs> handler, ClientHandle handle)
        {
            lock (gate)
            {
                bool wereThere = handlers != null;
                handlers -= handler;
                if (wereThere && handlers == null)
                {
                    Silence(handle);
                }
            }
        }

        private static void Silence(ClientHandle handle)
        {
            try
            {
                SetLog(handle, null, IntPtr.Zero);
            }
            catch (ObjectDisposedException)
            {
                // Then nobody is told any more.
            }
        }

        private static void SetLog(ClientHandle handle, Native.Log log, IntPtr context)
        {
            IntPtr error;
            AuthKeepException.ThrowIfFailed(
                Native.authkeep_client_set_log(handle, (int)LogLevel.Debug, log, context, out error), error);
        }

        private static void OnLog(int level, IntPtr message, IntPtr context)
        {
            // Nothing may be thrown through the native frames below.
            try
            {
                Subscribers told = (Subscribers)GCHandle.FromIntPtr(context).Target;
                EventHandler<LogEventArgs> handlers = told.handlers;
                if (handlers != null)
                {
                    told.TellEach(handlers, new LogEventArgs((LogLevel)level, Utf8.Decode(message)));
                }
            }
            catch (Exception)
            {
            }
        }

        private void TellEach(EventHandler<LogEventArgs> handlers, LogEventArgs arguments)
        {
            foreach (EventHandler<LogEventArgs> handler in handlers.GetInvocationList())
            {
                try
                {
                    handler(client, arguments);
                }
                catch (Exception)
                {
                    // Who only listens can't make a request fail that was answered.
                }
            }
        }
    }
}
