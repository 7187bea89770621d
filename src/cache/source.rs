//! Where tokens come from, as the cache sees it.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::config::Lifetime;
use crate::error::{Error, Status};
use crate::os::clock::Moment;
use crate::secret::Secret;

/// Issues tokens for one cache key. Blocks; called by one thread at a time.
pub(crate) trait Source: Send + Sync {
    /// Makes one token request, or what stands for it.
    fn issue(&self, by: &Limit) -> Result<TokenAnswer, Failure>;

    /// Whether an issue may spend a refresh token that would be lost with it.
    fn may_rotate(&self) -> bool;

    /// How this config reads what the server claims.
    fn lifetime(&self) -> &Lifetime;

    /// How long one flight may take.
    fn timeout(&self) -> Duration;

    /// A number that is another when what the places of the secrets hold is
    /// another. Reads the environment and files; runs no command.
    fn credentials(&self) -> u64;

    /// Lets go of what was issued: what comes next begins anew.
    fn forget(&self) {}

    /// Lets go of what is known of failures.
    fn reset(&self) {}

    /// What messages call this credential.
    fn label(&self) -> &str;
}

/// Whose deadline and cancellation a token request obeys.
pub(crate) struct Limit {
    pub(crate) call: Call,
    pub(crate) deadline: Instant,
    /// When the flight began.
    pub(crate) at: Moment,
    /// A caller's own, not the request's: passing it is nobody's failure.
    pub(crate) is_the_callers: bool,
}

/// What a token endpoint answered.
#[derive(Clone)]
pub(crate) struct TokenAnswer {
    pub(crate) access_token: Secret,
    pub(crate) token_type: String,
    pub(crate) scope: Option<String>,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) claimed_life_ms: Option<i64>,
    /// When the server wants it renewed (Microsoft's `refresh_in`).
    pub(crate) refresh_in_ms: Option<i64>,
    pub(crate) is_static: bool,
}

/// Why there is no token.
#[derive(Clone)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) kind: FailureKind,
    /// The same request may be made again in the same flight.
    pub(crate) repeatable: bool,
}

/// What another attempt can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum FailureKind {
    /// Network, timeout, server error, a secret that can't be read: later may be
    /// better.
    Transient,
    /// 429 or 503: the server says when.
    Throttled { retry_after_ms: Option<i64> },
    /// Refused: the same again does harm.
    Definitive,
    /// A wrong password: each further one counts towards a lock-out.
    LockOut,
}

impl Failure {
    pub(crate) fn definitive(error: Error) -> Self {
        Failure {
            error,
            kind: FailureKind::Definitive,
            repeatable: false,
        }
    }

    pub(crate) fn transient(error: Error) -> Self {
        Failure {
            error,
            kind: FailureKind::Transient,
            repeatable: true,
        }
    }

    pub(crate) fn once(self) -> Self {
        Failure {
            repeatable: false,
            ..self
        }
    }

    /// Of a password that was refused.
    pub(crate) fn locking(self) -> Self {
        Failure {
            kind: FailureKind::LockOut,
            ..self
        }
    }

    /// A deadline or a cancellation of the caller's own is nobody's failure.
    pub(crate) fn is_the_callers(&self) -> bool {
        matches!(self.error.status(), Status::Deadline | Status::Cancelled)
    }
}
