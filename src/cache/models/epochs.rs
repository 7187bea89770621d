//! `reset` and `forget` in the middle of what others do.

use super::explore::explore;
use super::*;

#[test]
fn a_late_failure_of_a_request_begun_before_a_reset_leaves_no_trace() {
    explore("reset_during_a_flight", || {
        let stage = Stage::new([Act::Fail(definitive())]);
        let early: Vec<_> = (0..2).map(|_| stage.spawn(Stage::call)).collect();
        stage.script.wait_until_asked(1);
        stage.entry.reset();
        assert_eq!(stage.call(), Ok(2));
        for outcome in early.into_iter().map(joined) {
            match outcome {
                Ok(2) => {}
                outcome => assert_eq!(outcome, Err("oauth.invalid_client".into())),
            }
        }
        assert_eq!(stage.call(), Ok(2));
        stage.assert_requests(2);
    });
}

#[test]
fn what_a_request_begun_before_a_forget_brings_is_handed_to_nobody_after_it() {
    explore("forget_during_a_flight", || {
        let stage = Stage::new([]);
        let early: Vec<_> = (0..2).map(|_| stage.spawn(Stage::call)).collect();
        stage.script.wait_until_asked(1);
        stage.entry.forget();
        assert_eq!(stage.call(), Ok(2));
        for outcome in early.into_iter().map(joined) {
            assert!(matches!(outcome, Ok(1 | 2)), "{outcome:?}");
        }
        assert_eq!(stage.call(), Ok(2));
        stage.assert_requests(2);
    });
}

#[test]
fn a_forgotten_token_is_read_by_nobody_after_it() {
    explore("forget_among_readers", || {
        let stage = Stage::warm();
        let readers: Vec<_> = (0..2)
            .map(|_| {
                stage.spawn(|stage| {
                    let first = stage.call().unwrap();
                    (first, stage.call().unwrap())
                })
            })
            .collect();
        stage.entry.forget();
        assert_eq!(stage.call(), Ok(2));
        for (first, second) in readers.into_iter().map(joined) {
            assert!(
                (1..=2).contains(&first) && first <= second,
                "{first}, {second}"
            );
        }
        stage.assert_requests(2);
    });
}

#[test]
fn a_renewal_begun_before_a_forget_brings_nothing_back() {
    explore("forget_during_a_renewal", || {
        let stage = Stage::warm();
        stage.clock.advance(85_000);
        let renewing = stage.spawn(Stage::call);
        stage.script.wait_until_asked(2);
        stage.entry.forget();
        assert_eq!(stage.call(), Ok(3));
        assert!(joined(renewing).is_ok());
        assert_eq!(stage.call(), Ok(3));
        stage.assert_requests(3);
    });
}
