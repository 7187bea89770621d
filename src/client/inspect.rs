//! What a client tells of itself: to a log, as counters, and when it is asked why.

use std::sync::Arc;

use serde_json::Value;

use super::Client;
use crate::cache::counters::Counters;
use crate::call::Call;
use crate::log::LogLevel;

impl Client {
    /// Tells `listener` from now on what happens to this credential: a message of
    /// one line, without a secret, whose level is not beyond `level`. Another
    /// listener takes its place; clones of this client share it.
    ///
    /// It is called on the threads of those who call this client, before their
    /// calls return and under no lock, by several at once. What happens on a thread
    /// of the library is told by the next call. What it does with a client of this
    /// library is not told to it. A call that is under way in another thread may
    /// still tell the one before.
    pub fn set_log(
        &self,
        level: LogLevel,
        listener: impl Fn(LogLevel, &str) + Send + Sync + 'static,
    ) {
        let journal = self.0.live().entry.journal();
        self.1.listen(level, Arc::new(listener), journal);
    }

    /// Tells nobody any more.
    pub fn clear_log(&self) {
        self.1.silence();
    }

    /// The same client, whose log is another: for another handle.
    #[cfg(feature = "capi")]
    pub(crate) fn with_own_log(&self) -> Client {
        Client(self.0.clone(), Arc::default())
    }

    /// What this call of [`get_token`](Self::get_token) would get now, and why, as
    /// a JSON object without secrets: the token's age and life, when it is renewed,
    /// the last failure and how long it holds, what has been counted, and where each
    /// value of the config came from. Does nothing, and never blocks.
    /// `docs/explain.md` has its members.
    pub fn explain(&self, call: &Call) -> String {
        let inner = &*self.0;
        let mut members = inner.live().entry.explain(call.min_validity_ms());
        let settings = &inner.settings;
        members.insert("client".into(), settings.label.clone().into());
        members.insert("config".into(), settings.origins.clone().into());
        Value::Object(members).to_string()
    }

    /// What has happened to this credential in this process. Never blocks.
    pub fn counters(&self) -> Counters {
        self.0.live().entry.counters()
    }
}
