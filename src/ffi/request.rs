//! `authkeep_request`: a box.

use std::ffi::c_char;

use super::error::authkeep_error;
use super::guard::{fallible, infallible};
use super::ptr;
use super::status::authkeep_status;
use crate::request::Request;

/// One HTTP request, to be sent as often as wanted.
///
/// An authkeep_request may be changed by one thread at a time; while none
/// changes it, any number may send it. Freed by authkeep_request_free.
pub struct authkeep_request(pub(super) Request);

/// Creates a request of method ("GET") to target: a path below "base_url",
/// with or without a leading slash and a query, or an absolute URL under
/// "base_url" or one of "allowed_urls". Never blocks.
///
/// The caller owns *out_request and frees it with authkeep_request_free.
///
/// Returns AUTHKEEP_OK, or AUTHKEEP_ERR_INVALID_ARGUMENT for a method that is no
/// word. The target is checked when the request is sent.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_request_new(
    method: *const c_char,
    target: *const c_char,
    out_request: *mut *mut authkeep_request,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        ptr::output(out_request, "out_request")?;
        let method = ptr::text(method, "method")?;
        let request = Request::new(method, ptr::text(target, "target")?)?;
        ptr::give(out_request, Box::new(authkeep_request(request)));
        Ok(())
    })
}

/// Adds a pair to the target's query, form-encoded. Never blocks.
///
/// Returns AUTHKEEP_OK or AUTHKEEP_ERR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_request_add_query(
    request: *mut authkeep_request,
    name: *const c_char,
    value: *const c_char,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        let request = ptr::lend_mut(request, "request")?;
        let name = ptr::text(name, "name")?;
        request.0.add_query(name, ptr::text(value, "value")?);
        Ok(())
    })
}

/// Adds a header; one of the same name stays, but for Content-Type, which is
/// replaced. Never blocks.
///
/// Returns AUTHKEEP_OK, AUTHKEEP_ERR_INVALID_ARGUMENT for what HTTP can't carry,
/// AUTHKEEP_ERR_NOT_ALLOWED for headers that frame the message, such as Host and
/// Content-Length, or AUTHKEEP_ERR_TOO_LARGE. The header that carries the
/// credential is refused when the request is sent.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_request_add_header(
    request: *mut authkeep_request,
    name: *const c_char,
    value: *const c_char,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        let request = ptr::lend_mut(request, "request")?;
        let name = ptr::text(name, "name")?;
        request.0.add_header(name, ptr::text(value, "value")?)?;
        Ok(())
    })
}

/// Sets the body: size bytes at data, copied; NULL and 0 for an empty one.
/// Never blocks. content_type: replaces an earlier Content-Type; NULL leaves it
/// as it is.
///
/// Returns AUTHKEEP_OK, AUTHKEEP_ERR_INVALID_ARGUMENT or AUTHKEEP_ERR_TOO_LARGE.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_request_set_body(
    request: *mut authkeep_request,
    data: *const u8,
    size: usize,
    content_type: *const c_char,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        let request = ptr::lend_mut(request, "request")?;
        let body = ptr::bytes(data, size, "data")?;
        let content_type = ptr::optional_text(content_type, "content_type")?;
        request.0.set_body(body, content_type)?;
        Ok(())
    })
}

/// Sets a JSON text as the body, with the Content-Type application/json; another
/// is added afterwards. Never blocks.
///
/// Returns AUTHKEEP_OK, or AUTHKEEP_ERR_INVALID_ARGUMENT for what is not JSON.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_request_set_json(
    request: *mut authkeep_request,
    json: *const c_char,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        let request = ptr::lend_mut(request, "request")?;
        request.0.set_json(ptr::text(json, "json")?)?;
        Ok(())
    })
}

/// Frees a request. NULL is nothing. Not while a thread is sending it.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_request_free(request: *mut authkeep_request) {
    infallible((), || drop(ptr::take_back(request)));
}
