//! What the lock of an entry guards.

use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::cache::budget;
use crate::cache::flight::{Flight, Landing};
use crate::cache::life::whole_ms;
use crate::cache::record::{TokenFacts, TokenRecord, When};
use crate::config::Lifetime;
use crate::error::{Error, Result, Status};
use crate::os::clock::Moment;
use crate::token::{Snapshot, Token};

#[derive(Default)]
pub(super) struct State {
    pub(super) record: TokenRecord,
    /// When the places of the secrets were looked at last.
    pub(super) looked_at: Option<When>,
    /// The record's token as callers get it.
    pub(super) token: Option<Token>,
    pub(super) flight: Option<Arc<Flight>>,
}

impl State {
    /// `due`: the request is none that the budget is for.
    pub(super) fn begin(&mut self, forced: bool, due: bool, now: Moment) -> Arc<Flight> {
        if !due {
            budget::spend(&mut self.record.spent, now);
        }
        let flight = Flight::new(self.record.epoch, forced, now);
        self.flight = Some(flight.clone());
        flight
    }

    /// Another flight may have taken the place of one that was overdue.
    pub(super) fn end(&mut self, flight: &Flight) {
        let _ended = self
            .flight
            .take_if(|current| std::ptr::eq(Arc::as_ptr(current), flight));
    }

    /// A worker can be stuck where no deadline reaches, as in a file on a
    /// network that is gone. Its late outcome still counts; those who wait for
    /// it are sent back, and the next caller begins anew.
    pub(super) fn give_up_overdue(&mut self, now: Moment, timeout: Duration) {
        let overdue = self
            .flight
            .take_if(|flight| flight.is_overdue(now, timeout));
        if let Some(flight) = overdue {
            flight.land(Landing::Abandoned);
        }
    }

    pub(super) fn served(&self, met: bool) -> Result<Token> {
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

pub(super) fn snapshot(facts: &TokenFacts, rules: &Lifetime) -> Token {
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
