//! After a refusal: which token to try next.

use std::sync::Arc;
use std::time::Instant;

use super::Entry;
use super::state::State;
use crate::cache::budget;
use crate::cache::decide::{is_failing, usable};
use crate::cache::flight::{Landing, check_deadline};
use crate::cache::learned::{self, EarlyEnd};
use crate::cache::life::Life;
use crate::cache::record::{Generation, TokenFacts};
use crate::call::Call;
use crate::log::LogLevel;
use crate::os::clock::Moment;
use crate::token::Token;

impl Entry {
    /// After the token of `refused` was refused with a 401: another token to
    /// try, or none when a renewal would not help. With it, for the one caller that
    /// had it made, the age at which the refused one ended.
    pub(crate) fn token_after_refusal(
        self: &Arc<Self>,
        refused: &Generation,
        call: &Call,
        deadline: Instant,
    ) -> Option<(Token, Option<EarlyEnd>)> {
        let mut end = None;
        loop {
            let (flight, began) = {
                let mut state = self.state.lock();
                let now = Moment::of(&*self.clock);
                state.give_up_overdue(now, self.source.timeout());
                let life = usable(&state.record, now, self.source.lifetime());
                let is_current = |facts: &TokenFacts| facts.generation == *refused;
                match (&state.record.token, life, state.flight.clone()) {
                    (Some(facts), Some(_), _) if !is_current(facts) => {
                        return state.token.clone().map(|token| (token, end));
                    }
                    (_, _, Some(flight)) => (flight, false),
                    (Some(facts), Some(life), None) if self.may_force(&state, facts, life, now) => {
                        let due = is_due(&state, life);
                        let flight = state.begin(true, due, now);
                        end = Some(EarlyEnd(life.age_ms));
                        self.publish(&state);
                        (flight, true)
                    }
                    // Expired meanwhile: an ordinary call gets the next one.
                    (_, None, None) => {
                        drop(state);
                        let token = self.token_by_record(call, deadline).ok()?;
                        return Some((token, None));
                    }
                    _ => {
                        drop(state);
                        self.note(
                            LogLevel::Debug,
                            "the token was refused; none is requested in its place yet",
                        );
                        return None;
                    }
                }
            };
            if began {
                self.note(
                    LogLevel::Debug,
                    "the token was refused; another is requested",
                );
                self.launch(&flight, call, deadline, true);
            }
            match flight.wait(call, deadline) {
                Ok(Landing::Token(token)) => return Some((token, end)),
                Ok(Landing::Abandoned) => {
                    check_deadline(call, deadline).ok()?;
                }
                _ => return None,
            }
        }
    }

    /// After a token that was refused early has given way to one that the same
    /// server accepts.
    pub(crate) fn learn(&self, end: EarlyEnd) {
        let mut state = self.state.lock();
        let now = Moment::of(&*self.clock);
        state.record = std::mem::take(&mut state.record).learn(end, now);
        let learned_ms = learned::life_ms(&state.record.early_ends, now);
        self.publish(&state);
        drop(state);
        if let Some(learned_ms) = learned_ms {
            let text = format!(
                "tokens were refused before their time; for now they are taken to live at most {} s",
                learned_ms / 1000
            );
            self.note(LogLevel::Warning, &text);
        }
    }

    /// One renewal may be forced by a refusal; a token that was itself forced
    /// must first grow older, or a server that refuses everything would get a
    /// token request for each of ours.
    fn may_force(&self, state: &State, facts: &TokenFacts, life: Life, now: Moment) -> bool {
        let was_just_forced = facts.forced && life.is_too_young_to_force();
        let within_budget = is_due(state, life) || budget::wait_ms(&state.record.spent, now) <= 0;
        !facts.is_static && !was_just_forced && within_budget && !is_failing(&state.record, now)
    }
}

/// Whether the server may well have withdrawn the token: then a request is due,
/// though none that repeats one that failed.
fn is_due(state: &State, life: Life) -> bool {
    life.is_in_second_half() && state.record.failure.is_none()
}
