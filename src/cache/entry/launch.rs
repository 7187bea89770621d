//! The worker's side of a flight: it starts, makes the request, and commits.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use super::Entry;
use super::state::{State, snapshot};
use crate::cache::decide::{announced, fresh_for_ms, usable};
use crate::cache::flight::{Flight, Landing, fly, panicked};
use crate::cache::record::{Outcome, random};
use crate::cache::replicas::Until;
use crate::cache::source::{Failure, Limit};
use crate::call::Call;
use crate::error::{Error, Status};
use crate::log::LogLevel;
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
                    deadline: crate::sync::now() + entry.source.timeout(),
                    at: Moment::of(&*entry.clock),
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
            at: Moment::of(&*self.clock),
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
            panicked(flight)
        });
        let failure = outcome.result.as_ref().err().map(|failed| &failed.failure);
        if failure.is_some_and(Failure::is_the_callers) {
            self.abandon(flight, Landing::Abandoned);
            return;
        }
        self.tally
            .flown(outcome.attempts, failure.map(|failure| &failure.kind));
        let landing = self.commit(flight, outcome);
        self.journal_of(&landing);
        flight.land(landing);
    }

    fn commit(&self, flight: &Flight, outcome: Outcome) -> Landing {
        let failed = outcome.result.as_ref().err();
        let error = failed.map(|failed| failed.failure.error.clone());
        let mut state = self.state.lock();
        let now = Moment::of(&*self.clock);
        state.record = std::mem::take(&mut state.record).apply(outcome, now, random());
        if error.is_none() {
            let rules = self.source.lifetime();
            let facts = state.record.token.as_ref();
            state.token = facts.map(|facts| snapshot(facts, rules));
        }
        state.end(flight);
        self.publish(&state);
        match (error, &state.token) {
            (Some(error), _) => Landing::Failed(announced(error, state.record.failure.as_ref())),
            (None, Some(token)) => Landing::Token(token.clone()),
            (None, None) => Landing::Abandoned,
        }
    }

    fn journal_of(&self, landing: &Landing) {
        let label = self.source.label();
        match landing {
            Landing::Token(token) => {
                let life = match token.expires_at() {
                    Some(at) => format!("expires in {} s", at - self.clock.wall_ms() / 1000),
                    None => "doesn't expire".to_owned(),
                };
                let text = format!("{label}: a token was issued, which {life}");
                self.journal.note(LogLevel::Info, text);
            }
            Landing::Failed(error) => {
                // Most messages name whom they are about.
                let text = match error.message().starts_with(&format!("{label}:")) {
                    true => error.message().to_owned(),
                    false => format!("{label}: {error}"),
                };
                self.journal.note(LogLevel::Warning, text);
            }
            Landing::Abandoned => {
                let text = format!("{label}: a token that was asked for earlier was dropped");
                self.journal.note(LogLevel::Info, text);
            }
        }
    }

    fn abandon(&self, flight: &Flight, landing: Landing) {
        let mut state = self.state.lock();
        state.end(flight);
        self.publish(&state);
        drop(state);
        flight.land(landing);
    }

    /// Lets readers have the token without a look at the record, for as long
    /// as nothing can change.
    pub(super) fn publish(&self, state: &State) {
        // The coarse ones first: what passes before the exact ones are read, were it
        // a night, ends the token earlier and not later.
        let coarse_ms = self.clock.coarse_ms();
        let now = Moment::of(&*self.clock);
        let rules = self.source.lifetime();
        let renewing = state.flight.is_some();
        let fresh = fresh_for_ms(&state.record, now, rules, renewing);
        let life = usable(&state.record, now, rules);
        let published = match (&state.token, life) {
            (Some(token), Some(life)) if fresh > 0 => {
                Some((token, Until::new(coarse_ms, fresh, life.left_ms)))
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
