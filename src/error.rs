//! What went wrong: one opaque error for every layer and language.
//!
//! A [`Status`] says what the caller does next, a string code tells causes
//! apart, and the message is one line for a log, built from our own words and
//! free of secrets. Foreign error types never appear here: an unknown cause
//! maps to one of the statuses.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The result of a fallible operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What the caller does next; the numbers are those of the C ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
#[repr(i32)]
pub enum Status {
    /// A bug of the caller: fix the call.
    InvalidArgument = 1,
    /// Fix the configuration or the profile.
    InvalidConfig = 2,
    /// The configuration does not allow this target, header or scheme.
    NotAllowed = 3,
    /// The credentials were refused for good: fix them, then `reset`.
    InvalidCredentials = 4,
    /// A person must sign in again.
    ReauthRequired = 5,
    /// Not now: network, server error, throttling or back-off. See
    /// [`Error::retry_after_ms`].
    Unavailable = 6,
    /// The deadline of the call passed.
    Deadline = 7,
    /// The call was cancelled.
    Cancelled = 8,
    /// A server answered what the standard does not allow.
    BadResponse = 9,
    /// No trusted TLS connection could be made.
    Tls = 10,
    /// A token, header or body is larger than the limit.
    TooLarge = 11,
    /// Tokens could not be read from or written to their store.
    Store = 12,
    /// The caller's buffer is too small; the needed length was told.
    BufferTooSmall = 13,
    /// The client has been freed or closed.
    Closed = 14,
    /// A bug of authkeep.
    Internal = 15,
}

/// An error with its facts. Cheap to clone; safe to share between threads.
///
/// ```
/// let error = authkeep::Config::new().set("client_secrte", "s").unwrap_err();
/// assert_eq!(error.status(), authkeep::Status::InvalidConfig);
/// assert_eq!(error.code(), "config.unknown_key");
/// assert!(error.message().contains("did you mean \"client_secret\"?"));
/// ```
#[derive(Clone)]
pub struct Error(Box<Facts>);

#[derive(Clone, Serialize, Deserialize)]
struct Facts {
    status: Status,
    code: Cow<'static, str>,
    message: String,
    oauth_error: Option<String>,
    oauth_description: Option<String>,
    http_status: Option<u16>,
    retry_after_ms: Option<u64>,
}

impl Error {
    /// `message` is one line, without a full stop, without a secret.
    pub(crate) fn new(
        status: Status,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Error(Box::new(Facts {
            status,
            code: code.into(),
            message: message.into(),
            oauth_error: None,
            oauth_description: None,
            http_status: None,
            retry_after_ms: None,
        }))
    }

    pub(crate) fn with_oauth(mut self, error: String, description: Option<String>) -> Self {
        self.0.oauth_error = Some(error);
        self.0.oauth_description = description;
        self
    }

    pub(crate) fn with_http_status(mut self, http_status: u16) -> Self {
        self.0.http_status = Some(http_status);
        self
    }

    pub(crate) fn with_retry_after_ms(mut self, retry_after_ms: u64) -> Self {
        self.0.retry_after_ms = Some(retry_after_ms);
        self
    }

    pub(crate) fn map_message(mut self, change: impl FnOnce(String) -> String) -> Self {
        self.0.message = change(std::mem::take(&mut self.0.message));
        self
    }

    /// What the caller does next.
    pub fn status(&self) -> Status {
        self.0.status
    }

    /// A stable string that tells causes apart, such as `config.unknown_key`
    /// or `oauth.invalid_client`; `docs/errors.md` has them all.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// One line for a log; contains no secret.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The `error` member of the token endpoint's answer (RFC 6749 §5.2).
    pub fn oauth_error(&self) -> Option<&str> {
        self.0.oauth_error.as_deref()
    }

    /// The `error_description` of the token endpoint's answer: at most 200
    /// printable characters, withheld if it may hold a secret of ours.
    pub fn oauth_description(&self) -> Option<&str> {
        self.0.oauth_description.as_deref()
    }

    /// The HTTP status of the answer that caused the error.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// Milliseconds until another call can have an effect.
    pub fn retry_after_ms(&self) -> Option<u64> {
        self.0.retry_after_ms
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("status", &self.0.status)
            .field("code", &self.0.code)
            .field("message", &self.0.message)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {}

/// For the records of failures, which outlive the call that failed.
pub(crate) mod stored {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Error, Facts};

    pub(crate) fn serialize<S: Serializer>(error: &Error, to: S) -> Result<S::Ok, S::Error> {
        error.0.serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Error, D::Error> {
        Facts::deserialize(from).map(|facts| Error(Box::new(facts)))
    }
}
