//! Nothing unwinds into C: a panic becomes a status or a neutral value.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use super::error::authkeep_error;
use super::ptr;
use super::status::{AUTHKEEP_OK, authkeep_status};
use crate::error::{Error, Result, Status};

/// Runs the body of a function that can fail.
pub(super) fn fallible(
    out_error: *mut *mut authkeep_error,
    body: impl FnOnce() -> Result<()>,
) -> authkeep_status {
    ptr::clear(out_error);
    let error = match caught(body) {
        Some(Ok(())) => return AUTHKEEP_OK,
        Some(Err(error)) => error,
        None => Error::new(
            Status::Internal,
            "internal.panic",
            "the call failed through a bug of authkeep; please report it",
        ),
    };
    let status = error.status() as authkeep_status;
    if !out_error.is_null() {
        ptr::give(out_error, Box::new(authkeep_error::new(&error)));
    }
    status
}

/// Runs the body of a function that can't fail.
pub(super) fn infallible<T>(otherwise: T, body: impl FnOnce() -> T) -> T {
    caught(body).unwrap_or(otherwise)
}

fn caught<T>(body: impl FnOnce() -> T) -> Option<T> {
    // Nobody waits for the first: a fork could have left it behind.
    static IS_READY: AtomicBool = AtomicBool::new(false);
    if !IS_READY.load(Ordering::Relaxed) && !IS_READY.swap(true, Ordering::Relaxed) {
        prepare();
    }
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(value) => Some(value),
        Err(payload) => {
            // Dropping a payload may panic again.
            std::mem::forget(payload);
            None
        }
    }
}

#[cold]
fn prepare() {
    // This library has a standard library of its own, so the hook is its own as
    // well: nothing is printed to the host's stderr.
    std::panic::set_hook(Box::new(|_| {}));
    #[cfg(windows)]
    crate::os::loaded::pin();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_status_and_an_error() {
        let mut error = std::ptr::null_mut();
        let status = fallible(&mut error, || panic!("a bug"));
        assert_eq!(status, Status::Internal as i32);
        let error = ptr::take_back(error).unwrap();
        assert_eq!(error.status(), status);
        assert_eq!(infallible(7, || panic!("a bug")), 7);
    }
}
