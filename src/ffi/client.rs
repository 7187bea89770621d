//! `authkeep_client`: counted by its users, see `handle`.

use std::ffi::{c_char, c_void};
use std::path::Path;

use super::call::authkeep_call;
use super::config::authkeep_config;
use super::error::authkeep_error;
use super::explanation::authkeep_explanation;
use super::guard::{fallible, infallible};
use super::handle::authkeep_client;
use super::log::{self, Context, authkeep_log};
use super::ptr;
use super::request::authkeep_request;
use super::response::authkeep_response;
use super::status::authkeep_status;
use super::token::authkeep_token;
use crate::client::Client;
use crate::error::{Error, Status};
use crate::log::LogLevel;
use crate::token::Token;

/// Creates a client from a complete config, which it copies. Sends nothing;
/// reads the file "tls.ca_file" if there is one.
///
/// Clients of the same credential share their tokens within a process.
/// The caller owns *out_client and frees it with authkeep_client_free.
///
/// Returns AUTHKEEP_OK, AUTHKEEP_ERR_INVALID_CONFIG or AUTHKEEP_ERR_NOT_ALLOWED
/// if the config is incomplete or contradicts itself.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_client_new(
    config: *const authkeep_config,
    out_client: *mut *mut authkeep_client,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        ptr::output(out_client, "out_client")?;
        let client = Client::new(&ptr::lend(config, "config")?.0)?;
        ptr::give_raw(out_client, authkeep_client::new(client));
        Ok(())
    })
}

/// Creates a client from a profile alone. Reads a file.
///
/// path: a profiles file, or NULL for the user's own. References in a file at
/// path are not permitted; see authkeep_config_load_profile.
/// The caller owns *out_client and frees it with authkeep_client_free.
///
/// Returns AUTHKEEP_OK, AUTHKEEP_ERR_INVALID_CONFIG or AUTHKEEP_ERR_NOT_ALLOWED.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_client_open(
    profile: *const c_char,
    path: *const c_char,
    out_client: *mut *mut authkeep_client,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        ptr::output(out_client, "out_client")?;
        let profile = ptr::text(profile, "profile")?;
        let path = ptr::optional_text(path, "path")?.map(Path::new);
        let client = Client::open(profile, path)?;
        ptr::give_raw(out_client, authkeep_client::new(client));
        Ok(())
    })
}

/// Creates a second handle on the same client: same tokens, same connections,
/// but a log of its own. Never blocks.
///
/// The caller owns *out_clone and frees it with authkeep_client_free; the
/// client lives until its last handle is freed.
///
/// Returns AUTHKEEP_OK or AUTHKEEP_ERR_CLOSED.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_client_clone(
    client: *const authkeep_client,
    out_clone: *mut *mut authkeep_client,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        ptr::output(out_clone, "out_clone")?;
        let clone = ptr::lend(client, "client")?.with(|client| Ok(client.with_own_log()))?;
        ptr::give_raw(out_clone, authkeep_client::new(clone));
        Ok(())
    })
}

/// Gets a valid access token, from memory or newly issued. Blocks only if
/// there is none, if the call asks for a longer life than it has left, or if
/// it is the one that begins to renew the token with a refresh token that the
/// server replaces; at most until the call's deadline, and a valid token is
/// returned even then.
///
/// call: NULL for defaults. The caller owns *out_token and frees it with
/// authkeep_token_free.
///
/// Returns AUTHKEEP_OK, AUTHKEEP_ERR_DEADLINE, AUTHKEEP_ERR_CANCELLED,
/// AUTHKEEP_ERR_CLOSED, or what the token request came to:
/// AUTHKEEP_ERR_INVALID_CREDENTIALS, AUTHKEEP_ERR_REAUTH_REQUIRED,
/// AUTHKEEP_ERR_UNAVAILABLE, AUTHKEEP_ERR_BAD_RESPONSE, AUTHKEEP_ERR_TLS,
/// AUTHKEEP_ERR_TOO_LARGE, AUTHKEEP_ERR_INVALID_CONFIG. After a failure callers
/// get the last error at once until another attempt is due; see
/// authkeep_error_retry_after_ms.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_client_get_token(
    client: *const authkeep_client,
    call: *const authkeep_call,
    out_token: *mut *mut authkeep_token,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        ptr::output(out_token, "out_token")?;
        let call = authkeep_call::or_default(call);
        let token = ptr::lend(client, "client")?.with(|client| client.get_token(&call))?;
        ptr::give_raw(out_token, authkeep_token::from_token(token));
        Ok(())
    })
}

/// Copies a valid access token and a NUL into the caller's buffer. Blocks like
/// authkeep_client_get_token.
///
/// buffer: capacity bytes; NULL with a capacity of 0 asks for the length alone.
/// *out_length: the token's length without the NUL, also when the buffer is too
/// small, else 0. call: NULL for defaults.
///
/// Returns AUTHKEEP_OK, AUTHKEEP_ERR_BUFFER_TOO_SMALL if capacity is not larger
/// than the length (the token may be another by the next call, and longer), or
/// what authkeep_client_get_token returns.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_client_copy_token(
    client: *const authkeep_client,
    call: *const authkeep_call,
    buffer: *mut c_char,
    capacity: usize,
    out_length: *mut usize,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        ptr::write(out_length, 0, "out_length")?;
        if buffer.is_null() && capacity > 0 {
            return Err(ptr::is_null("buffer"));
        }
        let call = authkeep_call::or_default(call);
        let copy = |token: &Token| {
            let text = token.access_token();
            if text.len() < capacity {
                ptr::copy_out(text, buffer);
            }
            text.len()
        };
        let client = ptr::lend(client, "client")?;
        let length = client.with(|client| client.with_token(&call, copy))?;
        ptr::write(out_length, length, "out_length")?;
        if length >= capacity {
            return Err(Error::new(
                Status::BufferTooSmall,
                "argument.buffer_too_small",
                format!("the token and its NUL need {} bytes", length + 1),
            ));
        }
        Ok(())
    })
}

/// Sends a request with the credential attached and returns the whole response,
/// whatever its status; redirects are not followed. Blocks, at most until the
/// call's deadline.
///
/// The call that begins to renew a token with a refresh token that the server
/// replaces returns after the renewal, for which its request doesn't wait. A
/// 401 that concerns the current token renews it and repeats the request once.
/// A GET, HEAD or OPTIONS whose idle connection turned out to be closed is
/// repeated once on a new one. Nothing is sent if no token can be had.
///
/// call: NULL for defaults. The caller owns *out_response and frees it with
/// authkeep_response_free.
///
/// Returns AUTHKEEP_OK, AUTHKEEP_ERR_NOT_ALLOWED for a target or header that
/// the config doesn't allow, AUTHKEEP_ERR_INVALID_ARGUMENT for a target that is
/// no URL, or what authkeep_client_get_token returns.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_client_perform(
    client: *const authkeep_client,
    request: *const authkeep_request,
    call: *const authkeep_call,
    out_response: *mut *mut authkeep_response,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        ptr::output(out_response, "out_response")?;
        let request = &ptr::lend(request, "request")?.0;
        let call = authkeep_call::or_default(call);
        let client = ptr::lend(client, "client")?;
        let response = client.with(|client| client.perform(request, &call))?;
        ptr::give(out_response, Box::new(authkeep_response::new(response)));
        Ok(())
    })
}

/// Sends a GET of target: authkeep_client_perform with a request of that alone.
/// Blocks, at most until the call's deadline.
///
/// call: NULL for defaults. The caller owns *out_response and frees it with
/// authkeep_response_free.
///
/// Returns what authkeep_client_perform returns.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_client_get(
    client: *const authkeep_client,
    target: *const c_char,
    call: *const authkeep_call,
    out_response: *mut *mut authkeep_response,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        ptr::output(out_response, "out_response")?;
        let target = ptr::text(target, "target")?;
        let call = authkeep_call::or_default(call);
        let client = ptr::lend(client, "client")?;
        let response = client.with(|client| client.get(target, &call))?;
        ptr::give(out_response, Box::new(authkeep_response::new(response)));
        Ok(())
    })
}

/// Forgets past failures, so that the next call tries at once: for when what
/// caused them has been mended. Keeps a valid token. Concerns all clients of
/// the same credential in this process. Never blocks.
///
/// Returns AUTHKEEP_OK or AUTHKEEP_ERR_CLOSED.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_client_reset(
    client: *const authkeep_client,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        ptr::lend(client, "client")?.with(|client| {
            client.reset();
            Ok(())
        })
    })
}

/// Drops the access token, and the refresh token that the server gave for the
/// one that was configured: for when they have fallen into wrong hands. Tokens
/// that were handed out before stay as they are. The next call begins anew
/// from what the config tells; where that is a refresh token that was spent
/// already, it returns AUTHKEEP_ERR_REAUTH_REQUIRED, and where tokens are
/// forgotten again and again, AUTHKEEP_ERR_UNAVAILABLE for a while. Concerns
/// all clients of the same credential in this process; doesn't tell the server.
/// Never blocks.
///
/// Returns AUTHKEEP_OK or AUTHKEEP_ERR_CLOSED.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_client_forget(
    client: *const authkeep_client,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        ptr::lend(client, "client")?.with(|client| {
            client.forget();
            Ok(())
        })
    })
}

/// Calls log from now on with what happens to the client's credential: the
/// messages of level and of the smaller ones. It takes the place of the log
/// before on this handle; other handles have their own. Never blocks.
///
/// log is called on the threads that call functions with this handle, before
/// these return, under no lock, and on several threads at once; what happens on
/// a thread of the library is told by the next call. It may call this library,
/// and isn't told of what it does there. A call that is under way in another
/// thread may still use the log before, so that its context must outlive the
/// calls that began with it.
///
/// level: one of the AUTHKEEP_LOG_ constants. log: NULL for none, whatever the
/// level. context: handed to log.
///
/// Returns AUTHKEEP_OK, AUTHKEEP_ERR_INVALID_ARGUMENT for another level, or
/// AUTHKEEP_ERR_CLOSED.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_client_set_log(
    client: *const authkeep_client,
    level: i32,
    log: authkeep_log,
    context: *mut c_void,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        let client = ptr::lend(client, "client")?;
        let Some(log) = log else {
            return client.with(|client| {
                client.clear_log();
                Ok(())
            });
        };
        let level = log::level(level)?;
        let context = Context(context);
        let listener = move |level: LogLevel, message: &str| {
            context.tell(log, level, &ptr::c_string(message));
        };
        client.with(|client| {
            client.set_log(level, listener);
            Ok(())
        })
    })
}

/// Explains what authkeep_client_get_token would come to now, and why. Does
/// nothing of it, and never blocks.
///
/// call: NULL for defaults. The caller owns *out_explanation and frees it with
/// authkeep_explanation_free.
///
/// Returns AUTHKEEP_OK or AUTHKEEP_ERR_CLOSED.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_client_explain(
    client: *const authkeep_client,
    call: *const authkeep_call,
    out_explanation: *mut *mut authkeep_explanation,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        ptr::output(out_explanation, "out_explanation")?;
        let call = authkeep_call::or_default(call);
        let client = ptr::lend(client, "client")?;
        let explanation = client.with(|client| Ok(authkeep_explanation::of(client, &call)))?;
        ptr::give(out_explanation, Box::new(explanation));
        Ok(())
    })
}

/// Frees a handle on a client. NULL is nothing. Never blocks.
///
/// Calls under way in other threads end as they would have; the client's
/// connections and secrets go with the last of them. A call on a freed handle
/// returns AUTHKEEP_ERR_CLOSED, for as long as at most 1,024 others were freed
/// after it.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_client_free(client: *mut authkeep_client) {
    infallible((), || authkeep_client::free(client));
}
