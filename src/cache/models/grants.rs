//! The record of a refresh token, which one request at a time may have.

use super::explore::explore;
use super::*;
use crate::cache::refresh::{GrantRecord, GrantSlot, Spend, Step};
use crate::config::OnUnknownOutcome;
use crate::os::clock::Moment;
use crate::sync::let_waits_end;

fn patient() -> Limit {
    let call = Call::new();
    Limit {
        deadline: call.deadline(Duration::from_secs(30)),
        call,
        at: Moment {
            wall_ms: 0,
            boot_ms: 0,
        },
        is_the_callers: false,
    }
}

/// Spends the refresh token, if there is one, and puts the next in its place:
/// what was spent.
fn spend(slot: &GrantSlot, limit: &Limit) -> Option<String> {
    let taken = slot.take(limit).ok()?;
    let record = taken.record();
    let Step::Refresh(token) = record.step(false) else {
        return None;
    };
    let spent = token.expose().to_owned();
    thread::yield_now();
    let next = Secret::new(&format!("{spent}+"));
    taken.commit(record.after(Spend::Renewed(Some(next)), OnUnknownOutcome::Retry));
    Some(spent)
}

fn spent_by(slot: &Arc<GrantSlot>, limits: Vec<Limit>) -> Vec<Option<String>> {
    let spenders: Vec<_> = limits
        .into_iter()
        .map(|limit| {
            let slot = slot.clone();
            thread::spawn(move || spend(&slot, &limit))
        })
        .collect();
    spenders.into_iter().map(joined).collect()
}

#[test]
fn no_refresh_token_is_spent_twice() {
    explore("a_grant_is_spent", || {
        let slot = Arc::new(GrantSlot::new(Some(Secret::new("seed"))));
        let mut spent = spent_by(&slot, vec![patient(), patient(), patient()]);
        spent.sort();
        let expected = ["seed", "seed+", "seed++"].map(|token| Some(token.to_owned()));
        assert_eq!(spent, expected);
    });
}

#[test]
fn who_stops_waiting_for_a_grant_takes_no_turn_from_others() {
    explore("a_grant_is_waited_for", || {
        let_waits_end();
        let slot = Arc::new(GrantSlot::new(Some(Secret::new("seed"))));
        let hurried = Limit {
            deadline: now() + Duration::from_millis(60),
            ..patient()
        };
        let spent = spent_by(&slot, vec![patient(), hurried, patient()]);
        assert!(spent[0].is_some() && spent[2].is_some());
        let mut spent: Vec<_> = spent.into_iter().flatten().collect();
        let all = spent.len();
        spent.sort();
        spent.dedup();
        assert_eq!(spent.len(), all, "spent twice");
    });
}

#[test]
fn what_a_request_brings_for_a_grant_that_was_forgotten_is_dropped() {
    explore("a_grant_is_forgotten", || {
        let slot = Arc::new(GrantSlot::new(None));
        let first = slot.take(&patient()).ok().unwrap();
        first.commit(GrantRecord::granted(Some(Secret::new("own"))));
        drop(first);
        let spender = {
            let slot = slot.clone();
            thread::spawn(move || spend(&slot, &patient()))
        };
        slot.forget();
        let spent = joined(spender);
        let left = slot.take(&patient()).ok().unwrap().record();
        assert!(matches!(left.step(false), Step::SignIn), "{spent:?}");
    });
}
