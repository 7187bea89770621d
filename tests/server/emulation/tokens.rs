//! The tokens of one emulation, on a clock that a test can move on.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::settings::Actions;
use crate::ledger::random_text;

const TOKEN_CHARACTERS: usize = 160;

/// Tokens, and whether the account that they belong to is disabled.
#[derive(Default)]
pub struct Tokens {
    books: Mutex<Books>,
}

#[derive(Default)]
struct Books {
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
    /// How far the clock is ahead of the machine's.
    ahead: Duration,
    disabled_at: Option<Instant>,
}

#[derive(Clone)]
struct Access {
    holder: String,
    expires_at: Instant,
}

struct Refresh {
    holder: String,
    dead: Option<&'static str>,
}

/// What became of an access token.
pub enum Standing {
    /// It was never issued here.
    Unknown,
    /// It died so many milliseconds ago.
    Expired(u128),
    /// It is alive.
    Live {
        /// Whoever it was issued to.
        holder: String,
        /// For how long the account has been disabled, if it is.
        disabled_for: Option<Duration>,
    },
}

impl Tokens {
    /// Issues an access token.
    pub fn issue(&self, holder: &str, life: Duration) -> String {
        let token = random_text(TOKEN_CHARACTERS);
        let mut books = self.books.lock();
        let access = Access {
            holder: holder.to_owned(),
            expires_at: books.now() + life,
        };
        books.access.insert(token.clone(), access);
        token
    }

    /// Issues a refresh token.
    pub fn issue_refresh(&self, holder: &str) -> String {
        let token = random_text(TOKEN_CHARACTERS);
        let refresh = Refresh {
            holder: holder.to_owned(),
            dead: None,
        };
        self.books.lock().refresh.insert(token.clone(), refresh);
        token
    }

    /// Spends a refresh token: its holder, or why it is dead.
    pub fn spend(&self, token: &str) -> Result<String, &'static str> {
        let mut books = self.books.lock();
        let refresh = books.refresh.get_mut(token);
        let refresh = refresh.ok_or("the refresh token was never issued here")?;
        match refresh.dead.replace("the refresh token was spent before") {
            None => Ok(refresh.holder.clone()),
            Some(why) => {
                refresh.dead = Some(why);
                Err(why)
            }
        }
    }

    /// What became of an access token.
    pub fn standing(&self, token: &str) -> Standing {
        let books = self.books.lock();
        let now = books.now();
        let Some(access) = books.access.get(token) else {
            return Standing::Unknown;
        };
        match now.checked_duration_since(access.expires_at) {
            Some(late) => Standing::Expired(late.as_millis()),
            None => Standing::Live {
                holder: access.holder.clone(),
                disabled_for: books.disabled_at.map(|at| now - at),
            },
        }
    }

    /// Notes from when on the account is disabled.
    pub fn set_disabled(&self, disabled: bool) {
        let mut books = self.books.lock();
        books.disabled_at = match books.disabled_at {
            since @ Some(_) if disabled => since,
            _ => disabled.then(|| books.now()),
        };
    }

    /// Does what a test has asked for.
    pub fn act(&self, actions: &Actions) {
        let books = &mut *self.books.lock();
        books.ahead += Duration::from_millis(actions.advance_ms);
        if actions.expire_tokens {
            let now = books.now();
            for access in books.access.values_mut() {
                access.expires_at = access.expires_at.min(now);
            }
        }
        if actions.expire_refresh_tokens {
            for refresh in books.refresh.values_mut() {
                refresh.dead = refresh.dead.or(Some("the refresh token has expired"));
            }
        }
    }
}

impl Books {
    fn now(&self) -> Instant {
        Instant::now() + self.ahead
    }
}
