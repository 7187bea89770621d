//! Which guard watches over the credentials that are sent: shared by every key
//! that sends the same ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cache::guard::Guard;
use crate::cache::registry::{CacheKey, Inherited, KeyHasher, Registry};
use crate::config::Settings;
use crate::error::Result;
use crate::grant::request::Credentials;
use crate::secret::Secret;
use crate::sync::Mutex;
use crate::url::Url;

static GUARDS: Registry<CacheKey, Guard> = Registry::new();

/// The guard of one credential.
#[derive(Default)]
pub(crate) struct Guards {
    /// That of the secrets that were read last.
    current: Mutex<Option<Arc<Guard>>>,
    /// Cleared before any secret was read: the first guard is to be.
    is_cleared: AtomicBool,
}

impl Guards {
    /// The guard of what these credentials say who asks.
    pub(crate) fn of(&self, settings: &Settings, credentials: &Credentials) -> Result<Arc<Guard>> {
        let mut hasher = KeyHasher::new("guard")?;
        let endpoint = settings.token_endpoint.as_ref().map(Url::to_text);
        let auth = format!("{:?}", settings.client_auth);
        let secret = credentials.client_secret.as_ref();
        let password = credentials.password.as_ref();
        for (name, value) in [
            ("token_endpoint", endpoint.as_deref()),
            ("client_id", settings.client_id.as_deref()),
            ("client_auth", Some(auth.as_str())),
            ("client_secret", secret.map(Secret::expose)),
            ("username", settings.username.as_deref()),
            ("password", password.map(Secret::expose)),
        ] {
            hasher.add(name, value.unwrap_or_default());
        }
        let key = hasher.finish();
        let guard = GUARDS.get_or_make(key, || match GUARDS.inherited(&key) {
            Inherited::Value(guard) => guard.in_child(),
            _ => Guard::default(),
        });
        *self.current.lock() = Some(guard.clone());
        if self.is_cleared.swap(false, Ordering::Relaxed) {
            guard.clear();
        }
        Ok(guard)
    }

    /// Lets the credentials that were read last be sent again, or those that are
    /// read next.
    pub(crate) fn clear(&self) {
        match &*self.current.lock() {
            Some(guard) => guard.clear(),
            None => self.is_cleared.store(true, Ordering::Relaxed),
        }
    }
}
