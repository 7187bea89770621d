using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AuthKeep
{
    /// <summary>
    /// A pointer to a native object, given back once: when it has been disposed
    /// of or forgotten, and no native call that got it is under way any more.
    /// </summary>
    /// <remarks>
    /// What makes the first of a kind isn't inlined: Mono looks for the library when it compiles a
    /// method that calls it, and that must not be before <see cref="Library.Load"/>.
    /// </remarks>
    internal abstract class Handle : SafeHandle
    {
        protected Handle()
            : base(IntPtr.Zero, true)
        {
        }

        public sealed override bool IsInvalid
        {
            get { return handle == IntPtr.Zero; }
        }

        protected sealed override bool ReleaseHandle()
        {
            Free(handle);
            return true;
        }

        protected abstract void Free(IntPtr pointer);
    }

    /// <summary>An <c>authkeep_config *</c>.</summary>
    internal sealed class ConfigHandle : Handle
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static ConfigHandle New()
        {
            return Native.authkeep_config_new();
        }

        protected override void Free(IntPtr pointer)
        {
            Native.authkeep_config_free(pointer);
        }
    }

    /// <summary>An <c>authkeep_client *</c>.</summary>
    internal sealed class ClientHandle : Handle
    {
        private Subscribers subscribers;
        private GCHandle context;

        internal ClientHandle()
        {
        }

        /// <summary>Takes over a pointer that another language gave away.</summary>
        internal ClientHandle(IntPtr pointer)
        {
            SetHandle(pointer);
        }

        /// <summary>Gives the pointer away; this handle is closed then.</summary>
        internal IntPtr GiveAway()
        {
            IntPtr pointer = handle;
            SetHandleAsInvalid();
            return pointer;
        }

        /// <summary>What stands for its subscribers in native code, until no call with this handle is under
        /// way any more. By itself it keeps nobody in memory; a call that is under way does.</summary>
        internal IntPtr ContextOf(Subscribers subscribers)
        {
            if (this.subscribers == null)
            {
                this.subscribers = subscribers;
                context = GCHandle.Alloc(subscribers, GCHandleType.Weak);
            }
            return GCHandle.ToIntPtr(context);
        }

        protected override void Free(IntPtr pointer)
        {
            Native.authkeep_client_free(pointer);
            if (context.IsAllocated)
            {
                context.Free();
            }
        }
    }

    /// <summary>An <c>authkeep_call *</c>.</summary>
    internal sealed class CallHandle : Handle
    {
        /// <summary>NULL, for the defaults.</summary>
        internal static readonly CallHandle None = new CallHandle();

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static CallHandle New()
        {
            return Native.authkeep_call_new();
        }

        protected override void Free(IntPtr pointer)
        {
            Native.authkeep_call_free(pointer);
        }
    }

    /// <summary>An <c>authkeep_token *</c>.</summary>
    internal sealed class TokenHandle : Handle
    {
        protected override void Free(IntPtr pointer)
        {
            Native.authkeep_token_free(pointer);
        }
    }

    /// <summary>An <c>authkeep_request *</c>.</summary>
    internal sealed class RequestHandle : Handle
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static RequestHandle New(byte[] method, byte[] target)
        {
            RequestHandle request;
            IntPtr error;
            AuthKeepException.ThrowIfFailed(
                Native.authkeep_request_new(method, target, out request, out error), error);
            return request;
        }

        protected override void Free(IntPtr pointer)
        {
            Native.authkeep_request_free(pointer);
        }
    }

    /// <summary>An <c>authkeep_response *</c>.</summary>
    internal sealed class ResponseHandle : Handle
    {
        protected override void Free(IntPtr pointer)
        {
            Native.authkeep_response_free(pointer);
        }
    }

    /// <summary>An <c>authkeep_explanation *</c>.</summary>
    internal sealed class ExplanationHandle : Handle
    {
        protected override void Free(IntPtr pointer)
        {
            Native.authkeep_explanation_free(pointer);
        }
    }

    /// <summary>An <c>authkeep_error *</c>.</summary>
    internal sealed class ErrorHandle : Handle
    {
        internal ErrorHandle(IntPtr pointer)
        {
            SetHandle(pointer);
        }

        protected override void Free(IntPtr pointer)
        {
            Native.authkeep_error_free(pointer);
        }
    }
}
