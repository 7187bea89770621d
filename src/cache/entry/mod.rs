//! One cache key at work: its record, its flight, and the callers around it.

use std::sync::Arc;
use std::time::Instant;

use super::decide::{Decision, decide, usable};
use super::flight::{Flight, Landing, check_deadline};
use super::replicas::Replicas;
use super::source::Source;
use crate::call::Call;
use crate::error::{Result, Status};
use crate::os::clock::{Clock, Moment};
use crate::sync::Mutex;
use crate::token::Token;

use state::State;

mod launch;
mod refusal;
mod state;

/// The tokens of one cache key; any number of threads at once.
pub(crate) struct Entry {
    clock: Arc<dyn Clock>,
    source: Arc<dyn Source>,
    replicas: Replicas,
    state: Mutex<State>,
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
