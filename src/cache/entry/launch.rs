//! The worker's side of a flight: it starts, makes the request, and commits.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use super::Entry;
use super::state::{State, snapshot};
use crate::cache::decide::{fresh_for_ms, not_before, usable};
use crate::cache::flight::{Flight, Landing, fly, panicked};
use crate::cache::record::{Outcome, random};
use crate::cache::replicas::Until;
use crate::cache::source::Limit;
use crate::call::Call;
use crate::error::{Error, Status};
use crate::os::clock::Moment;
use crate::os::thread::spawn_detached;

impl Entry {
    /// Starts the worker of a flight, or flies it here when no thread is to be
    /// had.
    pub(super) fn launch(
        self: &Arc<Self>,
        flight: &Arc<Flight>,
        call: &Call,
        deadline: Instant,
        is_single: bool,
    ) {
        let worker = {
            let (entry, flight) = (self.clone(), flight.clone());
            move || {
                let limit = Limit {
                    call: Call::new(),
                    deadline: Instant::now() + entry.source.timeout(),
                    is_the_callers: false,
                };
                entry.complete(&flight, &limit, is_single);
            }
        };
        if spawn_detached("authkeep-token", worker).is_ok() {
            return;
        }
        if self.source.may_rotate() {
            // The caller's deadline could cut the request after the server has
            // rotated, and nobody would keep the new refresh token.
            self.abandon(flight, Landing::Failed(no_thread()));
            return;
        }
        let limit = Limit {
            call: call.clone(),
            deadline,
            is_the_callers: true,
        };
        self.complete(flight, &limit, is_single);
    }

    /// Makes the request and commits its outcome, whoever still waits.
    fn complete(&self, flight: &Flight, limit: &Limit, is_single: bool) {
        let flown = catch_unwind(AssertUnwindSafe(|| {
            fly(&*self.source, &*self.clock, limit, flight, is_single)
        }));
        let outcome = flown.unwrap_or_else(|payload| {
            // Dropping a payload may panic again.
            std::mem::forget(payload);
            panicked(flight.epoch)
        });
        if let Outcome::Failed { failure, .. } = &outcome
            && failure.is_the_callers()
        {
            self.abandon(flight, Landing::Abandoned);
            return;
        }
        let landing = {
            let mut state = self.state.lock();
            let now = Moment::of(&*self.clock);
            let failed = match &outcome {
                Outcome::Failed { failure, .. } => Some(failure.error.clone()),
                Outcome::Issued { .. } => None,
            };
            state.record = std::mem::take(&mut state.record).apply(outcome, now, random());
            let issued = failed.is_none();
            if issued {
                let rules = self.source.lifetime();
                state.token = state
                    .record
                    .token
                    .as_ref()
                    .map(|facts| snapshot(facts, rules));
            }
            state.end(flight);
            self.publish(&state, now);
            match (failed, &state.token) {
                (None, Some(token)) => Landing::Token(token.clone()),
                (Some(error), _) => Landing::Failed(match &state.record.failure {
                    Some(known) => not_before(error, known.wait_ms),
                    None => error,
                }),
                (None, None) => Landing::Abandoned,
            }
        };
        flight.land(landing);
    }

    fn abandon(&self, flight: &Flight, landing: Landing) {
        self.state.lock().end(flight);
        flight.land(landing);
    }

    /// Lets readers have the token without a look at the record, for as long
    /// as nothing can change.
    pub(super) fn publish(&self, state: &State, now: Moment) {
        let rules = self.source.lifetime();
        let renewing = state.flight.is_some();
        let fresh = fresh_for_ms(&state.record, now, rules, renewing);
        let life = usable(&state.record, now, rules);
        let published = match (&state.token, life) {
            (Some(token), Some(life)) if fresh > 0 => {
                Some((token, Until::new(&*self.clock, fresh, life.left_ms)))
            }
            _ => None,
        };
        self.replicas.publish(published);
    }
}

fn no_thread() -> Error {
    Error::new(
        Status::Unavailable,
        "token.no_thread",
        "no thread could be started for a token request that spends a refresh token; raise the \
         limit on threads",
    )
}
