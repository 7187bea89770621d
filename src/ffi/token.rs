//! `authkeep_token`: shared, one count of many.

use std::ffi::c_char;
use std::sync::Arc;

use super::guard::infallible;
use super::ptr;
use crate::token::{Replica, Token};

/// An immutable snapshot of an access token.
///
/// An authkeep_token never changes; any number of threads may read it at once.
/// Freed by authkeep_token_free.
pub struct authkeep_token {
    /// The pointer is one to a [`Replica`].
    _opaque: [u8; 0],
}

impl authkeep_token {
    /// The count that the token holds becomes the caller's.
    pub(super) fn from_token(token: Token) -> *mut authkeep_token {
        Arc::into_raw(token.into_shared()).cast_mut().cast()
    }

    fn peek<'a>(token: *const authkeep_token) -> Option<&'a Replica> {
        ptr::peek(token.cast())
    }
}

/// Returns the access token itself, or the static key: NUL-terminated, borrowed
/// until authkeep_token_free. Never blocks. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_token_access_token(token: *const authkeep_token) -> *const c_char {
    infallible(std::ptr::null(), || match authkeep_token::peek(token) {
        Some(token) => token.snapshot().access_token.as_ptr().cast(),
        None => std::ptr::null(),
    })
}

/// Returns the length of the access token, without the NUL. Never blocks. 0 for
/// NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_token_access_token_size(token: *const authkeep_token) -> usize {
    infallible(0, || match authkeep_token::peek(token) {
        Some(token) => token.snapshot().access_token.len() - 1,
        None => 0,
    })
}

/// Returns the type that the server gave, usually "Bearer", and "" for a static
/// key: borrowed until authkeep_token_free. Never blocks. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_token_type(token: *const authkeep_token) -> *const c_char {
    infallible(std::ptr::null(), || match authkeep_token::peek(token) {
        Some(token) => token.snapshot().token_type.as_ptr().cast(),
        None => std::ptr::null(),
    })
}

/// Returns the scope that the server said it granted, or NULL if it said
/// nothing: borrowed until authkeep_token_free. Never blocks. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_token_scope(token: *const authkeep_token) -> *const c_char {
    infallible(std::ptr::null(), || {
        let scope = authkeep_token::peek(token).and_then(|token| token.snapshot().scope.as_ref());
        scope.map_or(std::ptr::null(), |scope| scope.as_ptr().cast())
    })
}

/// Returns when the token expires, in Unix seconds of this machine's clock, and
/// -1 for a static key, which doesn't. The server may end it earlier. Never
/// blocks. -1 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_token_expires_at(token: *const authkeep_token) -> i64 {
    infallible(-1, || {
        let token = authkeep_token::peek(token);
        token
            .and_then(|token| token.snapshot().expires_at)
            .unwrap_or(-1)
    })
}

/// Returns 1 if the token was valid for as long as the call asked when it was
/// returned, and 0 where the server gives none that lives so long. Never
/// blocks. 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_token_min_validity_met(token: *const authkeep_token) -> i32 {
    infallible(0, || match authkeep_token::peek(token) {
        Some(token) => i32::from(token.min_validity_met()),
        None => 0,
    })
}

/// Frees a token. NULL is nothing. Never blocks.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_token_free(token: *mut authkeep_token) {
    infallible((), || {
        if !token.is_null() {
            // SAFETY: from `from_token`, and freed once, as the header demands.
            drop(unsafe { Arc::from_raw(token.cast_const().cast::<Replica>()) });
        }
    });
}
