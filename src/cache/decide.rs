//! What a call gets, decided from a record and the time alone.

use super::budget;
use super::learned;
use super::life::{Life, life};
use super::record::{FailureFacts, TokenFacts, TokenRecord};
use super::source::FailureKind;
use crate::config::Lifetime;
use crate::error::{Error, Status};
use crate::os::clock::Moment;

/// Longer than anybody waits: not before something else has changed.
const FOR_GOOD: i64 = i64::MAX;

/// What is to be done for one call.
pub(crate) enum Decision {
    /// Hand out the token.
    Serve { met: bool },
    /// Hand out the token, and begin to renew it.
    ServeAndRenew { met: bool, due: bool },
    /// Begin a token request, and wait for it.
    Fetch { due: bool },
    /// Wait for the token request that is under way.
    Wait,
    /// Fail at once with the last error: another attempt is not due yet.
    Fail { error: Error },
}

/// `min_validity_ms`: how long the token should still be valid. `in_flight`: a
/// token request is under way.
pub(crate) fn decide(
    record: &TokenRecord,
    now: Moment,
    min_validity_ms: i64,
    rules: &Lifetime,
    in_flight: bool,
) -> Decision {
    match wanted(record, now, min_validity_ms, rules) {
        Decision::ServeAndRenew { met, .. } if in_flight => Decision::Serve { met },
        Decision::Fetch { .. } | Decision::Fail { .. } if in_flight => {
            match (while_probing(record), usable(record, now, rules)) {
                (None, _) => Decision::Wait,
                (Some(_), Some(_)) => Decision::Serve { met: false },
                (Some(error), None) => Decision::Fail { error },
            }
        }
        decision => decision,
    }
}

/// What is to be done while no token request is under way.
fn wanted(record: &TokenRecord, now: Moment, min_validity_ms: i64, rules: &Lifetime) -> Decision {
    let failure = record.failure.as_ref();
    let backoff_ms = failure.map_or(0, |failure| left_of(failure, now));
    let budget_ms = budget::wait_ms(&record.spent, now);
    let due = is_due(record, rules);
    let wait_ms = backoff_ms.max(if due { 0 } else { budget_ms });
    let Some(life) = usable(record, now, rules) else {
        if wait_ms <= 0 {
            return Decision::Fetch { due };
        }
        let error = match failure {
            Some(failure) => failure.error.clone(),
            None => too_often(record),
        };
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
    let renewal_ms = failure.map_or(0, |failure| until_renewal(failure, life, now));
    if life.fresh_ms > 0 || wait_ms.max(renewal_ms) > 0 {
        Decision::Serve { met }
    } else {
        Decision::ServeAndRenew { met, due }
    }
}

/// Whether a request for lack of a fresh token is one that every user of the
/// server makes: the first of all, or the first after a token that was fresh
/// for a time.
fn is_due(record: &TokenRecord, rules: &Lifetime) -> bool {
    let was_fresh = |token: &TokenFacts| {
        let received_at = Moment {
            wall_ms: token.received_at.wall_ms,
            boot_ms: token.received_at.boot_ms,
        };
        let learned_ms = learned::life_ms(&record.early_ends, received_at);
        life(token, received_at, rules, learned_ms, false).fresh_ms > 0
    };
    let is_first = match &record.token {
        Some(token) => was_fresh(token),
        None => record.forgotten_at == 0,
    };
    is_first && record.failure.is_none()
}

/// Why a request that would be made is not, when none has failed.
fn too_often(record: &TokenRecord) -> Error {
    let (code, message) = match record.token {
        Some(_) => (
            "token.no_life",
            "the last token could not be used for any time; check the life that the server gives \
             its tokens (\"expires_in\")",
        ),
        None => (
            "token.forgotten",
            "the last token was forgotten so soon after another that a new one may not be requested \
             yet",
        ),
    };
    Error::new(Status::Unavailable, code, message)
}

/// Whether the last attempt failed and the next is not due yet.
pub(crate) fn is_failing(record: &TokenRecord, now: Moment) -> bool {
    let failure = record.failure.as_ref();
    failure.is_some_and(|failure| left_of(failure, now) > 0)
}

/// The last error, while one caller finds out whether it still holds: the others
/// don't wait for that.
fn while_probing(record: &TokenRecord) -> Option<Error> {
    let failure = record.failure.as_ref()?;
    let error = || not_before(failure.error.clone(), budget::SPACING_MS);
    (failure.count > 0).then(error)
}

/// The error of a failure that has just been recorded.
pub(crate) fn announced(error: Error, failure: Option<&FailureFacts>) -> Error {
    match failure {
        Some(failure) => not_before(error, failure.wait_ms.unwrap_or(FOR_GOOD)),
        None => error,
    }
}

/// The error, with when another attempt is due.
fn not_before(error: Error, wait_ms: i64) -> Error {
    if wait_ms == FOR_GOOD {
        return error.map_message(|message| {
            format!("{message}; no further attempt with the same password")
        });
    }
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
    let learned_ms = learned::life_ms(&record.early_ends, now);
    let life = life(token, now, rules, learned_ms, record.failure.is_some());
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
    let failure = record.failure.as_ref();
    let retry_ms = failure.map_or(0, |failure| until_renewal(failure, life, now));
    life.fresh_ms.max(retry_ms).min(life.usable_ms)
}

/// What is left of the pause before a renewal that failed is tried again. While
/// the breaker is open it alone decides.
fn until_renewal(failure: &FailureFacts, life: Life, now: Moment) -> i64 {
    let pause_ms = left_of(failure, now);
    match failure.kind {
        FailureKind::Transient => pause_ms,
        _ => pause_ms.max(left(life.pace_ms(), failure, now)),
    }
}

fn left_of(failure: &FailureFacts, now: Moment) -> i64 {
    match failure.wait_ms {
        Some(wait_ms) => left(wait_ms, failure, now),
        None => FOR_GOOD,
    }
}

/// What is left of a wait that began with the failure. A clock that can't tell
/// lets the next attempt through.
fn left(wait_ms: i64, failure: &FailureFacts, now: Moment) -> i64 {
    match failure.at.age_ms(now) {
        Some(age) => wait_ms.saturating_sub(age),
        None => 0,
    }
}
