//! Machines without a thread to spare: the caller does the work.

use super::explore::explore;
use super::*;
use crate::os::thread::refuse::while_refused;
use crate::sync::let_waits_end;

fn without_threads(stage: &Stage) -> thread::JoinHandle<Result<usize, String>> {
    stage.spawn(|stage| while_refused(|| stage.call()))
}

#[test]
fn one_caller_makes_the_request_for_all() {
    explore("no_thread_to_spare", || {
        let stage = Stage::new([]);
        let callers: Vec<_> = (0..3).map(|_| without_threads(&stage)).collect();
        for outcome in callers.into_iter().map(joined) {
            assert_eq!(outcome, Ok(1));
        }
        stage.assert_requests(1);
    });
}

#[test]
fn a_caller_without_time_for_the_request_leaves_it_to_the_next() {
    explore("no_thread_and_no_time", || {
        let_waits_end();
        let stage = Stage::new([Act::Take(Duration::from_millis(500))]);
        let hurried = stage.spawn(|stage| {
            let call = Call::new().timeout(Duration::from_millis(100));
            while_refused(|| stage.call_with(&call))
        });
        let patient: Vec<_> = (0..2).map(|_| without_threads(&stage)).collect();
        for outcome in patient.into_iter().map(joined) {
            assert!(matches!(outcome, Ok(1 | 2)), "{outcome:?}");
        }
        match joined(hurried) {
            Ok(1 | 2) => {}
            outcome => assert_eq!(outcome, Err("call.deadline".into())),
        }
        assert!(stage.script.requests() <= 2);
        stage.assert_alone();
    });
}

#[test]
fn a_grant_that_rotates_refuses_and_hangs_nobody() {
    explore("no_thread_and_a_rotating_grant", || {
        let stage = Stage::rotating([]);
        let refused: Vec<_> = (0..2).map(|_| without_threads(&stage)).collect();
        let with_thread = stage.spawn(Stage::call);
        for caller in refused.into_iter().chain([with_thread]) {
            match joined(caller) {
                Ok(1) => {}
                outcome => assert_eq!(outcome, Err("token.no_thread".into())),
            }
        }
        assert_eq!(stage.call(), Ok(1));
        stage.assert_requests(1);
    });
}

#[test]
fn who_begins_to_renew_a_grant_that_rotates_waits_for_it() {
    explore("a_rotating_renewal", || {
        let stage = Stage::rotating([]);
        assert_eq!(stage.call(), Ok(1));
        stage.clock.advance(85_000);
        let outcomes = stage.calls(3);
        for outcome in &outcomes {
            assert!(matches!(outcome, Ok(1 | 2)), "{outcome:?}");
        }
        assert!(
            outcomes.contains(&Ok(2)),
            "who began it has what came of it"
        );
        stage.assert_requests(2);
    });
}
