//! Every token that was issued, whether it is alive, and why not if it isn't.
//!
//! Tokens that descend from one first grant are a family. A rotating refresh
//! token that is used a second time has leaked or was shared, and takes its
//! whole family with it (RFC 9700 §4.14.2).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use rustls::crypto::ring::default_provider;
use serde::Deserialize;

use crate::registration::{Refresh, Registration};

/// More access tokens than this, and those long dead are forgotten.
const KEPT_TOKENS: usize = 20_000;
/// How long a dead access token is still known as expired.
const KEPT_AFTER_EXPIRY: Duration = Duration::from_secs(600);
const REFRESH_TOKEN_BYTES: usize = 64;

/// The tokens of every client.
#[derive(Default)]
pub struct Ledger {
    books: Mutex<Books>,
}

#[derive(Default)]
struct Books {
    access: HashMap<String, Access>,
    refresh: HashMap<String, RefreshToken>,
    families: HashMap<u64, Family>,
    last_number: u64,
}

struct Access {
    client: Arc<str>,
    number: u64,
    expires_at: Instant,
    revoked: bool,
    family: u64,
}

struct RefreshToken {
    client: Arc<str>,
    family: u64,
    state: RefreshState,
}

#[derive(Clone, Copy, PartialEq)]
enum RefreshState {
    Live,
    Spent,
    Revoked,
}

#[derive(Default)]
struct Family {
    revoked: bool,
    /// Access tokens with a lower number died by a rotation.
    live_from: u64,
}

/// What a token request gets.
pub struct Issued {
    /// The access token.
    pub access_token: String,
    /// The refresh token, if this answer has one.
    pub refresh_token: Option<String>,
}

/// Why a refresh token is refused.
#[derive(Debug, PartialEq)]
pub enum RefreshRefusal {
    /// Never issued to this client, or no longer valid.
    Invalid,
    /// Used before: its family is revoked now.
    Reused,
}

/// An access token that the ledger knows.
pub struct Known {
    /// Whose it is.
    pub client: Arc<str>,
    /// Counts the access tokens of the server, from 1.
    pub number: u64,
    /// Why it is refused, if it is.
    pub refused: Option<String>,
}

/// Which tokens `POST /control/revoke` means.
#[derive(Clone, Copy, Default, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Access tokens only.
    Access,
    /// Refresh tokens only.
    Refresh,
    /// Both.
    #[default]
    All,
}

impl Ledger {
    /// Makes the seed of a registration valid, as a family of its own.
    pub fn seed(&self, client: &Registration) {
        if let Some(seed) = &client.refresh_seed {
            let mut books = self.books.lock();
            let family = books.found_family();
            let live = RefreshToken {
                client: client.client_id.as_str().into(),
                family,
                state: RefreshState::Live,
            };
            books.refresh.insert(seed.clone(), live);
        }
    }

    /// Answers a first grant: an access token, with a refresh token if the
    /// client has them and `refreshable` says that the grant does.
    pub fn issue(&self, client: &Registration, refreshable: bool) -> Issued {
        let fresh = FreshTokens::for_client(client);
        let mut books = self.books.lock();
        let family = books.found_family();
        let with_refresh = refreshable && client.refresh != Refresh::None;
        books.issue(client, family, fresh, with_refresh)
    }

    /// Answers a refresh, and rotates if the client's tokens do.
    pub fn refresh(&self, client: &Registration, token: &str) -> Result<Issued, RefreshRefusal> {
        let fresh = FreshTokens::for_client(client);
        let rotating = client.refresh == Refresh::Rotating;
        let mut books = self.books.lock();
        let found = books
            .refresh
            .get_mut(token)
            .filter(|found| *found.client == *client.client_id);
        let found = found.ok_or(RefreshRefusal::Invalid)?;
        let (family, state) = (found.family, found.state);
        if state == RefreshState::Live && rotating {
            found.state = RefreshState::Spent;
        }
        let revoked = books
            .families
            .get(&family)
            .is_none_or(|family| family.revoked);
        match state {
            RefreshState::Live if !revoked => {}
            RefreshState::Spent => {
                books.family(family).revoked = true;
                return Err(RefreshRefusal::Reused);
            }
            _ => return Err(RefreshRefusal::Invalid),
        }
        if rotating && client.revoke_access_on_rotation {
            books.family(family).live_from = books.last_number + 1;
        }
        Ok(books.issue(client, family, fresh, rotating))
    }

    /// What is known of an access token; `None` if it was never issued.
    pub fn access(&self, token: &str) -> Option<Known> {
        let books = self.books.lock();
        let access = books.access.get(token)?;
        let family = books.families.get(&access.family);
        let family_lives =
            family.is_some_and(|family| !family.revoked && access.number >= family.live_from);
        let late = Instant::now().checked_duration_since(access.expires_at);
        let refused = if access.revoked || !family_lives {
            Some("revoked".to_owned())
        } else {
            late.map(|late| format!("expired by {} ms", late.as_millis()))
        };
        Some(Known {
            client: Arc::clone(&access.client),
            number: access.number,
            refused,
        })
    }

    /// Revokes one access token; tells how many.
    pub fn revoke_access(&self, token: &str) -> usize {
        let mut books = self.books.lock();
        let found = books
            .access
            .get_mut(token)
            .map(|access| access.revoked = true);
        usize::from(found.is_some())
    }

    /// Revokes the tokens of a client; tells how many.
    pub fn revoke_client(&self, client_id: &str, kind: Kind) -> usize {
        let mut books = self.books.lock();
        let mut count = 0;
        if kind != Kind::Refresh {
            for access in books
                .access
                .values_mut()
                .filter(|access| !access.revoked && *access.client == *client_id)
            {
                access.revoked = true;
                count += 1;
            }
        }
        if kind != Kind::Access {
            for refresh in books.refresh.values_mut() {
                if refresh.state == RefreshState::Live && *refresh.client == *client_id {
                    refresh.state = RefreshState::Revoked;
                    count += 1;
                }
            }
        }
        count
    }
}

impl Books {
    fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    fn found_family(&mut self) -> u64 {
        let family = self.next_number();
        self.families.insert(family, Family::default());
        family
    }

    fn family(&mut self, family: u64) -> &mut Family {
        self.families.entry(family).or_default()
    }

    fn issue(
        &mut self,
        client: &Registration,
        family: u64,
        fresh: FreshTokens,
        with_refresh: bool,
    ) -> Issued {
        let now = Instant::now();
        if self.access.len() >= KEPT_TOKENS {
            self.access
                .retain(|_, access| access.expires_at + KEPT_AFTER_EXPIRY > now);
        }
        let owner: Arc<str> = client.client_id.as_str().into();
        let access = Access {
            client: Arc::clone(&owner),
            number: self.next_number(),
            expires_at: now + Duration::from_millis(client.token_life_ms),
            revoked: false,
            family,
        };
        self.access.insert(fresh.access_token.clone(), access);
        let refresh_token = with_refresh.then_some(fresh.refresh_token);
        if let Some(token) = &refresh_token {
            self.refresh.insert(
                token.clone(),
                RefreshToken {
                    client: owner,
                    family,
                    state: RefreshState::Live,
                },
            );
        }
        Issued {
            access_token: fresh.access_token,
            refresh_token,
        }
    }
}

/// New token texts, drawn before the lock is taken.
struct FreshTokens {
    access_token: String,
    refresh_token: String,
}

impl FreshTokens {
    fn for_client(client: &Registration) -> FreshTokens {
        FreshTokens {
            access_token: random_text(client.token_bytes),
            refresh_token: random_text(REFRESH_TOKEN_BYTES),
        }
    }
}

/// So many characters of base64url, drawn at random.
pub fn random_text(length: usize) -> String {
    let mut bytes = vec![0; length * 3 / 4 + 1];
    default_provider()
        .secure_random
        .fill(&mut bytes)
        .expect("the system has random bytes");
    let mut text = URL_SAFE_NO_PAD.encode(&bytes);
    text.truncate(length);
    text
}
