//! What a call gets, decided from a record and the time alone.

use super::budget;
use super::life::{Life, life};
use super::record::{FailureFacts, TokenRecord};
use crate::config::Lifetime;
use crate::error::{Error, Status};
use crate::os::clock::Moment;

/// What is to be done for one call.
pub(crate) enum Decision {
    /// Hand out the token.
    Serve { met: bool },
    /// Hand out the token, and begin to renew it.
    ServeAndRenew { met: bool, due: bool },
    /// Wait for a token request.
    Fetch { due: bool },
    /// Fail at once with the last error: another attempt is not due yet.
    Fail { error: Error },
}

/// `min_validity_ms`: how long the token should still be valid.
pub(crate) fn decide(
    record: &TokenRecord,
    now: Moment,
    min_validity_ms: i64,
    rules: &Lifetime,
) -> Decision {
    let failure = record.failure.as_ref();
    let backoff_ms = failure.map_or(0, |failure| left_of(failure.wait_ms, failure, now));
    let budget_ms = budget::wait_ms(&record.spent, now);
    let due = is_due(record, rules);
    let wait_ms = backoff_ms.max(if due { 0 } else { budget_ms });
    let Some(life) = usable(record, now, rules) else {
        if wait_ms <= 0 {
            return Decision::Fetch { due };
        }
        let error = failure.map_or_else(no_life, |failure| failure.error.clone());
        return Decision::Fail {
            error: not_before(error, wait_ms),
        };
    };
    let met = life.left_ms >= min_validity_ms;
    // A new token helps only where the server gives out such long lives; else
    // every call would cost a request and get no more.
    if !met && life.whole_ms > min_validity_ms && backoff_ms.max(budget_ms) <= 0 {
        return Decision::Fetch { due: false };
    }
    if life.fresh_ms > 0 {
        return Decision::Serve { met };
    }
    let pace = failure.map_or(0, |failure| left_of(life.pace_ms(), failure, now));
    if wait_ms.max(pace) > 0 {
        Decision::Serve { met }
    } else {
        Decision::ServeAndRenew { met, due }
    }
}

/// Whether a request for lack of a fresh token is one that every user of the
/// server makes: the first of all, or the first after a token that was fresh
/// for a time.
fn is_due(record: &TokenRecord, rules: &Lifetime) -> bool {
    let was_fresh = record.token.as_ref().is_none_or(|token| {
        let received_at = Moment {
            wall_ms: token.received_at.wall_ms,
            boot_ms: token.received_at.boot_ms,
        };
        life(token, received_at, rules, false).fresh_ms > 0
    });
    was_fresh && record.failure.is_none()
}

fn no_life() -> Error {
    Error::new(
        Status::Unavailable,
        "token.no_life",
        "the last token could not be used for any time; check the life that the server gives its \
         tokens (\"expires_in\")",
    )
}

/// Whether the last attempt failed and the next is not due yet.
pub(crate) fn is_failing(record: &TokenRecord, now: Moment) -> bool {
    let failure = record.failure.as_ref();
    failure.is_some_and(|failure| left_of(failure.wait_ms, failure, now) > 0)
}

/// The error, with when another attempt is due.
pub(crate) fn not_before(error: Error, wait_ms: i64) -> Error {
    let wait_ms = wait_ms.max(0).unsigned_abs();
    let error = error.with_retry_after_ms(wait_ms);
    if wait_ms < 100 {
        return error;
    }
    error.map_message(|message| format!("{message}; no further attempt for {} s", seconds(wait_ms)))
}

fn seconds(ms: u64) -> String {
    match ms {
        0..10_000 => format!("{}.{}", ms / 1000, ms % 1000 / 100),
        _ => (ms / 1000).to_string(),
    }
}

/// The life of the record's token, if it may still be handed out.
pub(crate) fn usable(record: &TokenRecord, now: Moment, rules: &Lifetime) -> Option<Life> {
    let token = record.token.as_ref()?;
    let life = life(token, now, rules, record.failure.is_some());
    (life.usable_ms > 0).then_some(life)
}

/// Milliseconds until the next thing may change: for how long every call in
/// between gets the same answer without a look at the record.
pub(crate) fn fresh_for_ms(
    record: &TokenRecord,
    now: Moment,
    rules: &Lifetime,
    renewing: bool,
) -> i64 {
    let Some(life) = usable(record, now, rules) else {
        return 0;
    };
    if renewing {
        return life.usable_ms;
    }
    let retry = record.failure.as_ref().map_or(0, |failure| {
        left_of(failure.wait_ms.max(life.pace_ms()), failure, now)
    });
    life.fresh_ms.max(retry).min(life.usable_ms)
}

/// What is left of a wait that began with the failure. A clock that can't tell
/// lets the next attempt through.
fn left_of(wait_ms: i64, failure: &FailureFacts, now: Moment) -> i64 {
    match failure.at.age_ms(now) {
        Some(age) => wait_ms.saturating_sub(age),
        None => 0,
    }
}
