//! One token request under way, with everyone who waits for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::sync::{Condvar, Mutex, now};

use super::backoff::{MOST_ATTEMPTS, MOST_PAUSE_MS, pause_ms};
use super::record::{Failed, Issued, Outcome, When, random};
use super::source::{Failure, FailureKind, Limit, Source};
use crate::call::{Call, SLICE};
use crate::error::{Error, Result, Status};
use crate::os::clock::{Clock, Moment};
use crate::token::Token;

/// More than commands and files with secrets take, while something answers.
const SECRETS: Duration = Duration::from_secs(60);

/// A request that several callers may wait for; they share its outcome.
pub(crate) struct Flight {
    /// The epoch in which it began.
    pub(crate) epoch: u64,
    /// Begun because a token was refused, not because of its age.
    pub(crate) forced: bool,
    /// On the clock that nobody sets.
    begun_at_ms: i64,
    landed: Mutex<Option<Landing>>,
    changed: Condvar,
}

/// How a flight ended, for those who waited.
#[derive(Clone)]
pub(crate) enum Landing {
    Token(Token),
    Failed(Error),
    /// Whoever flew it inline gave up by its own deadline: no outcome.
    Abandoned,
}

impl Flight {
    pub(crate) fn new(epoch: u64, forced: bool, now: Moment) -> Arc<Self> {
        Arc::new(Flight {
            epoch,
            forced,
            begun_at_ms: now.boot_ms,
            landed: Mutex::new(None),
            changed: Condvar::new(),
        })
    }

    fn ended(&self, attempts: u32, result: std::result::Result<Issued, Failed>) -> Outcome {
        Outcome {
            epoch: self.epoch,
            attempts,
            result,
        }
    }

    pub(crate) fn age_ms(&self, now: Moment) -> i64 {
        now.boot_ms.saturating_sub(self.begun_at_ms).max(0)
    }

    /// Whether it has lasted for longer than its requests, its pauses and the
    /// reading of its secrets can take.
    pub(crate) fn is_overdue(&self, now: Moment, timeout: Duration) -> bool {
        let longest = timeout.saturating_add(SECRETS).as_millis();
        self.age_ms(now).unsigned_abs() as u128 > longest
    }

    pub(crate) fn land(&self, landing: Landing) {
        self.landed.lock().get_or_insert(landing);
        self.changed.notify_all();
    }

    /// Waits for the end of the flight. The waiter's deadline and cancellation
    /// end its waiting alone.
    pub(crate) fn wait(&self, call: &Call, deadline: Instant) -> Result<Landing> {
        let mut landed = self.landed.lock();
        loop {
            if let Some(landing) = &*landed {
                return Ok(landing.clone());
            }
            let left = check_deadline(call, deadline)?;
            landed = self.changed.wait_for(landed, left.min(SLICE));
        }
    }
}

/// The time that a call has left; an error once it was cancelled or is over.
pub(crate) fn check_deadline(call: &Call, deadline: Instant) -> Result<Duration> {
    call.check()?;
    let left = deadline.saturating_duration_since(now());
    if left.is_zero() {
        return Err(Error::new(
            Status::Deadline,
            "call.deadline",
            "no access token came before the deadline; the token request goes on, so a later \
             call may have it at once",
        ));
    }
    Ok(left)
}

/// Makes the requests of one flight: one, or up to three with pauses while
/// they fail in a way that another attempt may mend.
///
/// `is_single`: one request and no more, for a key that was failing already,
/// and where a refusal or a longer validity asks for a token that is not due. On
/// the time of a caller there is no second one either: a pause would outlast it.
pub(crate) fn fly(
    source: &dyn Source,
    clock: &dyn Clock,
    limit: &Limit,
    flight: &Flight,
    is_single: bool,
) -> Outcome {
    let credentials = source.credentials();
    let mut attempts = 0;
    let mut paused_ms = 0;
    loop {
        let requested_at = When::at(Moment::of(clock));
        attempts += 1;
        let failure = match source.issue(limit) {
            Ok(answer) => {
                let forced = flight.forced;
                return flight.ended(
                    attempts,
                    Ok(Issued {
                        answer,
                        requested_at,
                        forced,
                    }),
                );
            }
            Err(failure) => failure,
        };
        let pause = pause_ms(attempts, random());
        let may_repeat = !is_single
            && !limit.is_the_callers
            && attempts < MOST_ATTEMPTS
            && failure.repeatable
            && failure.kind == FailureKind::Transient
            && paused_ms + pause <= MOST_PAUSE_MS
            && !failure.is_the_callers()
            && now() < limit.deadline;
        if !may_repeat {
            let failed = Failed {
                failure,
                credentials,
            };
            return flight.ended(attempts, Err(failed));
        }
        paused_ms += pause;
        clock.pause(pause.unsigned_abs());
    }
}

/// For a source that panicked: a bug of ours must not hang those who wait.
pub(crate) fn panicked(flight: &Flight) -> Outcome {
    let failure = Failure::transient(Error::new(
        Status::Internal,
        "internal.panic",
        "the token request failed through a bug of authkeep; please report it",
    ));
    let failed = Failed {
        failure: failure.once(),
        credentials: 0,
    };
    flight.ended(1, Err(failed))
}
