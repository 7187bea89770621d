//! Requests that fail: those who wait share what comes of them.

use super::explore::explore;
use super::*;

#[test]
fn those_who_wait_share_a_failure() {
    explore("a_failure_is_shared", || {
        let stage = Stage::new([Act::Fail(definitive())]);
        for outcome in stage.calls(3) {
            assert_eq!(outcome, Err("oauth.invalid_client".into()));
        }
        assert!(stage.call().is_err(), "no other attempt is due");
        stage.assert_requests(1);
    });
}

#[test]
fn a_worker_that_panics_hangs_nobody() {
    explore("a_worker_panics", || {
        let stage = Stage::new([Act::Panic]);
        for outcome in stage.calls(3) {
            assert_eq!(outcome, Err("internal.panic".into()));
        }
        stage.assert_requests(1);
        stage.entry.reset();
        assert_eq!(stage.call(), Ok(2));
    });
}

#[test]
fn one_caller_probes_a_server_that_was_down() {
    explore("one_caller_probes", || {
        let stage = Stage::new([Act::Fail(transient()), Act::Fail(transient())]);
        let error = stage.token(&Call::new()).unwrap_err();
        let wait_ms = error.retry_after_ms().unwrap();
        stage.clock.advance(i64::try_from(wait_ms).unwrap());
        let callers: Vec<_> = (0..3)
            .map(|_| stage.spawn(|stage| stage.token(&Call::new()).unwrap_err()))
            .collect();
        for error in callers.into_iter().map(joined) {
            assert_eq!(error.code(), "network.refused");
            assert!(error.retry_after_ms().is_some());
        }
        stage.assert_requests(2);
    });
}

#[test]
fn a_probe_that_succeeds_serves_everybody_after_it() {
    explore("a_probe_succeeds", || {
        let stage = Stage::new([Act::Fail(transient())]);
        let error = stage.token(&Call::new()).unwrap_err();
        let wait_ms = error.retry_after_ms().unwrap();
        stage.clock.advance(i64::try_from(wait_ms).unwrap());
        let outcomes = stage.calls(3);
        for outcome in &outcomes {
            assert!(matches!(outcome, Ok(2) | Err(_)), "{outcome:?}");
        }
        assert!(outcomes.contains(&Ok(2)), "who probes has the token");
        assert_eq!(stage.call(), Ok(2));
        stage.assert_requests(2);
    });
}
