//! `authkeep_call`: a box around a shared call.

use std::borrow::Cow;

use super::error::authkeep_error;
use super::guard::{fallible, infallible};
use super::ptr;
use super::status::authkeep_status;
use crate::call::Call;
use crate::client::default_call;
use crate::error::{Error, Result, Status};
use crate::os::wake::{self, Wake};

/// Options of one call: its deadline, how long a token must still be valid, and
/// its cancellation. May serve several calls, one after another or at once.
///
/// An authkeep_call may be passed to calls and cancelled from any number of
/// threads at once, and changed by one while no other uses it. Freed by
/// authkeep_call_free, also while a call that it was passed to is under way.
pub struct authkeep_call(Call);

impl authkeep_call {
    /// The call itself, kept alive while it is used; NULL means defaults.
    pub(super) fn or_default(call: *const authkeep_call) -> Cow<'static, Call> {
        match ptr::peek(call) {
            Some(call) => Cow::Owned(call.0.clone()),
            None => Cow::Borrowed(default_call()),
        }
    }
}

/// Creates a call with the client's own timeout. Never blocks.
///
/// The caller owns it and frees it with authkeep_call_free.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_call_new() -> *mut authkeep_call {
    infallible(std::ptr::null_mut(), || {
        Box::into_raw(Box::new(authkeep_call(Call::new())))
    })
}

/// Sets how long each function that gets this call may take, in milliseconds
/// from its start. Never blocks.
///
/// Returns AUTHKEEP_OK, or AUTHKEEP_ERR_INVALID_ARGUMENT for a negative value.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_call_set_timeout_ms(
    call: *mut authkeep_call,
    timeout_ms: i64,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        let call = ptr::lend_mut(call, "call")?;
        call.0
            .set_timeout_ms(not_negative(timeout_ms, "timeout_ms")?);
        Ok(())
    })
}

/// Sets for how long a token must still be valid, in milliseconds; 0 by
/// default. Never blocks. Where the server gives none that lives so long, the
/// newest is returned; see authkeep_token_min_validity_met.
///
/// Returns AUTHKEEP_OK, or AUTHKEEP_ERR_INVALID_ARGUMENT for a negative value.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_call_set_min_validity_ms(
    call: *mut authkeep_call,
    min_validity_ms: i64,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        let call = ptr::lend_mut(call, "call")?;
        let min_validity_ms = not_negative(min_validity_ms, "min_validity_ms")?;
        call.0.set_min_validity_ms(min_validity_ms);
        Ok(())
    })
}

/// Lets a byte on a descriptor cancel the call: for runtimes that turn signals
/// into bytes on a pipe, such as Python's signal.set_wakeup_fd. Never blocks.
///
/// While a function that got this call waits, it also polls read_fd, reads
/// what has arrived, writes each byte on to forward_fd unless that is -1, and
/// cancels the call when one equals cancel_byte. The descriptors stay the
/// caller's, and must stay open while the call is used. A read_fd of -1
/// switches this off, and so does its end. A forward_fd that is full or has no
/// reader loses the bytes, and raises no SIGPIPE. On Windows, which can't wait
/// for a pipe, both are sockets.
///
/// Returns AUTHKEEP_OK, or AUTHKEEP_ERR_INVALID_ARGUMENT for a cancel_byte
/// beyond 0 to 255 and, on Windows, for what is not a socket.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_call_set_wake(
    call: *mut authkeep_call,
    read_fd: i32,
    cancel_byte: i32,
    forward_fd: i32,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        let call = ptr::lend_mut(call, "call")?;
        let cancel_byte = u8::try_from(cancel_byte).map_err(|_| {
            Error::new(
                Status::InvalidArgument,
                "argument.range",
                "the argument cancel_byte is not in 0 to 255",
            )
        })?;
        let read = given(read_fd, "read_fd")?;
        let forward = given(forward_fd, "forward_fd")?;
        call.0
            .set_wake(read.map(|read| Wake::new(read, cancel_byte, forward)));
        Ok(())
    })
}

/// Cancels every function that uses this call, now and from now on; each
/// returns AUTHKEEP_ERR_CANCELLED, one that waits within 250 ms. Any thread;
/// never blocks. A token request under way goes on for other callers. NULL is
/// nothing.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_call_cancel(call: *const authkeep_call) {
    infallible((), || {
        if let Some(call) = ptr::peek(call) {
            call.0.cancel();
        }
    });
}

/// Frees a call. NULL is nothing. Functions that were given it and are under
/// way go on.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_call_free(call: *mut authkeep_call) {
    infallible((), || drop(ptr::take_back(call)));
}

fn given(descriptor: i32, name: &str) -> Result<Option<i32>> {
    if descriptor < 0 {
        return Ok(None);
    }
    if !wake::is_usable(descriptor) {
        return Err(Error::new(
            Status::InvalidArgument,
            "argument.not_a_socket",
            format!("the argument {name} is not a socket, and only a socket can wake a call here"),
        ));
    }
    Ok(Some(descriptor))
}

fn not_negative(value: i64, name: &str) -> Result<i64> {
    if value < 0 {
        return Err(Error::new(
            Status::InvalidArgument,
            "argument.range",
            format!("the argument {name} is negative"),
        ));
    }
    Ok(value)
}
