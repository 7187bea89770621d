//! How often what happened to one key: for an operator, and for tests.
//!
//! Hits on the fast path are counted where they happen, on the reader's own
//! cache line; see `replicas`. The rest happens seldom enough for one counter.

use std::sync::atomic::{AtomicU64, Ordering};

use super::source::FailureKind;

/// What has happened to a credential in this process, since its first client was
/// made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Calls that got a token from memory at once.
    pub hits: u64,
    /// Calls that waited for a token request.
    pub waits: u64,
    /// Attempts to be issued a token, each on its own, also one that came to no
    /// request for want of its secret; for a static key, how often it was read.
    pub token_requests: u64,
    /// Renewals that were begun while the token was still valid, because of its
    /// age.
    pub renewals_ahead: u64,
    /// Calls that failed at once, because no other attempt was due.
    pub suppressed: u64,
    /// API requests that were repeated with another token after a refusal.
    pub replays: u64,
    /// Token requests that failed by network, timeout or a server's error, and
    /// secrets that could not be read.
    pub failures_transient: u64,
    /// Token requests that were answered "later" (HTTP 429 or 503).
    pub failures_throttled: u64,
    /// Token requests that were refused for good.
    pub failures_definitive: u64,
}

#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) hits: Count,
    pub(crate) waits: Count,
    token_requests: Count,
    pub(crate) renewals_ahead: Count,
    pub(crate) suppressed: Count,
    pub(crate) replays: Count,
    transient: Count,
    throttled: Count,
    definitive: Count,
}

#[derive(Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Tally {
    /// A flight of so many requests; all but the last have failed in passing, or
    /// it would have ended earlier.
    pub(crate) fn flown(&self, attempts: u32, failure: Option<&FailureKind>) {
        self.token_requests.add(u64::from(attempts));
        self.transient.add(u64::from(attempts.saturating_sub(1)));
        match failure {
            None => {}
            Some(FailureKind::Transient) => self.transient.add(1),
            Some(FailureKind::Throttled { .. }) => self.throttled.add(1),
            Some(FailureKind::Definitive | FailureKind::LockOut) => self.definitive.add(1),
        }
    }

    /// `fast_hits`: those of the replicas.
    pub(crate) fn counters(&self, fast_hits: u64) -> Counters {
        Counters {
            hits: fast_hits + self.hits.get(),
            waits: self.waits.get(),
            token_requests: self.token_requests.get(),
            renewals_ahead: self.renewals_ahead.get(),
            suppressed: self.suppressed.get(),
            replays: self.replays.get(),
            failures_transient: self.transient.get(),
            failures_throttled: self.throttled.get(),
            failures_definitive: self.definitive.get(),
        }
    }
}

impl Counters {
    /// Each with its name, in order.
    pub(crate) fn named(&self) -> [(&'static str, u64); 9] {
        // Taken apart, so that a new counter can't be forgotten here.
        let Counters {
            hits,
            waits,
            token_requests,
            renewals_ahead,
            suppressed,
            replays,
            failures_transient,
            failures_throttled,
            failures_definitive,
        } = *self;
        [
            ("hits", hits),
            ("waits", waits),
            ("token_requests", token_requests),
            ("renewals_ahead", renewals_ahead),
            ("suppressed", suppressed),
            ("replays", replays),
            ("failures_transient", failures_transient),
            ("failures_throttled", failures_throttled),
            ("failures_definitive", failures_definitive),
        ]
    }
}
