//! The statuses, with the numbers of [`crate::Status`].

use crate::error::Status;

/// What a call came to, and what to do next. One of the AUTHKEEP_OK and
/// AUTHKEEP_ERR_ constants; no other value is ever added.
pub type authkeep_status = i32;

/// Done.
pub const AUTHKEEP_OK: authkeep_status = 0;
/// A bug of the caller: fix the call.
pub const AUTHKEEP_ERR_INVALID_ARGUMENT: authkeep_status = 1;
/// Fix the configuration or the profile.
pub const AUTHKEEP_ERR_INVALID_CONFIG: authkeep_status = 2;
/// The configuration does not allow this target, header or scheme.
pub const AUTHKEEP_ERR_NOT_ALLOWED: authkeep_status = 3;
/// The credentials were refused for good: fix them, then reset.
pub const AUTHKEEP_ERR_INVALID_CREDENTIALS: authkeep_status = 4;
/// A person must sign in again.
pub const AUTHKEEP_ERR_REAUTH_REQUIRED: authkeep_status = 5;
/// Not now: network, server error, throttling or back-off. See
/// authkeep_error_retry_after_ms.
pub const AUTHKEEP_ERR_UNAVAILABLE: authkeep_status = 6;
/// The deadline of the call passed.
pub const AUTHKEEP_ERR_DEADLINE: authkeep_status = 7;
/// The call was cancelled.
pub const AUTHKEEP_ERR_CANCELLED: authkeep_status = 8;
/// A server answered what the standard does not allow.
pub const AUTHKEEP_ERR_BAD_RESPONSE: authkeep_status = 9;
/// No trusted TLS connection could be made.
pub const AUTHKEEP_ERR_TLS: authkeep_status = 10;
/// A token, header or body is larger than the limit.
pub const AUTHKEEP_ERR_TOO_LARGE: authkeep_status = 11;
/// Tokens could not be read from or written to their store.
pub const AUTHKEEP_ERR_STORE: authkeep_status = 12;
/// The buffer is too small; the needed length was told.
pub const AUTHKEEP_ERR_BUFFER_TOO_SMALL: authkeep_status = 13;
/// The client has been freed.
pub const AUTHKEEP_ERR_CLOSED: authkeep_status = 14;
/// A bug of authkeep.
pub const AUTHKEEP_ERR_INTERNAL: authkeep_status = 15;

// One list of numbers for every language.
const _: () = {
    assert!(AUTHKEEP_ERR_INVALID_ARGUMENT == Status::InvalidArgument as i32);
    assert!(AUTHKEEP_ERR_INVALID_CONFIG == Status::InvalidConfig as i32);
    assert!(AUTHKEEP_ERR_NOT_ALLOWED == Status::NotAllowed as i32);
    assert!(AUTHKEEP_ERR_INVALID_CREDENTIALS == Status::InvalidCredentials as i32);
    assert!(AUTHKEEP_ERR_REAUTH_REQUIRED == Status::ReauthRequired as i32);
    assert!(AUTHKEEP_ERR_UNAVAILABLE == Status::Unavailable as i32);
    assert!(AUTHKEEP_ERR_DEADLINE == Status::Deadline as i32);
    assert!(AUTHKEEP_ERR_CANCELLED == Status::Cancelled as i32);
    assert!(AUTHKEEP_ERR_BAD_RESPONSE == Status::BadResponse as i32);
    assert!(AUTHKEEP_ERR_TLS == Status::Tls as i32);
    assert!(AUTHKEEP_ERR_TOO_LARGE == Status::TooLarge as i32);
    assert!(AUTHKEEP_ERR_STORE == Status::Store as i32);
    assert!(AUTHKEEP_ERR_BUFFER_TOO_SMALL == Status::BufferTooSmall as i32);
    assert!(AUTHKEEP_ERR_CLOSED == Status::Closed as i32);
    assert!(AUTHKEEP_ERR_INTERNAL == Status::Internal as i32);
};
