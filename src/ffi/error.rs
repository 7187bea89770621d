//! `authkeep_error`: a box.

use std::ffi::{CString, c_char};

use super::guard::infallible;
use super::ptr;
use super::status::{AUTHKEEP_OK, authkeep_status};
use crate::error::Error;

/// What went wrong, with its facts.
///
/// An authkeep_error never changes; any number of threads may read it at once.
/// Freed by authkeep_error_free.
pub struct authkeep_error {
    status: authkeep_status,
    code: CString,
    message: CString,
    oauth_error: Option<CString>,
    oauth_description: Option<CString>,
    http_status: i32,
    retry_after_ms: i64,
}

impl authkeep_error {
    pub(super) fn new(error: &Error) -> Self {
        authkeep_error {
            status: error.status() as authkeep_status,
            code: ptr::c_string(error.code()),
            message: ptr::c_string(error.message()),
            oauth_error: error.oauth_error().map(ptr::c_string),
            oauth_description: error.oauth_description().map(ptr::c_string),
            http_status: error.http_status().map_or(0, i32::from),
            retry_after_ms: error
                .retry_after_ms()
                .map_or(-1, |ms| i64::try_from(ms).unwrap_or(i64::MAX)),
        }
    }

    #[cfg(test)]
    pub(super) fn status(&self) -> authkeep_status {
        self.status
    }
}

/// Returns the status that the function returned with this error. Never blocks.
/// AUTHKEEP_OK for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_error_status(error: *const authkeep_error) -> authkeep_status {
    infallible(AUTHKEEP_OK, || {
        ptr::peek(error).map_or(AUTHKEEP_OK, |error| error.status)
    })
}

/// Returns a stable string that tells causes apart, such as
/// "config.unknown_key" or "oauth.invalid_client"; docs/errors.md has them all.
/// Borrowed until authkeep_error_free. Never blocks. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_error_code(error: *const authkeep_error) -> *const c_char {
    infallible(std::ptr::null(), || {
        ptr::borrow(ptr::peek(error).map(|error| &error.code))
    })
}

/// Returns one line for a log, which says what to do and contains no secret:
/// borrowed until authkeep_error_free. Never blocks. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_error_message(error: *const authkeep_error) -> *const c_char {
    infallible(std::ptr::null(), || {
        ptr::borrow(ptr::peek(error).map(|error| &error.message))
    })
}

/// Returns the "error" of the token endpoint's answer (RFC 6749, section 5.2),
/// or NULL if there was none: borrowed until authkeep_error_free. Never blocks.
/// NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_error_oauth_error(error: *const authkeep_error) -> *const c_char {
    infallible(std::ptr::null(), || {
        ptr::borrow(ptr::peek(error).and_then(|error| error.oauth_error.as_ref()))
    })
}

/// Returns the "error_description" of the token endpoint's answer, cut to 200
/// printable characters, withheld if it may hold a secret of ours, or NULL if
/// there was none: borrowed until authkeep_error_free. Never blocks. NULL for
/// NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_error_oauth_description(error: *const authkeep_error) -> *const c_char {
    infallible(std::ptr::null(), || {
        ptr::borrow(ptr::peek(error).and_then(|error| error.oauth_description.as_ref()))
    })
}

/// Returns the HTTP status of the answer that caused the error, or 0 if there
/// was none. Never blocks. 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_error_http_status(error: *const authkeep_error) -> i32 {
    infallible(0, || ptr::peek(error).map_or(0, |error| error.http_status))
}

/// Returns the milliseconds until another call can have an effect, or -1 if
/// that is not known. Never blocks. -1 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_error_retry_after_ms(error: *const authkeep_error) -> i64 {
    infallible(-1, || {
        ptr::peek(error).map_or(-1, |error| error.retry_after_ms)
    })
}

/// Frees an error. NULL is nothing. Never blocks.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_error_free(error: *mut authkeep_error) {
    infallible((), || drop(ptr::take_back(error)));
}
