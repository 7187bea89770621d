//! Which grant record a credential spends from: shared by those who hold the same
//! refresh token, and not with a process that was forked.

use std::sync::Arc;

use super::identity::{fingerprint, fingerprint_of_value};
use crate::cache::refresh::GrantSlot;
use crate::cache::registry::{CacheKey, Inherited, KeyHasher, Registry};
use crate::cache::source::Limit;
use crate::config::Settings;
use crate::error::Result;
use crate::secret::Secret;
use crate::sync::Mutex;
use crate::url::Url;

/// Grants that several clients share, so that none spends what another has.
static GRANTS: Registry<CacheKey, GrantSlot> = Registry::new();

/// The seeds that clients hold, by value or by their place: a forked child leaves
/// them to its parent, also those that the parent has not read yet.
static SEEDS: Registry<CacheKey, Seed> = Registry::new();

struct Seed;

/// The grant record of one credential.
pub(crate) struct Grants {
    /// Kept, so that a rotated refresh token lives as long as its credential.
    current: Mutex<Option<(CacheKey, Arc<GrantSlot>)>>,
    /// Kept, so that the seed is held for as long.
    _seed: Option<Arc<Seed>>,
}

impl Grants {
    pub(crate) fn new(settings: &Settings) -> Result<Self> {
        let seed = match &settings.refresh_token {
            Some(source) => {
                Some(SEEDS.get_or_make(key(settings, "seed", &fingerprint(source))?, || Seed))
            }
            None => None,
        };
        Ok(Grants {
            current: Mutex::new(None),
            _seed: seed,
        })
    }

    /// For a forked child: its parent holds the seed.
    pub(crate) fn in_child() -> Self {
        Grants {
            current: Mutex::new(None),
            _seed: None,
        }
    }

    /// The record of the grant that is configured now: another seed, put in
    /// place by a person who signed in again, starts another record. One that
    /// began without a seed is this credential's own.
    pub(crate) fn slot(&self, settings: &Settings, limit: &Limit) -> Result<Arc<GrantSlot>> {
        let seed = match &settings.refresh_token {
            Some(source) => Some(source.read(&limit.call, limit.deadline)?),
            None => None,
        };
        let text = seed.as_ref().map_or("", Secret::expose);
        let key = key(settings, "grant", text)?;
        let mut current = self.current.lock();
        if let Some((known, slot)) = &*current
            && *known == key
        {
            return Ok(slot.clone());
        }
        let slot = match seed {
            Some(seed) => {
                let is_parents = is_parents(settings, &seed)?;
                GRANTS.get_or_make(key, || match GRANTS.inherited(&key) {
                    Inherited::Value(slot) => slot.in_child(),
                    Inherited::Nothing if !is_parents => GrantSlot::new(Some(seed)),
                    Inherited::Nothing | Inherited::Unknown => GrantSlot::of_parent(),
                })
            }
            None => Arc::new(GrantSlot::new(None)),
        };
        *current = Some((key, slot.clone()));
        Ok(slot)
    }

    pub(crate) fn hold_a_refresh_token(&self, settings: &Settings) -> bool {
        match &*self.current.lock() {
            Some((_, slot)) => slot.holds_a_refresh_token(),
            None => settings.refresh_token.is_some(),
        }
    }

    pub(crate) fn forget(&self) {
        let current = self.current.lock().clone();
        if let Some((_, slot)) = current {
            slot.forget();
            Grants::keep(&slot);
        }
    }

    /// What is no longer what the seed tells outlives this credential's clients.
    pub(crate) fn keep(slot: &Arc<GrantSlot>) {
        if slot.has_outgrown_its_seed() {
            GRANTS.keep(slot);
        }
    }
}

/// Whether a process that this one was forked from held the seed, or may have.
fn is_parents(settings: &Settings, seed: &Secret) -> Result<bool> {
    let place = settings.refresh_token.as_ref().map(fingerprint);
    for name in place.into_iter().chain([fingerprint_of_value(seed)]) {
        let key = key(settings, "seed", &name)?;
        if !matches!(SEEDS.inherited(&key), Inherited::Nothing) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A refresh token belongs to an endpoint and a client.
fn key(settings: &Settings, purpose: &str, refresh_token: &str) -> Result<CacheKey> {
    let mut hasher = KeyHasher::new(purpose)?;
    let endpoint = settings.token_endpoint.as_ref().map(Url::to_text);
    hasher.add("token_endpoint", endpoint.as_deref().unwrap_or_default());
    hasher.add(
        "client_id",
        settings.client_id.as_deref().unwrap_or_default(),
    );
    hasher.add("refresh_token", refresh_token);
    Ok(hasher.finish())
}
