//! What is known about one cache key, as raw facts.
//!
//! No expiry is computed and stored: each reader applies its own config to
//! what the server claimed and when. The same record serves memory and disk,
//! so it holds no `Instant`.

use std::mem::discriminant;

use serde::{Deserialize, Serialize};

use super::backoff;
use super::learned::{self, EarlyEnd, EndFacts};
use super::source::{Failure, FailureKind, TokenAnswer};
use crate::error::{Error, Status};
use crate::os::clock::{Moment, boot_id};
use crate::secret::Secret;

/// The token entry: the access token of one cache key and its last failure.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct TokenRecord {
    /// Counts the resets and the times that all was forgotten.
    pub(crate) epoch: u64,
    /// The epoch of the last reset: what was begun before it and fails leaves no
    /// trace.
    pub(crate) reset_at: u64,
    /// The epoch in which all was forgotten last: a token that was asked for
    /// before it is dropped.
    pub(crate) forgotten_at: u64,
    pub(crate) token: Option<TokenFacts>,
    pub(crate) failure: Option<FailureFacts>,
    /// The latest requests that were not due.
    pub(crate) spent: Vec<When>,
    /// The latest tokens that ended before their time.
    pub(crate) early_ends: Vec<EndFacts>,
}

/// One issued token.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct TokenFacts {
    #[serde(with = "crate::secret::stored")]
    pub(crate) access_token: Secret,
    pub(crate) token_type: String,
    pub(crate) scope: Option<String>,
    /// The life that the server claimed; absent if it claimed none.
    pub(crate) claimed_life_ms: Option<i64>,
    /// When the server wants it renewed; absent if it said nothing.
    pub(crate) refresh_in_ms: Option<i64>,
    /// Life counts from before the request was sent.
    pub(crate) requested_at: When,
    pub(crate) received_at: When,
    pub(crate) generation: Generation,
    /// Came from a renewal that a refusal had forced.
    pub(crate) forced: bool,
    /// A static key: used like a token, but it does not expire.
    pub(crate) is_static: bool,
}

/// The last failure to get a token, since the last success.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct FailureFacts {
    pub(crate) kind: FailureKind,
    /// Flights that failed like this in a row; none once the credentials have
    /// been seen to be others.
    pub(crate) count: u32,
    pub(crate) at: When,
    /// No other attempt before this much time has passed; `None`: not before
    /// the credentials are others.
    pub(crate) wait_ms: Option<i64>,
    /// [`Source::credentials`](super::source::Source::credentials) when it failed.
    pub(crate) credentials: u64,
    #[serde(with = "crate::error::stored")]
    pub(crate) error: Error,
}

/// A moment that outlives a boot of the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct When {
    pub(crate) wall_ms: i64,
    pub(crate) boot_ms: i64,
    pub(crate) boot_id: String,
}

/// Tells one issued token from every other; compared by its random id.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Generation {
    pub(crate) epoch: u64,
    pub(crate) counter: u64,
    pub(crate) id: u64,
}

/// How a flight ended.
pub(crate) struct Outcome {
    /// The epoch in which it began.
    pub(crate) epoch: u64,
    /// Requests that it made.
    pub(crate) attempts: u32,
    pub(crate) result: Result<Issued, Failed>,
}

/// What a flight brought.
pub(crate) struct Issued {
    pub(crate) answer: TokenAnswer,
    pub(crate) requested_at: When,
    pub(crate) forced: bool,
}

/// Why a flight brought nothing, and with which credentials.
pub(crate) struct Failed {
    pub(crate) failure: Failure,
    pub(crate) credentials: u64,
}

impl TokenRecord {
    /// The record after `outcome`. A failure leaves the token as it is.
    pub(crate) fn apply(self, outcome: Outcome, now: Moment, random: u64) -> TokenRecord {
        match outcome.result {
            Ok(_) if outcome.epoch < self.forgotten_at => self,
            // Of a request that was given up as stuck, when a later one has
            // brought a token already.
            Ok(issued) if self.has_one_asked_for_after(&issued.requested_at, now) => TokenRecord {
                failure: None,
                ..self
            },
            Ok(issued) => TokenRecord {
                token: Some(TokenFacts {
                    access_token: issued.answer.access_token,
                    token_type: issued.answer.token_type,
                    scope: issued.answer.scope,
                    claimed_life_ms: issued.answer.claimed_life_ms,
                    refresh_in_ms: issued.answer.refresh_in_ms,
                    requested_at: issued.requested_at,
                    received_at: When::at(now),
                    generation: Generation {
                        epoch: self.epoch,
                        counter: self.token.map_or(0, |token| token.generation.counter + 1),
                        id: random,
                    },
                    forced: issued.forced,
                    is_static: issued.answer.is_static,
                }),
                failure: None,
                ..self
            },
            Err(_) if outcome.epoch < self.reset_at => self,
            Err(Failed {
                failure,
                credentials,
            }) => {
                let known = self.failure.as_ref();
                let before = known.filter(|known| known.is_like(&failure));
                let count = before.map_or(0, |known| known.count).saturating_add(1);
                TokenRecord {
                    failure: Some(FailureFacts {
                        wait_ms: backoff::wait_ms(&failure.kind, count, random),
                        kind: failure.kind,
                        count,
                        at: When::at(now),
                        credentials,
                        error: failure.error,
                    }),
                    ..self
                }
            }
        }
    }

    fn has_one_asked_for_after(&self, requested_at: &When, now: Moment) -> bool {
        let age = |when: &When| when.age_ms(now).unwrap_or(i64::MAX);
        let token = self.token.as_ref();
        token.is_some_and(|token| age(&token.requested_at) < age(requested_at))
    }

    /// The record after an operator has mended what failed.
    pub(crate) fn reset(self) -> TokenRecord {
        TokenRecord {
            epoch: self.epoch + 1,
            reset_at: self.epoch + 1,
            failure: None,
            spent: Vec::new(),
            ..self
        }
    }

    /// The record after what was issued has fallen into wrong hands.
    pub(crate) fn forget(self) -> TokenRecord {
        TokenRecord {
            epoch: self.epoch + 1,
            forgotten_at: self.epoch + 1,
            token: None,
            ..self
        }
    }

    /// The record once the credentials are no longer those that failed: another
    /// attempt may be made, though not for free. Not when others have failed since.
    pub(crate) fn with_credentials(mut self, failed: u64, credentials: u64) -> TokenRecord {
        let failure = self.failure.as_mut();
        if let Some(failure) = failure.filter(|failure| failure.credentials == failed) {
            failure.wait_ms = Some(0);
            failure.count = 0;
            failure.credentials = credentials;
        }
        self
    }

    /// The record after a token that was refused has given way to one that is
    /// accepted.
    pub(crate) fn learn(mut self, end: EarlyEnd, now: Moment) -> TokenRecord {
        learned::learn(&mut self.early_ends, end, now);
        self
    }
}

impl FailureFacts {
    /// Whether `other` is the same failure again.
    fn is_like(&self, other: &Failure) -> bool {
        discriminant(&self.kind) == discriminant(&other.kind)
            && (self.kind == FailureKind::Transient || self.error.code() == other.error.code())
    }

    /// Whether other credentials may mend it.
    pub(crate) fn is_about_credentials(&self) -> bool {
        match self.kind {
            FailureKind::Definitive | FailureKind::LockOut => true,
            FailureKind::Transient => self.error.status() == Status::InvalidConfig,
            FailureKind::Throttled { .. } => false,
        }
    }
}

impl When {
    pub(crate) fn at(now: Moment) -> When {
        When {
            wall_ms: now.wall_ms,
            boot_ms: now.boot_ms,
            boot_id: boot_id().to_owned(),
        }
    }

    /// Milliseconds from here to `now`: what the older of the two clocks says.
    /// `None` when it can't be told, because the machine was booted meanwhile
    /// and its wall clock is earlier than it was.
    pub(crate) fn age_ms(&self, now: Moment) -> Option<i64> {
        let wall = now.wall_ms.saturating_sub(self.wall_ms);
        if self.boot_id == boot_id() {
            let boot = now.boot_ms.saturating_sub(self.boot_ms);
            return Some(wall.max(boot).max(0));
        }
        (wall >= 0).then_some(wall)
    }
}

impl PartialEq for Generation {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Generation {}

#[cfg(shuttle)]
pub(crate) use crate::sync::random;

/// Random bits for generations and jitter; not for keys.
#[cfg(not(shuttle))]
pub(crate) fn random() -> u64 {
    use std::collections::hash_map::RandomState;
    use std::hash::BuildHasher;
    use std::time::Instant;

    use ring::rand::{SecureRandom, SystemRandom};

    let mut bytes = [0; 8];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => u64::from_ne_bytes(bytes),
        // Without the system's random numbers TLS fails with a clear error;
        // here a hash with the process's own random keys is distinct enough.
        Err(_) => RandomState::new().hash_one(Instant::now()),
    }
}
