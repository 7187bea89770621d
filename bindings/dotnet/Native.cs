using System;
using System.Runtime.InteropServices;

namespace AuthKeep
{
    /// <summary>
    /// The C functions as a table: one row each, in the order of the header.
    /// </summary>
    /// <remarks>
    /// Text goes in as the bytes of <see cref="Utf8"/> and comes out as a pointer
    /// that its handle owns. A function that an older library lacks fails when
    /// it is used. Who gets here has come by <see cref="Library.Load"/>.
    /// </remarks>
    internal static class Native
    {
        internal const string Name = "authkeep";
        private const CallingConvention Cdecl = CallingConvention.Cdecl;

        /// <summary>An <c>authkeep_log</c>.</summary>
        [UnmanagedFunctionPointer(Cdecl)]
        internal delegate void Log(int level, IntPtr message, IntPtr context);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_version();

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_abi_version();

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern UIntPtr authkeep_provider_count();

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_provider_name(UIntPtr provider);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_provider_title(UIntPtr provider);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_provider_about(UIntPtr provider);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern UIntPtr authkeep_provider_need_count(UIntPtr provider);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_provider_need_key(UIntPtr provider, UIntPtr need);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_provider_need_grant(UIntPtr provider, UIntPtr need);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_provider_need_place(UIntPtr provider, UIntPtr need);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern ConfigHandle authkeep_config_new();

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_config_set(
            ConfigHandle config, byte[] key, byte[] value, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_config_set_env(
            ConfigHandle config, byte[] name, byte[] value, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_config_merge_json(
            ConfigHandle config, byte[] json, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_config_load_profile(
            ConfigHandle config, byte[] name, byte[] path, int allowReferences, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern void authkeep_config_free(IntPtr config);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_client_new(
            ConfigHandle config, out ClientHandle outClient, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_client_open(
            byte[] profile, byte[] path, out ClientHandle outClient, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_client_clone(
            ClientHandle client, out ClientHandle outClone, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_client_get_token(
            ClientHandle client, CallHandle call, out TokenHandle outToken, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_client_copy_token(
            ClientHandle client, CallHandle call, byte[] buffer, UIntPtr capacity, out UIntPtr outLength, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_client_perform(
            ClientHandle client, RequestHandle request, CallHandle call, out ResponseHandle outResponse, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_client_get(
            ClientHandle client, byte[] target, CallHandle call, out ResponseHandle outResponse, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_client_reset(ClientHandle client, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_client_forget(ClientHandle client, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_client_set_log(
            ClientHandle client, int level, Log log, IntPtr context, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_client_explain(
            ClientHandle client, CallHandle call, out ExplanationHandle outExplanation, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern void authkeep_client_free(IntPtr client);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern CallHandle authkeep_call_new();

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_call_set_timeout_ms(
            CallHandle call, long timeoutMs, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_call_set_min_validity_ms(
            CallHandle call, long minValidityMs, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_call_set_wake(
            CallHandle call, int readFd, int cancelByte, int forwardFd, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern void authkeep_call_cancel(CallHandle call);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern void authkeep_call_free(IntPtr call);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_token_access_token(TokenHandle token);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern UIntPtr authkeep_token_access_token_size(TokenHandle token);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_token_type(TokenHandle token);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_token_scope(TokenHandle token);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern long authkeep_token_expires_at(TokenHandle token);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_token_min_validity_met(TokenHandle token);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern void authkeep_token_free(IntPtr token);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_request_new(
            byte[] method, byte[] target, out RequestHandle outRequest, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_request_add_query(
            RequestHandle request, byte[] name, byte[] value, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_request_add_header(
            RequestHandle request, byte[] name, byte[] value, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_request_set_body(
            RequestHandle request, byte[] data, UIntPtr size, byte[] contentType, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_request_set_json(
            RequestHandle request, byte[] json, out IntPtr outError);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern void authkeep_request_free(IntPtr request);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_response_status(ResponseHandle response);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_response_header(ResponseHandle response, byte[] name);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern UIntPtr authkeep_response_header_count(ResponseHandle response);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_response_header_name(ResponseHandle response, UIntPtr index);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_response_header_value(ResponseHandle response, UIntPtr index);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_response_body(ResponseHandle response);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern UIntPtr authkeep_response_body_size(ResponseHandle response);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern void authkeep_response_free(IntPtr response);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_explanation_json(ExplanationHandle explanation);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern long authkeep_explanation_counter(ExplanationHandle explanation, byte[] name);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern void authkeep_explanation_free(IntPtr explanation);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_error_status(ErrorHandle error);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_error_code(ErrorHandle error);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_error_message(ErrorHandle error);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_error_oauth_error(ErrorHandle error);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern IntPtr authkeep_error_oauth_description(ErrorHandle error);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern int authkeep_error_http_status(ErrorHandle error);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern long authkeep_error_retry_after_ms(ErrorHandle error);

        [DllImport(Name, CallingConvention = Cdecl)]
        internal static extern void authkeep_error_free(IntPtr error);
    }
}
