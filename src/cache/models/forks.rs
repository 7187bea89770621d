//! A child that is forked at any point of what its parent does.
//!
//! The child is modelled by what it makes of its parent's entry: a thread takes
//! the parent's memory as it is at that point and goes on with its own.

use super::explore::explore;
use super::*;

/// What a child has that is forked here.
fn forked(parent: &Stage) -> Stage {
    let script = Script::new([], false);
    Stage {
        entry: Arc::new(parent.entry.in_child(script.clone())),
        clock: parent.clock.clone(),
        script,
    }
}

#[test]
fn a_child_forked_during_a_request_goes_on_and_so_does_its_parent() {
    explore("fork_during_a_flight", || {
        let parent = Stage::new([]);
        let callers: Vec<_> = (0..2).map(|_| parent.spawn(Stage::call)).collect();
        let child = forked(&parent);
        assert!(
            child.call().is_ok(),
            "no worker of the parent is waited for"
        );
        for outcome in callers.into_iter().map(joined) {
            assert_eq!(outcome, Ok(1));
        }
        parent.assert_requests(1);
        child.assert_alone();
        assert!(child.script.requests() <= 1);
    });
}

#[test]
fn a_child_forked_during_a_renewal_has_the_token_or_asks_for_one() {
    explore("fork_during_a_renewal", || {
        let parent = Stage::warm();
        parent.clock.advance(85_000);
        let callers: Vec<_> = (0..2).map(|_| parent.spawn(Stage::call)).collect();
        let child = forked(&parent);
        assert!(matches!(child.call(), Ok(1 | 2)));
        for outcome in callers.into_iter().map(joined) {
            assert!(matches!(outcome, Ok(1 | 2)), "{outcome:?}");
        }
        parent.script.wait_until_asked(2);
        parent.assert_requests(2);
        child.assert_alone();
    });
}
