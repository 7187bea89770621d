//! What a call would get now, and why: told without anything being done.

use serde_json::{Map, Value, json};

use super::Entry;
use crate::cache::budget;
use crate::cache::decide::{Decision, decide, is_failing};
use crate::cache::learned;
use crate::cache::life::{life, whole_ms};
use crate::cache::record::{FailureFacts, TokenRecord};
use crate::cache::source::FailureKind;
use crate::error::Error;
use crate::os::clock::Moment;

impl Entry {
    /// The members of a record about this key; times are in milliseconds. Nothing
    /// in it is a secret.
    pub(crate) fn explain(&self, min_validity_ms: i64) -> Map<String, Value> {
        let rules = self.source.lifetime();
        let now = Moment::of(&*self.clock);
        let (record, flight) = {
            let state = self.state.lock();
            (state.record.clone(), state.flight.clone())
        };
        let decision = decide(&record, now, min_validity_ms, rules, flight.is_some());
        let (outcome, error) = match decision {
            Decision::Serve { .. } => ("serve", None),
            Decision::ServeAndRenew { .. } => ("serve_and_renew", None),
            Decision::Fetch { .. } => ("request", None),
            Decision::Wait => ("wait", None),
            Decision::Fail { error } => ("fail", Some(error)),
        };
        let counters = self.counters().named();
        let counters: Map<_, _> = counters
            .map(|(name, count)| (name.to_owned(), count.into()))
            .into_iter()
            .collect();
        let members = json!({
            "a_call_would": outcome,
            "error": error.as_ref().map(told),
            "token": self.token_of(&record, now),
            "failure": record.failure.as_ref().map(|failure| failed(failure, now)),
            "breaker": breaker(&record, now, flight.is_some()),
            "token_request_under_way_ms": flight.map(|flight| flight.age_ms(now)),
            "budget": {
                "requests_in_a_minute": record.spent.len(),
                "next_in_ms": budget::wait_ms(&record.spent, now),
            },
            "epoch": record.epoch,
            "counters": counters,
        });
        match members {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }

    fn token_of(&self, record: &TokenRecord, now: Moment) -> Option<Value> {
        let token = record.token.as_ref()?;
        let rules = self.source.lifetime();
        let learned_ms = learned::life_ms(&record.early_ends, now);
        let life = life(token, now, rules, learned_ms, record.failure.is_some());
        Some(json!({
            "generation": token.generation.counter,
            "type": token.token_type,
            "scope": token.scope,
            "is_static": token.is_static,
            "was_forced": token.forced,
            "age_ms": life.age_ms,
            "claimed_life_ms": token.claimed_life_ms,
            "configured_life_ms": whole_ms(token, rules),
            "learned_life_ms": learned_ms,
            "effective_life_ms": life.whole_ms,
            "left_ms": life.left_ms,
            "usable_for_ms": life.usable_ms,
            "renewal_in_ms": life.fresh_ms,
        }))
    }
}

fn told(error: &Error) -> Value {
    json!({
        "code": error.code(),
        "message": error.message(),
        "retry_after_ms": error.retry_after_ms(),
    })
}

fn failed(failure: &FailureFacts, now: Moment) -> Value {
    let kind = match failure.kind {
        FailureKind::Transient => "transient",
        FailureKind::Throttled { .. } => "throttled",
        FailureKind::Definitive => "definitive",
        FailureKind::LockOut => "lock_out",
    };
    json!({
        "kind": kind,
        "in_a_row": failure.count,
        "ago_ms": failure.at.age_ms(now),
        "wait_ms": failure.wait_ms,
        "code": failure.error.code(),
        "message": failure.error.message(),
    })
}

/// As in the pattern of that name.
fn breaker(record: &TokenRecord, now: Moment, in_flight: bool) -> &'static str {
    match &record.failure {
        None => "closed",
        Some(_) if is_failing(record, now) && !in_flight => "open",
        Some(_) => "half_open",
    }
}
