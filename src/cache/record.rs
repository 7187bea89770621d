//! What is known about one cache key, as raw facts.
//!
//! No expiry is computed and stored: each reader applies its own config to
//! what the server claimed and when. The same record serves memory and disk,
//! so it holds no `Instant`.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Instant;

use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use super::backoff;
use super::source::{Failure, TokenAnswer};
use crate::error::Error;
use crate::os::clock::{Moment, boot_id};
use crate::secret::Secret;

/// The token entry: the access token of one cache key and its last failure.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct TokenRecord {
    /// Counts the resets. What was begun in an earlier epoch and fails in a
    /// later one leaves no trace.
    pub(crate) epoch: u64,
    pub(crate) token: Option<TokenFacts>,
    pub(crate) failure: Option<FailureFacts>,
    /// The latest requests that were not due.
    #[serde(default)]
    pub(crate) spent: Vec<When>,
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
    /// Requests that failed in a row.
    pub(crate) count: u32,
    pub(crate) at: When,
    /// No other attempt before this much time has passed.
    pub(crate) wait_ms: i64,
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
pub(crate) enum Outcome {
    Issued {
        answer: TokenAnswer,
        requested_at: When,
        forced: bool,
    },
    Failed {
        failure: Failure,
        /// The epoch in which the flight began.
        epoch: u64,
        /// Requests that the flight made.
        attempts: u32,
    },
}

impl TokenRecord {
    /// The record after `outcome`. A failure leaves the token as it is.
    pub(crate) fn apply(self, outcome: Outcome, now: Moment, random: u64) -> TokenRecord {
        match outcome {
            // Of a request that was given up as stuck, when a later one has
            // brought a token already.
            Outcome::Issued { requested_at, .. }
                if self.has_one_asked_for_after(&requested_at, now) =>
            {
                TokenRecord {
                    failure: None,
                    ..self
                }
            }
            Outcome::Issued {
                answer,
                requested_at,
                forced,
            } => TokenRecord {
                epoch: self.epoch,
                token: Some(TokenFacts {
                    access_token: answer.access_token,
                    token_type: answer.token_type,
                    scope: answer.scope,
                    claimed_life_ms: answer.claimed_life_ms,
                    requested_at,
                    received_at: When::at(now),
                    generation: Generation {
                        epoch: self.epoch,
                        counter: self.token.map_or(0, |token| token.generation.counter + 1),
                        id: random,
                    },
                    forced,
                    is_static: answer.is_static,
                }),
                failure: None,
                spent: self.spent,
            },
            Outcome::Failed { epoch, .. } if epoch != self.epoch => self,
            Outcome::Failed {
                failure, attempts, ..
            } => {
                let before = self.failure.as_ref().map_or(0, |known| known.count);
                let count = before.saturating_add(attempts);
                TokenRecord {
                    failure: Some(FailureFacts {
                        count,
                        at: When::at(now),
                        wait_ms: backoff::wait_ms(&failure.kind, count, random),
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
            failure: None,
            spent: Vec::new(),
            ..self
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

/// Random bits for generations and jitter; not for keys.
pub(crate) fn random() -> u64 {
    let mut bytes = [0; 8];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => u64::from_ne_bytes(bytes),
        // Without the system's random numbers TLS fails with a clear error;
        // here a hash with the process's own random keys is distinct enough.
        Err(_) => RandomState::new().hash_one(Instant::now()),
    }
}
