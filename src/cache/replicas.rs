//! The fast path: a fresh token, read without touching what others write.
//!
//! Each thread has a replica of its own, on a cache line of its own, with its
//! own reference count: readers don't slow each other down. A replica's lock
//! is held for the few instructions that clone, copy or replace a token, and a
//! reader that finds one taken looks at the next instead of waiting.

use crate::sync::Mutex;
use crossbeam_utils::CachePadded;

use crate::os::clock::Clock;
use crate::os::thread;
use crate::token::Token;

/// Few in a model, where each costs many schedules.
const REPLICAS: usize = if cfg!(shuttle) { 3 } else { 32 };

/// How far the difference of the two coarse clocks may move before the record
/// is asked: a machine that slept, or a clock that was set.
const LARGEST_DRIFT_MS: i64 = 500;

/// The token that every call gets until a moment that is known in advance.
pub(crate) struct Replicas {
    slots: Box<[CachePadded<Mutex<Slot>>]>,
}

#[derive(Default)]
struct Slot {
    fresh: Option<Fresh>,
    /// Tokens that were read here.
    hits: u64,
}

#[derive(Clone)]
struct Fresh {
    token: Token,
    until: Until,
}

/// Until when the token may be handed out without a look at the record.
#[derive(Clone, Copy)]
pub(crate) struct Until {
    /// On the coarse wall clock and the coarse clock that never steps.
    fresh_ms: (i64, i64),
    /// The difference of the two when this was computed.
    offset_ms: i64,
    /// The end of the token's life on the wall clock, for `min_validity`.
    expires_ms: i64,
}

impl Until {
    pub(crate) fn new((wall, steady): (i64, i64), fresh_for_ms: i64, left_ms: i64) -> Self {
        Until {
            fresh_ms: (
                wall.saturating_add(fresh_for_ms),
                steady.saturating_add(fresh_for_ms),
            ),
            offset_ms: wall.saturating_sub(steady),
            expires_ms: wall.saturating_add(left_ms),
        }
    }

    fn holds(&self, (wall, steady): (i64, i64), min_validity_ms: i64) -> bool {
        let drift = wall.saturating_sub(steady).saturating_sub(self.offset_ms);
        wall < self.fresh_ms.0
            && steady < self.fresh_ms.1
            && (-LARGEST_DRIFT_MS..=LARGEST_DRIFT_MS).contains(&drift)
            && wall.saturating_add(min_validity_ms) <= self.expires_ms
    }
}

impl Replicas {
    pub(crate) fn new() -> Self {
        Replicas {
            slots: (0..REPLICAS).map(|_| CachePadded::default()).collect(),
        }
    }

    /// Lends the token to `take`, if it is fresh and valid for
    /// `min_validity_ms` more. `take` is short: it clones or copies.
    #[inline]
    pub(crate) fn read<T>(
        &self,
        clock: &dyn Clock,
        min_validity_ms: i64,
        take: impl FnOnce(&Token) -> T,
    ) -> Option<T> {
        let now = clock.coarse_ms();
        let start = thread::number();
        for step in 0..REPLICAS {
            if let Some(mut slot) = self.slots[start.wrapping_add(step) % REPLICAS].try_lock() {
                let fresh = slot.fresh.as_ref()?;
                if !fresh.until.holds(now, min_validity_ms) {
                    return None;
                }
                let taken = take(&fresh.token);
                slot.hits += 1;
                return Some(taken);
            }
        }
        None
    }

    /// Whether the token that is here may still be handed out.
    pub(crate) fn holds(&self, clock: &dyn Clock) -> bool {
        let now = clock.coarse_ms();
        let slot = self.slots[thread::number() % REPLICAS].lock();
        let fresh = slot.fresh.as_ref();
        fresh.is_some_and(|fresh| fresh.until.holds(now, 0))
    }

    /// Tokens that were read here.
    pub(crate) fn hits(&self) -> u64 {
        self.slots.iter().map(|slot| slot.lock().hits).sum()
    }

    /// Replaces the token everywhere; `None` sends every reader to the record.
    ///
    /// In between it sends them there as well, where they wait for the lock that
    /// the caller holds: so nobody who was handed the new token finds the old one.
    pub(crate) fn publish(&self, token: Option<(&Token, Until)>) {
        self.replace(|| None);
        if let Some((token, until)) = token {
            self.replace(|| {
                let token = token.replica();
                Some(Fresh { token, until })
            });
        }
    }

    fn replace(&self, fresh: impl Fn() -> Option<Fresh>) {
        for slot in &self.slots {
            let before = std::mem::replace(&mut slot.lock().fresh, fresh());
            // Dropped outside the lock: it may be the last count.
            drop(before);
        }
    }
}
