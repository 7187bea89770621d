//! The grant record: a refresh token that may be spent once (RFC 6749 §6).
//!
//! Keyed by endpoint, client and the seed it started from, not by scope: two
//! token entries that share a refresh token must not spend it twice. What a
//! spend does to the record is a pure function; the slot around it lets one
//! request at a time have the record.

use crate::sync::{Condvar, Mutex, now};
use serde::{Deserialize, Serialize};

use super::source::Limit;
use crate::call::SLICE;
use crate::config::OnUnknownOutcome;
use crate::error::{Error, Result, Status};
use crate::secret::Secret;

/// The refresh token of one grant and the journal of its spending.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct GrantRecord {
    refresh_token: Option<StoredSecret>,
    /// The last refresh brought no other token: this server does not rotate.
    fixed: bool,
    /// The outcome of one spend is unknown, and the one retry is used up.
    retried: bool,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StoredSecret(#[serde(with = "crate::secret::stored")] Secret);

/// What the next token request spends.
#[derive(Clone)]
pub(crate) enum Step {
    Refresh(Secret),
    /// Client credentials or a password.
    FirstGrant,
    /// There is nothing left to spend.
    SignIn,
}

/// What became of a refresh token that was sent, or was to be sent.
pub(crate) enum Spend {
    /// A new one came, or none and the old one stays good.
    Renewed(Option<Secret>),
    /// The server won't have it any more.
    Refused,
    /// The answer was lost: the server may have rotated it.
    Unknown,
}

impl GrantRecord {
    pub(crate) fn seeded(seed: Option<Secret>) -> Self {
        GrantRecord {
            refresh_token: seed.map(StoredSecret),
            fixed: false,
            retried: false,
        }
    }

    pub(crate) fn step(&self, has_first_grant: bool) -> Step {
        match &self.refresh_token {
            Some(token) => Step::Refresh(token.0.clone()),
            None if has_first_grant => Step::FirstGrant,
            None => Step::SignIn,
        }
    }

    /// Whether it knows no more than the seed it began with.
    fn holds_only(&self, seed: Option<&Secret>) -> bool {
        let held = self.refresh_token.as_ref().map(|token| &token.0);
        !self.retried && held == seed
    }

    /// The record after a refresh token was spent.
    pub(crate) fn after(self, spend: Spend, on_unknown: OnUnknownOutcome) -> Self {
        match spend {
            Spend::Renewed(new) => {
                let new = new.map(StoredSecret).or(self.refresh_token.clone());
                GrantRecord {
                    fixed: new == self.refresh_token,
                    refresh_token: new,
                    retried: false,
                }
            }
            Spend::Refused => GrantRecord::default(),
            Spend::Unknown if self.fixed => self,
            Spend::Unknown if on_unknown == OnUnknownOutcome::Abandon || self.retried => {
                GrantRecord::default()
            }
            Spend::Unknown => GrantRecord {
                retried: true,
                ..self
            },
        }
    }

    /// The record after what was issued has fallen into wrong hands. A seed that
    /// may have been spent is no use either.
    fn forget(self, is_seed_good: bool, seed: Option<Secret>) -> Self {
        match is_seed_good {
            true => GrantRecord::seeded(seed),
            false => GrantRecord::default(),
        }
    }

    /// The record after a first grant: some servers give a refresh token.
    pub(crate) fn granted(new: Option<Secret>) -> Self {
        GrantRecord::seeded(new)
    }
}

/// One grant record and its lock, which is held over the request.
pub(crate) struct GrantSlot {
    seed: Option<Secret>,
    /// There would be a refresh token, but it is left to the process that this one
    /// was forked from.
    is_parents: bool,
    state: Mutex<SlotState>,
    freed: Condvar,
}

struct SlotState {
    record: GrantRecord,
    taken: bool,
    /// Counts the times that all was forgotten.
    epoch: u64,
}

impl GrantSlot {
    pub(crate) fn new(seed: Option<Secret>) -> Self {
        GrantSlot::with(GrantRecord::seeded(seed.clone()), seed, false)
    }

    /// For a forked child: one without the refresh token that its parent may spend.
    pub(crate) fn of_parent() -> Self {
        GrantSlot::with(GrantRecord::default(), None, true)
    }

    /// For a forked child: this one, where the server is known not to rotate.
    pub(crate) fn in_child(&self) -> Self {
        let record = self.state.try_lock().map(|state| state.record.clone());
        match record.filter(|record| record.fixed) {
            Some(record) => GrantSlot::with(record, self.seed.clone(), false),
            None => GrantSlot::of_parent(),
        }
    }

    fn with(record: GrantRecord, seed: Option<Secret>, is_parents: bool) -> Self {
        GrantSlot {
            seed,
            is_parents,
            state: Mutex::new(SlotState {
                record,
                taken: false,
                epoch: 0,
            }),
            freed: Condvar::new(),
        }
    }

    pub(crate) fn holds_a_refresh_token(&self) -> bool {
        self.state.lock().record.refresh_token.is_some()
    }

    /// Whether more is known than the seed tells: who begins with the seed again
    /// would spend what is spent.
    pub(crate) fn has_outgrown_its_seed(&self) -> bool {
        self.seed.is_some() && !self.state.lock().record.holds_only(self.seed.as_ref())
    }

    /// Drops what the server issued; what a request that has the record now brings
    /// is dropped as well.
    pub(crate) fn forget(&self) {
        let mut state = self.state.lock();
        let record = std::mem::take(&mut state.record);
        let holds_seed = record.holds_only(self.seed.as_ref());
        let is_seed_good = holds_seed && (record.fixed || !state.taken);
        state.record = record.forget(is_seed_good, self.seed.clone());
        state.epoch += 1;
    }

    /// Waits until no other request has the record; by `limit`.
    pub(crate) fn take(&self, limit: &Limit) -> Result<TakenGrant<'_>> {
        let mut state = self.state.lock();
        while state.taken {
            limit.call.check()?;
            let left = limit.deadline.saturating_duration_since(now());
            if left.is_zero() {
                return Err(Error::new(
                    Status::Deadline,
                    "call.deadline",
                    "another request still has the refresh token; try later",
                ));
            }
            state = self.freed.wait_for(state, left.min(SLICE));
        }
        state.taken = true;
        let epoch = state.epoch;
        Ok(TakenGrant { slot: self, epoch })
    }
}

/// The record, while no other request may have it.
pub(crate) struct TakenGrant<'a> {
    slot: &'a GrantSlot,
    epoch: u64,
}

impl TakenGrant<'_> {
    pub(crate) fn record(&self) -> GrantRecord {
        self.slot.state.lock().record.clone()
    }

    /// Whether there would be a refresh token, but for a fork.
    pub(crate) fn is_parents(&self) -> bool {
        self.slot.is_parents
    }

    /// Replaces the record; what comes later must go on from here. Not if all was
    /// forgotten since the record was taken.
    pub(crate) fn commit(&self, record: GrantRecord) {
        let mut state = self.slot.state.lock();
        if state.epoch == self.epoch {
            state.record = record;
        }
    }
}

impl Drop for TakenGrant<'_> {
    fn drop(&mut self) {
        self.slot.state.lock().taken = false;
        self.slot.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::OnUnknownOutcome::{Abandon, Retry};

    fn token_of(record: &GrantRecord, has_first_grant: bool) -> Option<String> {
        match record.step(has_first_grant) {
            Step::Refresh(token) => Some(token.expose().to_owned()),
            _ => None,
        }
    }

    fn seeded() -> GrantRecord {
        GrantRecord::seeded(Some(Secret::new("seed")))
    }

    #[test]
    fn a_new_refresh_token_replaces_the_old_one_and_none_keeps_it() {
        let rotated = seeded().after(Spend::Renewed(Some(Secret::new("second"))), Retry);
        assert_eq!(token_of(&rotated, false).as_deref(), Some("second"));
        let kept = rotated.after(Spend::Renewed(None), Retry);
        assert_eq!(token_of(&kept, false).as_deref(), Some("second"));
    }

    #[test]
    fn a_refused_refresh_token_is_never_sent_again() {
        let refused = seeded().after(Spend::Refused, Abandon);
        assert!(matches!(refused.step(true), Step::FirstGrant));
        assert!(matches!(refused.step(false), Step::SignIn));
    }

    #[test]
    fn after_a_lost_answer_the_first_grant_is_used_where_there_is_one() {
        assert!(matches!(
            seeded().after(Spend::Unknown, Abandon).step(true),
            Step::FirstGrant
        ));
    }

    #[test]
    fn after_a_lost_answer_without_a_first_grant_there_is_one_retry_and_no_second() {
        let once = seeded().after(Spend::Unknown, Retry);
        assert_eq!(token_of(&once, false).as_deref(), Some("seed"));
        let twice = once.clone().after(Spend::Unknown, Retry);
        assert!(matches!(twice.step(false), Step::SignIn));
        let renewed = once.after(Spend::Renewed(Some(Secret::new("new"))), Retry);
        let later = renewed.after(Spend::Unknown, Retry);
        assert_eq!(token_of(&later, false).as_deref(), Some("new"));
    }

    #[test]
    fn a_lost_answer_costs_a_server_that_does_not_rotate_nothing() {
        for unchanged in [None, Some(Secret::new("seed"))] {
            for (has_first_grant, on_unknown) in [(true, Abandon), (false, Retry)] {
                let fixed = seeded().after(Spend::Renewed(unchanged.clone()), on_unknown);
                let lost = (0..5).fold(fixed, |record, _| record.after(Spend::Unknown, on_unknown));
                assert_eq!(token_of(&lost, has_first_grant).as_deref(), Some("seed"));
            }
        }
    }

    #[test]
    fn a_server_that_begins_to_rotate_is_no_longer_taken_for_fixed() {
        let fixed = seeded().after(Spend::Renewed(None), Retry);
        let rotated = fixed.after(Spend::Renewed(Some(Secret::new("second"))), Retry);
        let lost = rotated.after(Spend::Unknown, Retry);
        let step = lost.after(Spend::Unknown, Retry).step(false);
        assert!(matches!(step, Step::SignIn));
    }

    #[test]
    fn a_slot_outgrows_its_seed_by_whatever_the_seed_does_not_tell() {
        let after = |change: fn(GrantRecord) -> GrantRecord| {
            let slot = GrantSlot::new(Some(Secret::new("seed")));
            slot.state.lock().record = change(seeded());
            slot.has_outgrown_its_seed()
        };
        assert!(!after(|record| record));
        assert!(!after(|record| record.after(Spend::Renewed(None), Retry)));
        assert!(after(|record| record.after(Spend::Unknown, Retry)));
        assert!(after(|record| record.after(Spend::Refused, Retry)));
        assert!(after(|_| GrantRecord::granted(Some(Secret::new("new")))));
        let unseeded = GrantSlot::new(None);
        unseeded.state.lock().record = GrantRecord::granted(Some(Secret::new("own")));
        assert!(!unseeded.has_outgrown_its_seed());
    }

    #[test]
    fn a_forked_child_goes_on_only_where_the_server_is_known_not_to_rotate() {
        let in_child = |change: fn(GrantRecord) -> GrantRecord| {
            let slot = GrantSlot::new(Some(Secret::new("seed")));
            slot.state.lock().record = change(seeded());
            let child = slot.in_child();
            let record = child.state.lock().record.clone();
            (token_of(&record, false), child.is_parents)
        };
        let nothing = (None, true);
        assert_eq!(in_child(|record| record), nothing, "not spent yet");
        let rotated =
            |record: GrantRecord| record.after(Spend::Renewed(Some(Secret::new("second"))), Retry);
        assert_eq!(in_child(rotated), nothing);
        let fixed = in_child(|record| record.after(Spend::Renewed(None), Retry));
        assert_eq!(fixed, (Some("seed".into()), false));
        let slot = GrantSlot::new(Some(Secret::new("seed")));
        let _held = slot.state.lock();
        assert!(
            slot.in_child().is_parents,
            "what can't be known is the parent's"
        );
    }

    #[test]
    fn what_is_the_parents_stays_so_when_all_is_forgotten() {
        let slot = GrantSlot::new(Some(Secret::new("seed"))).in_child();
        slot.forget();
        assert!(!slot.holds_a_refresh_token() && !slot.has_outgrown_its_seed());
        assert!(slot.in_child().is_parents, "a grandchild's");
    }

    #[test]
    fn the_record_survives_being_stored() {
        let record = seeded().after(Spend::Unknown, Retry);
        let text = serde_json::to_string(&record).unwrap();
        let back: GrantRecord = serde_json::from_str(&text).unwrap();
        assert!(matches!(
            back.after(Spend::Unknown, Retry).step(false),
            Step::SignIn
        ));
    }
}
