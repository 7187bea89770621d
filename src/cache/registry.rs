//! Who shares what within one process.
//!
//! Clients with the same credential share one entry, and grants with the same
//! refresh token one record, so that a host and its plug-ins make one token
//! request. The registry keeps nothing alive but what it is told to keep: a
//! grant that no longer is what it began with outlives the client that is
//! closed. A forked child begins with an empty one, and may look up what it has
//! inherited.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Weak};

use crate::sync::Mutex;
use ring::hmac;
use ring::rand::SystemRandom;

use crate::error::{Error, Result, Status};
use crate::os::fork::{Local, Once};

/// A keyed hash over everything that shapes a token request. Keyed, so that
/// nothing in memory lets a secret be guessed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CacheKey([u8; 32]);

/// Collects the parts of a key; each is delimited by its length.
pub(crate) struct KeyHasher(hmac::Context);

impl KeyHasher {
    /// `purpose` keeps keys of different kinds apart.
    pub(crate) fn new(purpose: &str) -> Result<Self> {
        static KEY: Once<hmac::Key> = Once::new();
        let key = match KEY.get() {
            Some(key) => key,
            None => {
                let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
                    .map_err(|_| no_random())?;
                KEY.set(key)
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

/// How many values are kept that nobody uses; those kept last stay.
const MOST_KEPT: usize = 1024;

/// Values that live for as long as somebody uses them, or they are kept.
pub(crate) struct Registry<K, V>(Local<Shelf<K, V>>);

struct Shelf<K, V> {
    known: Mutex<HashMap<K, Weak<V>>>,
    kept: Mutex<VecDeque<Arc<V>>>,
}

/// What the processes before this one had under a key when they forked.
pub(crate) enum Inherited<V> {
    Nothing,
    Value(Arc<V>),
    /// It was being changed just then.
    Unknown,
}

impl<K: Eq + Hash + Send + Sync, V: Send + Sync> Registry<K, V> {
    pub(crate) const fn new() -> Self {
        Registry(Local::new())
    }

    fn shelf(&self) -> &Shelf<K, V> {
        self.0.get(|_| Shelf {
            known: Mutex::default(),
            kept: Mutex::default(),
        })
    }

    /// Lets `value` live on when nobody uses it any more.
    pub(crate) fn keep(&self, value: &Arc<V>) {
        let mut kept = self.shelf().kept.lock();
        kept.retain(|other| !Arc::ptr_eq(other, value));
        kept.push_back(value.clone());
        let oldest = (kept.len() > MOST_KEPT).then(|| kept.pop_front());
        drop(kept);
        // Dropped outside the lock: it may be the last count.
        drop(oldest);
    }

    /// The value of `key`, made by `make` if nobody has it.
    pub(crate) fn get_or_make(&self, key: K, make: impl FnOnce() -> V) -> Arc<V> {
        let mut values = self.shelf().known.lock();
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

    /// What this process has inherited under `key`, nearest first. Never waits.
    pub(crate) fn inherited(&self, key: &K) -> Inherited<V> {
        let mut found = Inherited::Nothing;
        for shelf in self.0.inherited() {
            let Some(known) = shelf.known.try_lock() else {
                found = Inherited::Unknown;
                continue;
            };
            if let Some(value) = known.get(key).and_then(Weak::upgrade) {
                return Inherited::Value(value);
            }
        }
        found
    }
}

fn no_random() -> Error {
    Error::new(
        Status::Internal,
        "internal.random",
        "the operating system gave no random numbers",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_lives_for_as_long_as_it_is_used() {
        let registry = Registry::new();
        let first = registry.get_or_make(1, || "first");
        assert_eq!(*registry.get_or_make(1, || "second"), "first");
        drop(first);
        assert_eq!(*registry.get_or_make(1, || "second"), "second");
    }

    #[test]
    fn a_kept_value_outlives_its_users_until_too_many_were_kept_after_it() {
        let registry = Registry::new();
        for key in 0..=MOST_KEPT {
            registry.keep(&registry.get_or_make(key, || "kept"));
            registry.keep(&registry.get_or_make(1, || "kept"));
        }
        let now = |key| *registry.get_or_make(key, || "made again");
        assert_eq!(now(1), "kept", "kept again each time");
        assert_eq!(now(0), "made again", "the oldest");
        assert_eq!((now(2), now(MOST_KEPT)), ("kept", "kept"));
        assert_eq!(registry.shelf().kept.lock().len(), MOST_KEPT);
    }
}
