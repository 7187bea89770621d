//! Callers that wait, and those that stop waiting.

use super::explore::explore;
use super::*;
use crate::sync::let_waits_end;

#[test]
fn all_who_come_share_one_request() {
    explore("one_request_for_all", || {
        let stage = Stage::new([]);
        assert_eq!(stage.calls(4), vec![Ok(1); 4]);
        stage.assert_requests(1);
    });
}

#[test]
fn a_cancelled_caller_leaves_and_the_others_are_served() {
    explore("a_caller_is_cancelled", || {
        let_waits_end();
        let stage = Stage::new([]);
        let call = Call::new();
        let cancelled = call.clone();
        let cancelled = stage.spawn(move |stage| stage.call_with(&cancelled));
        let canceller = stage.spawn(move |_| call.cancel());
        assert_eq!(stage.calls(2), vec![Ok(1); 2]);
        joined(canceller);
        match joined(cancelled) {
            Ok(1) => {}
            outcome => assert_eq!(outcome, Err("call.cancelled".into())),
        }
        stage.assert_requests(1);
    });
}

#[test]
fn a_caller_that_runs_out_of_time_leaves_and_the_request_goes_on() {
    explore("a_caller_times_out", || {
        let_waits_end();
        let stage = Stage::new([]);
        let hurried = stage.spawn(|stage| {
            let call = Call::new().timeout(Duration::from_millis(60));
            stage.call_with(&call)
        });
        assert_eq!(stage.calls(2), vec![Ok(1); 2]);
        match joined(hurried) {
            Ok(1) => {}
            outcome => assert_eq!(outcome, Err("call.deadline".into())),
        }
        assert_eq!(stage.call(), Ok(1));
        stage.assert_requests(1);
    });
}

#[test]
fn a_request_of_which_every_caller_has_left_is_committed() {
    explore("every_caller_leaves", || {
        let_waits_end();
        let stage = Stage::new([]);
        let at_once = || Call::new().timeout(Duration::ZERO);
        let hurried = stage.spawn(move |stage| stage.call_with(&at_once()));
        let _ = joined(hurried);
        assert_eq!(stage.call(), Ok(1));
        stage.assert_requests(1);
    });
}

#[test]
fn who_waits_for_a_request_that_is_stuck_is_sent_to_another() {
    explore("a_stuck_request", || {
        let stage = Stage::new([Act::OutlastTheNext]);
        let stuck: Vec<_> = (0..2).map(|_| stage.spawn(Stage::call)).collect();
        stage.script.wait_until_asked(1);
        stage.clock.advance(15_000 + 60_000 + 1);
        let late = stage.call().unwrap();
        for outcome in stuck.into_iter().map(joined) {
            assert!(matches!(outcome, Ok(1 | 2)), "{outcome:?}");
        }
        assert!((1..=2).contains(&late));
        // Whichever of the two came last.
        while stage.script.under_way.load(Ordering::SeqCst) > 0 || stage.entry.is_in_flight() {
            thread::yield_now();
        }
        assert_eq!(stage.script.requests(), 2);
    });
}
