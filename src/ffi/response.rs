//! `authkeep_response`: a box.

use std::ffi::{CString, c_char};

use super::guard::infallible;
use super::ptr;
use crate::response::Response;

/// One whole HTTP response, whatever its status.
///
/// An authkeep_response never changes; any number of threads may read it at
/// once. Freed by authkeep_response_free.
pub struct authkeep_response {
    status: i32,
    headers: Vec<(CString, CString)>,
    /// With a NUL behind the last byte.
    body: Vec<u8>,
}

impl authkeep_response {
    pub(super) fn new(response: Response) -> Self {
        let headers = response.headers();
        let headers = headers.map(|(name, value)| (ptr::c_string(name), ptr::c_string(value)));
        let (status, headers) = (i32::from(response.status()), headers.collect());
        let mut body = response.into_body();
        body.push(0);
        authkeep_response {
            status,
            headers,
            body,
        }
    }
}

/// Returns the HTTP status, such as 200 or 404. Never blocks. 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_response_status(response: *const authkeep_response) -> i32 {
    infallible(0, || {
        ptr::peek(response).map_or(0, |response| response.status)
    })
}

/// Returns the first value of a header, its name in any case, or NULL if there
/// is none: borrowed until authkeep_response_free. Never blocks. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_response_header(
    response: *const authkeep_response,
    name: *const c_char,
) -> *const c_char {
    infallible(std::ptr::null(), || {
        let (Some(response), Ok(name)) = (ptr::peek(response), ptr::text(name, "name")) else {
            return std::ptr::null();
        };
        let mut headers = response.headers.iter();
        let found =
            headers.find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name.as_bytes()));
        ptr::borrow(found.map(|(_, value)| value))
    })
}

/// Returns the number of header lines. Never blocks. 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_response_header_count(response: *const authkeep_response) -> usize {
    infallible(0, || {
        ptr::peek(response).map_or(0, |response| response.headers.len())
    })
}

/// Returns the name of a header line, in lower case, in the order in which they
/// came, or NULL past the last: borrowed until authkeep_response_free. Never
/// blocks. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_response_header_name(
    response: *const authkeep_response,
    index: usize,
) -> *const c_char {
    infallible(std::ptr::null(), || {
        let header = ptr::peek(response).and_then(|response| response.headers.get(index));
        ptr::borrow(header.map(|(name, _)| name))
    })
}

/// Returns the value of a header line, or NULL past the last: borrowed until
/// authkeep_response_free. Never blocks. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_response_header_value(
    response: *const authkeep_response,
    index: usize,
) -> *const c_char {
    infallible(std::ptr::null(), || {
        let header = ptr::peek(response).and_then(|response| response.headers.get(index));
        ptr::borrow(header.map(|(_, value)| value))
    })
}

/// Returns the body, with a NUL behind its last byte: borrowed until
/// authkeep_response_free. Never blocks. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_response_body(response: *const authkeep_response) -> *const u8 {
    infallible(std::ptr::null(), || {
        ptr::peek(response).map_or(std::ptr::null(), |response| response.body.as_ptr())
    })
}

/// Returns the number of bytes in the body, without the NUL. Never blocks. 0
/// for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_response_body_size(response: *const authkeep_response) -> usize {
    infallible(0, || {
        ptr::peek(response).map_or(0, |response| response.body.len() - 1)
    })
}

/// Frees a response. NULL is nothing. Never blocks.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_response_free(response: *mut authkeep_response) {
    infallible((), || drop(ptr::take_back(response)));
}
