//! One cache key at work: its record, its flight, and the callers around it.

use std::sync::Arc;
use std::time::Instant;

use super::counters::{Counters, Tally};
use super::decide::{Decision, decide, usable};
use super::flight::{Flight, Landing, check_deadline};
use super::record::When;
use super::replicas::Replicas;
use super::source::Source;
use crate::call::Call;
use crate::error::{Result, Status};
use crate::log::{Journal, LogLevel};
use crate::os::clock::{Clock, Moment};
use crate::sync::Mutex;
use crate::token::Token;

use state::State;

mod explain;
mod launch;
mod refusal;
mod state;

/// The tokens of one cache key; any number of threads at once.
pub(crate) struct Entry {
    clock: Arc<dyn Clock>,
    source: Arc<dyn Source>,
    replicas: Replicas,
    state: Mutex<State>,
    tally: Tally,
    journal: Journal,
}

/// How often the places of secrets are looked at while the last ones fail.
const LOOK_EVERY_MS: i64 = 1_000;

/// What a caller does after a look at the record.
enum Next {
    Return(Result<Token>),
    /// Hand out a valid token and begin to renew it.
    Renew(Token, Arc<Flight>, bool),
    /// Begin a request and wait for it.
    Fetch(Arc<Flight>, bool),
    Wait(Arc<Flight>),
}

/// A renewal that may rotate a refresh token. Whoever began it waits for it,
/// so that a short program doesn't end in the middle.
pub(crate) struct Renewal(Arc<Flight>);

impl Entry {
    pub(crate) fn new(clock: Arc<dyn Clock>, source: Arc<dyn Source>) -> Self {
        Entry {
            clock,
            source,
            replicas: Replicas::new(),
            state: Mutex::default(),
            tally: Tally::default(),
            journal: Journal::default(),
        }
    }

    /// For a forked child: what is known here, without what is under way. Never
    /// waits: what was being changed when the child was forked is not taken over.
    pub(crate) fn in_child(&self, source: Arc<dyn Source>) -> Entry {
        let known = self.state.try_lock().map(|state| State {
            record: state.record.clone(),
            token: state.token.clone(),
            ..State::default()
        });
        Entry {
            state: Mutex::new(known.unwrap_or_default()),
            ..Entry::new(self.clock.clone(), source)
        }
    }

    /// Lends a valid token to `take`. Blocks only where there is none, or where
    /// it is not valid for as long as the call asks.
    #[inline]
    pub(crate) fn token<T>(
        self: &Arc<Self>,
        call: &Call,
        deadline: impl FnOnce() -> Instant,
        take: impl Fn(&Token) -> T,
    ) -> Result<T> {
        if !call.is_cancelled()
            && let Some(taken) = self
                .replicas
                .read(&*self.clock, call.min_validity_ms(), &take)
        {
            return Ok(taken);
        }
        Ok(take(&self.token_by_record(call, deadline())?))
    }

    /// Like [`token`](Self::token), for a caller with something to send: a
    /// valid token is there at once, and a renewal that must not be lost is
    /// waited for with [`finish`](Self::finish) afterwards.
    pub(crate) fn token_to_send(
        self: &Arc<Self>,
        call: &Call,
        deadline: Instant,
    ) -> Result<(Token, Option<Renewal>)> {
        if !call.is_cancelled()
            && let Some(token) =
                self.replicas
                    .read(&*self.clock, call.min_validity_ms(), Token::clone)
        {
            return Ok((token, None));
        }
        self.obtain(call, deadline)
    }

    /// Waits for the end of a renewal, by the caller's deadline; the token that
    /// came of it.
    pub(crate) fn finish(
        &self,
        renewal: &Renewal,
        call: &Call,
        deadline: Instant,
    ) -> Option<Token> {
        match renewal.0.wait(call, deadline) {
            Ok(Landing::Token(newer)) => Some(newer),
            _ => None,
        }
    }

    #[cold]
    fn token_by_record(self: &Arc<Self>, call: &Call, deadline: Instant) -> Result<Token> {
        let (token, renewal) = self.obtain(call, deadline)?;
        let Some(renewal) = renewal else {
            return Ok(token);
        };
        if let Some(newer) = self.finish(&renewal, call, deadline) {
            return Ok(newer);
        }
        call.check()?;
        // It may have ended or been forgotten while its renewal was waited for.
        match self.still_valid(call) {
            Some(token) => Ok(token),
            None => self.obtain(call, deadline).map(|(token, _)| token),
        }
    }

    fn obtain(
        self: &Arc<Self>,
        call: &Call,
        deadline: Instant,
    ) -> Result<(Token, Option<Renewal>)> {
        call.check()?;
        let mut has_waited = false;
        loop {
            let flight = match self.look(call) {
                Next::Return(Ok(token)) => {
                    self.tally.hits.add(1);
                    return Ok((token, None));
                }
                Next::Return(Err(error)) => {
                    if self.has_other_credentials() {
                        continue;
                    }
                    self.tally.suppressed.add(1);
                    return Err(error);
                }
                Next::Renew(token, flight, is_single) => {
                    self.tally.hits.add(1);
                    self.tally.renewals_ahead.add(1);
                    self.note(LogLevel::Debug, "the token is due for renewal");
                    let may_rotate = self.source.may_rotate();
                    self.launch(&flight, call, deadline, is_single);
                    return Ok((token, may_rotate.then_some(Renewal(flight))));
                }
                Next::Fetch(flight, is_single) => {
                    self.note(LogLevel::Debug, "a token is requested");
                    self.launch(&flight, call, deadline, is_single);
                    flight
                }
                Next::Wait(flight) => flight,
            };
            if !std::mem::replace(&mut has_waited, true) {
                self.tally.waits.add(1);
            }
            let landing = match flight.wait(call, deadline) {
                // A token that lives for less than was asked is better than none.
                Err(error) if error.status() == Status::Deadline => {
                    let token = self.still_valid(call).ok_or(error)?;
                    return Ok((token, None));
                }
                landing => landing?,
            };
            match landing {
                Landing::Token(token) => return Ok((self.marked(token, call), None)),
                Landing::Failed(error) => {
                    if flight.epoch < self.state.lock().record.reset_at {
                        continue;
                    }
                    let token = self.still_valid(call).ok_or(error)?;
                    return Ok((token, None));
                }
                Landing::Abandoned => {
                    check_deadline(call, deadline)?;
                }
            }
        }
    }

    /// Decides under the lock, and begins a flight where one is needed.
    fn look(&self, call: &Call) -> Next {
        let rules = self.source.lifetime();
        let mut state = self.state.lock();
        let now = Moment::of(&*self.clock);
        state.give_up_overdue(now, self.source.timeout());
        let in_flight = state.flight.is_some();
        let min_validity_ms = call.min_validity_ms();
        match decide(&state.record, now, min_validity_ms, rules, in_flight) {
            Decision::Serve { met } => {
                // After a step of a clock; not for a call that wants more than
                // the server gives.
                if !self.replicas.holds(&*self.clock) {
                    self.publish(&state);
                }
                Next::Return(state.served(met))
            }
            Decision::ServeAndRenew { met, due } => {
                let token = match state.served(met) {
                    Ok(token) => token,
                    error => return Next::Return(error),
                };
                let is_single = state.record.failure.is_some();
                let flight = state.begin(false, due, now);
                self.publish(&state);
                Next::Renew(token, flight, is_single)
            }
            Decision::Fetch { due } => {
                // No hurry where the last attempt failed, or where a token is
                // valid, but for less time than this call would like.
                let is_single =
                    state.record.failure.is_some() || usable(&state.record, now, rules).is_some();
                Next::Fetch(state.begin(false, due, now), is_single)
            }
            Decision::Wait => match &state.flight {
                Some(flight) => Next::Wait(flight.clone()),
                None => Next::Return(state.served(false)),
            },
            Decision::Fail { error } => Next::Return(Err(error)),
        }
    }

    /// Whether the secrets that failed are no longer those that would be sent: a
    /// running service takes up a mended one at once.
    fn has_other_credentials(&self) -> bool {
        let failed = {
            let mut state = self.state.lock();
            let now = Moment::of(&*self.clock);
            let age_ms = state.looked_at.as_ref().and_then(|at| at.age_ms(now));
            match &state.record.failure {
                Some(failure)
                    if failure.is_about_credentials()
                        && age_ms.is_none_or(|age_ms| age_ms >= LOOK_EVERY_MS) =>
                {
                    let credentials = failure.credentials;
                    state.looked_at = Some(When::at(now));
                    credentials
                }
                _ => return false,
            }
        };
        let credentials = self.source.credentials();
        if credentials == failed {
            return false;
        }
        self.note(
            LogLevel::Info,
            "the credentials are others than those that failed",
        );
        let mut state = self.state.lock();
        state.record = std::mem::take(&mut state.record).with_credentials(failed, credentials);
        true
    }

    /// Forgets the failures, so that the next call tries at once. A request that
    /// is under way and fails leaves no trace.
    pub(crate) fn reset(&self) {
        // First: what began in between would fail by what is being forgotten.
        self.source.reset();
        let mut state = self.state.lock();
        state.record = std::mem::take(&mut state.record).reset();
        self.publish(&state);
        drop(state);
        self.note(LogLevel::Info, "failures were forgotten (reset)");
    }

    /// Drops what was issued, so that nobody is handed it any more. What a request
    /// that is under way brings is dropped as well.
    pub(crate) fn forget(&self) {
        // First: what began in between would be asked for with what is being dropped.
        self.source.forget();
        let mut state = self.state.lock();
        state.record = std::mem::take(&mut state.record).forget();
        let token = state.token.take();
        self.publish(&state);
        drop(state);
        drop(token);
        self.note(LogLevel::Info, "what was issued was forgotten (forget)");
    }

    /// An API request was repeated with another token.
    pub(crate) fn replayed(&self) {
        self.tally.replays.add(1);
    }

    pub(crate) fn counters(&self) -> Counters {
        self.tally.counters(self.replicas.hits())
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    fn note(&self, level: LogLevel, what: &str) {
        let text = format!("{}: {what}", self.source.label());
        self.journal.note(level, text);
    }

    #[cfg(test)]
    pub(crate) fn is_in_flight(&self) -> bool {
        self.state.lock().flight.is_some()
    }

    /// The token of a flight, marked if it is not valid for as long as asked.
    fn marked(&self, token: Token, call: &Call) -> Token {
        let state = self.state.lock();
        let now = Moment::of(&*self.clock);
        match usable(&state.record, now, self.source.lifetime()) {
            Some(life) if life.left_ms < call.min_validity_ms() => token.unmet(),
            None if call.min_validity_ms() > 0 => token.unmet(),
            _ => token,
        }
    }

    /// The current token, for a call that wanted a longer life than it has.
    fn still_valid(&self, call: &Call) -> Option<Token> {
        let state = self.state.lock();
        let life = usable(
            &state.record,
            Moment::of(&*self.clock),
            self.source.lifetime(),
        )?;
        let met = life.left_ms >= call.min_validity_ms();
        state.served(met).ok()
    }
}
