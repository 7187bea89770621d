//! Who shares what within one process.
//!
//! Clients with the same credential share one entry, and grants with the same
//! refresh token one record, so that a host and its plug-ins make one token
//! request. The registry holds weak references: it keeps nothing alive.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, OnceLock, Weak};

use parking_lot::Mutex;
use ring::hmac;
use ring::rand::SystemRandom;

use crate::error::{Error, Result, Status};

/// A keyed hash over everything that shapes a token request. Keyed, so that
/// nothing in memory lets a secret be guessed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CacheKey([u8; 32]);

/// Collects the parts of a key; each is delimited by its length.
pub(crate) struct KeyHasher(hmac::Context);

impl KeyHasher {
    /// `purpose` keeps keys of different kinds apart.
    pub(crate) fn new(purpose: &str) -> Result<Self> {
        static KEY: OnceLock<hmac::Key> = OnceLock::new();
        let key = match KEY.get() {
            Some(key) => key,
            None => {
                let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
                    .map_err(|_| no_random())?;
                KEY.get_or_init(|| key)
            }
        };
        let mut hasher = KeyHasher(hmac::Context::with_key(key));
        hasher.add("purpose", purpose);
        Ok(hasher)
    }

    pub(crate) fn add(&mut self, name: &str, value: &str) {
        for part in [name, value] {
            self.0.update(&(part.len() as u64).to_le_bytes());
            self.0.update(part.as_bytes());
        }
    }

    pub(crate) fn finish(self) -> CacheKey {
        let mut key = [0; 32];
        key.copy_from_slice(self.0.sign().as_ref());
        CacheKey(key)
    }
}

/// Values that live for as long as somebody uses them.
pub(crate) struct Registry<K, V>(Mutex<Option<HashMap<K, Weak<V>>>>);

impl<K: Eq + Hash, V> Registry<K, V> {
    pub(crate) const fn new() -> Self {
        Registry(Mutex::new(None))
    }

    /// The value of `key`, made by `make` if nobody has it.
    pub(crate) fn get_or_make(&self, key: K, make: impl FnOnce() -> V) -> Arc<V> {
        let mut registry = self.0.lock();
        let values = registry.get_or_insert_default();
        if let Some(value) = values.get(&key).and_then(Weak::upgrade) {
            return value;
        }
        // Now and then, so that many clients don't cost a look at all of them.
        if values.len().is_power_of_two() {
            values.retain(|_, value| value.strong_count() > 0);
        }
        let value = Arc::new(make());
        values.insert(key, Arc::downgrade(&value));
        value
    }
}

fn no_random() -> Error {
    Error::new(
        Status::Internal,
        "internal.random",
        "the operating system gave no random numbers",
    )
}
