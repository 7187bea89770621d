//! One cache key at work: its record, its flight, and the callers around it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::sync::Mutex;
use zeroize::Zeroizing;

use super::budget;
use super::decide::{Decision, decide, fresh_for_ms, is_failing, not_before, usable};
use super::flight::{Flight, Landing, check_deadline, fly, panicked};
use super::life::{Life, whole_ms};
use super::record::{Generation, Outcome, TokenFacts, TokenRecord, random};
use super::replicas::{Replicas, Until};
use super::source::{Limit, Source};
use crate::call::Call;
use crate::config::Lifetime;
use crate::error::{Error, Result, Status};
use crate::os::clock::{Clock, Moment};
use crate::os::thread::spawn_detached;
use crate::token::{Snapshot, Token};

/// The tokens of one cache key; any number of threads at once.
pub(crate) struct Entry {
    clock: Arc<dyn Clock>,
    source: Arc<dyn Source>,
    replicas: Replicas,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    record: TokenRecord,
    /// The record's token as callers get it.
    token: Option<Token>,
    flight: Option<Arc<Flight>>,
}

/// What a caller does after a look at the record.
enum Next {
    Return(Result<Token>),
    /// A valid token, whose renewal has begun and must not be lost.
    ReturnAfter(Token, Arc<Flight>),
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
            state: Mutex::new(State::default()),
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
        let newer = renewal.and_then(|renewal| self.finish(&renewal, call, deadline));
        match newer {
            None if call.is_cancelled() => call.check().map(|()| token),
            newer => Ok(newer.unwrap_or(token)),
        }
    }

    fn obtain(
        self: &Arc<Self>,
        call: &Call,
        deadline: Instant,
    ) -> Result<(Token, Option<Renewal>)> {
        call.check()?;
        loop {
            let (next, began) = self.look(call);
            if let Some((flight, is_single)) = began {
                self.launch(&flight, call, deadline, is_single);
            }
            let flight = match next {
                Next::Return(result) => return result.map(|token| (token, None)),
                Next::ReturnAfter(token, flight) => return Ok((token, Some(Renewal(flight)))),
                Next::Wait(flight) => flight,
            };
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
                    if flight.epoch < self.state.lock().record.epoch {
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
    fn look(&self, call: &Call) -> (Next, Option<(Arc<Flight>, bool)>) {
        let rules = self.source.lifetime();
        let mut state = self.state.lock();
        let now = Moment::of(&*self.clock);
        state.give_up_overdue(now, self.source.timeout());
        let decision = decide(&state.record, now, call.min_validity_ms(), rules);
        match (decision, state.flight.clone()) {
            (Decision::Serve { met }, _) => {
                // After a step of a clock; not for a call that wants more than
                // the server gives.
                if self.replicas.read(&*self.clock, 0, |_| ()).is_none() {
                    self.publish(&state, now);
                }
                (Next::Return(state.served(met)), None)
            }
            (Decision::ServeAndRenew { met, .. }, Some(_)) => {
                (Next::Return(state.served(met)), None)
            }
            (Decision::ServeAndRenew { met, due }, None) => {
                let flight = state.begin(false, due, now);
                self.publish(&state, now);
                let next = match state.served(met) {
                    Ok(token) if self.source.may_rotate() => {
                        Next::ReturnAfter(token, flight.clone())
                    }
                    result => Next::Return(result),
                };
                (next, Some((flight, true)))
            }
            (_, Some(flight)) => (Next::Wait(flight), None),
            (Decision::Fetch { due }, None) => {
                // No hurry where the last attempt failed, or where a token is
                // valid, but for less time than this call would like.
                let is_single =
                    state.record.failure.is_some() || usable(&state.record, now, rules).is_some();
                let flight = state.begin(false, due, now);
                (Next::Wait(flight.clone()), Some((flight, is_single)))
            }
            (Decision::Fail { error }, None) => (Next::Return(Err(error)), None),
        }
    }

    /// After the token of `refused` was refused with a 401: another token to
    /// try, or none when a renewal would not help.
    pub(crate) fn token_after_refusal(
        self: &Arc<Self>,
        refused: &Generation,
        call: &Call,
        deadline: Instant,
    ) -> Option<Token> {
        loop {
            let (flight, began) = {
                let mut state = self.state.lock();
                let now = Moment::of(&*self.clock);
                state.give_up_overdue(now, self.source.timeout());
                let life = usable(&state.record, now, self.source.lifetime());
                let is_current = |facts: &TokenFacts| facts.generation == *refused;
                match (&state.record.token, life, state.flight.clone()) {
                    (Some(facts), Some(_), _) if !is_current(facts) => {
                        return state.token.clone();
                    }
                    (_, _, Some(flight)) => (flight, false),
                    (Some(facts), Some(life), None) if self.may_force(&state, facts, life, now) => {
                        let flight = state.begin(true, life.is_in_second_half(), now);
                        self.publish(&state, now);
                        (flight, true)
                    }
                    // Expired meanwhile: an ordinary call gets the next one.
                    (_, None, None) => {
                        drop(state);
                        return self.token_by_record(call, deadline).ok();
                    }
                    _ => return None,
                }
            };
            if began {
                self.launch(&flight, call, deadline, true);
            }
            match flight.wait(call, deadline) {
                Ok(Landing::Token(token)) => return Some(token),
                Ok(Landing::Abandoned) => {
                    check_deadline(call, deadline).ok()?;
                }
                _ => return None,
            }
        }
    }

    /// Forgets the failures, so that the next call tries at once.
    pub(crate) fn reset(&self) {
        let mut state = self.state.lock();
        state.record = std::mem::take(&mut state.record).reset();
        self.publish(&state, Moment::of(&*self.clock));
    }

    #[cfg(test)]
    pub(crate) fn is_in_flight(&self) -> bool {
        self.state.lock().flight.is_some()
    }

    /// Starts the worker of a flight, or flies it here when no thread is to be
    /// had.
    fn launch(
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
    fn publish(&self, state: &State, now: Moment) {
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

    /// One renewal may be forced by a refusal; a token that was itself forced
    /// must first grow older, or a server that refuses everything would get a
    /// token request for each of ours.
    fn may_force(&self, state: &State, facts: &TokenFacts, life: Life, now: Moment) -> bool {
        let was_just_forced = facts.forced && life.is_too_young_to_force();
        let within_budget =
            life.is_in_second_half() || budget::wait_ms(&state.record.spent, now) <= 0;
        !facts.is_static && !was_just_forced && within_budget && !is_failing(&state.record, now)
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

impl State {
    /// `due`: the request is none that the budget is for.
    fn begin(&mut self, forced: bool, due: bool, now: Moment) -> Arc<Flight> {
        if !due {
            budget::spend(&mut self.record.spent, now);
        }
        let flight = Flight::new(self.record.epoch, forced, now);
        self.flight = Some(flight.clone());
        flight
    }

    /// Another flight may have taken the place of one that was overdue.
    fn end(&mut self, flight: &Flight) {
        let _ended = self
            .flight
            .take_if(|current| std::ptr::eq(Arc::as_ptr(current), flight));
    }

    /// A worker can be stuck where no deadline reaches, as in a file on a
    /// network that is gone. Its late outcome still counts; those who wait for
    /// it are sent back, and the next caller begins anew.
    fn give_up_overdue(&mut self, now: Moment, timeout: Duration) {
        let overdue = self
            .flight
            .take_if(|flight| flight.is_overdue(now, timeout));
        if let Some(flight) = overdue {
            flight.land(Landing::Abandoned);
        }
    }

    fn served(&self, met: bool) -> Result<Token> {
        match &self.token {
            Some(token) if met => Ok(token.clone()),
            Some(token) => Ok(token.unmet()),
            None => Err(Error::new(
                Status::Internal,
                "internal.no_token",
                "the cache lost a token through a bug of authkeep; please report it",
            )),
        }
    }
}

fn snapshot(facts: &TokenFacts, rules: &Lifetime) -> Token {
    let nul = |text: &str| format!("{text}\0");
    let expires_ms = facts
        .requested_at
        .wall_ms
        .saturating_add(whole_ms(facts, rules));
    Token::new(
        Arc::new(Snapshot {
            access_token: Zeroizing::new(nul(facts.access_token.expose())),
            token_type: nul(&facts.token_type),
            scope: facts.scope.as_deref().map(nul),
            expires_at: (!facts.is_static).then_some(expires_ms.div_euclid(1000)),
            generation: facts.generation,
        }),
        true,
    )
}

fn no_thread() -> Error {
    Error::new(
        Status::Unavailable,
        "token.no_thread",
        "no thread could be started for a token request that spends a refresh token; raise the \
         limit on threads",
    )
}
