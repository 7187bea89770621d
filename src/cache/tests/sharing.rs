//! One request for all who want a token at once.

use std::sync::Barrier;
use std::thread;

use super::*;
use crate::os::thread::refuse::while_refused;

#[test]
fn sixty_four_cold_callers_make_one_request_and_share_its_token() {
    let bench = Bench::new(60_000);
    let barrier = Barrier::new(64);
    let tokens: Vec<String> = thread::scope(|scope| {
        let callers: Vec<_> = (0..64)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    bench.text()
                })
            })
            .collect();
        callers
            .into_iter()
            .map(|caller| caller.join().unwrap())
            .collect()
    });
    assert!(tokens.iter().all(|token| token == "token-1"));
    assert_eq!(bench.script.requests(), 1);
}

#[test]
fn those_who_wait_share_a_failure_too() {
    let bench = Bench::new(60_000);
    bench.script.then(Err(definitive()));
    bench.script.hold();
    thread::scope(|scope| {
        let callers: Vec<_> = (0..8).map(|_| scope.spawn(|| bench.token())).collect();
        bench.script.wait_until_asked(1);
        bench.script.release();
        for caller in callers {
            let error = caller.join().unwrap().unwrap_err();
            assert_eq!(error.code(), "oauth.invalid_client");
            assert!(error.retry_after_ms().is_some());
        }
    });
    assert_eq!(bench.script.requests(), 1);
}

#[test]
fn a_soft_expired_token_is_served_at_once_while_one_renewal_is_under_way() {
    let bench = Bench::new(100_000);
    assert_eq!(bench.text(), "token-1");
    bench.clock.advance(85_000);
    bench.script.hold();
    for _ in 0..100 {
        assert_eq!(bench.text(), "token-1");
    }
    bench.script.wait_until_asked(2);
    bench.script.release();
    bench.settle();
    assert_eq!(bench.text(), "token-2");
    assert_eq!(bench.script.requests(), 2);
}

#[test]
fn callers_that_come_during_a_request_make_none_of_their_own() {
    let bench = Bench::new(60_000);
    bench.script.hold();
    let hurried = Call::new().timeout(Duration::ZERO);
    for _ in 0..10 {
        let error = bench.token_for(&hurried).unwrap_err();
        assert_eq!(error.status(), Status::Deadline);
    }
    bench.script.release();
    assert_eq!(bench.text(), "token-1");
    assert_eq!(bench.script.requests(), 1);
}

#[test]
fn a_leader_that_leaves_ends_its_waiting_and_not_the_request() {
    let bench = Bench::new(60_000);
    bench.script.hold();
    let hurried = Call::new().timeout(Duration::from_millis(20));
    let error = bench.token_for(&hurried).unwrap_err();
    assert_eq!(error.status(), Status::Deadline);
    bench.script.release();
    assert_eq!(bench.text(), "token-1");
    assert_eq!(bench.script.requests(), 1);
}

#[test]
fn a_cancelled_waiter_leaves_and_the_others_are_served() {
    let bench = Bench::new(60_000);
    bench.script.hold();
    let call = Call::new();
    thread::scope(|scope| {
        let patient = scope.spawn(|| bench.text());
        let cancelled = scope.spawn(|| bench.token_for(&call));
        bench.script.wait_until_asked(1);
        call.cancel();
        let error = cancelled.join().unwrap().unwrap_err();
        assert_eq!(error.status(), Status::Cancelled);
        bench.script.release();
        assert_eq!(patient.join().unwrap(), "token-1");
    });
    assert_eq!(bench.script.requests(), 1);
}

#[test]
fn a_cancelled_call_gets_no_token_even_from_memory() {
    let bench = Bench::new(60_000);
    bench.token().unwrap();
    let call = Call::new();
    call.cancel();
    assert_eq!(
        bench.token_for(&call).unwrap_err().status(),
        Status::Cancelled
    );
}

#[test]
fn a_call_without_time_is_served_from_memory_and_starts_what_it_cannot_wait_for() {
    let bench = Bench::new(60_000);
    let at_once = Call::new().timeout(Duration::ZERO);
    bench.script.hold();
    assert_eq!(
        bench.token_for(&at_once).unwrap_err().status(),
        Status::Deadline
    );
    bench.script.release();
    bench.settle();
    assert_eq!(bench.token_for(&at_once).unwrap().access_token(), "token-1");
}

#[test]
fn who_triggers_the_renewal_of_a_rotating_grant_waits_for_it() {
    let bench = Bench::on(Script::with(100_000, true));
    assert_eq!(bench.text(), "token-1");
    bench.clock.advance(85_000);
    assert_eq!(bench.text(), "token-2");
}

#[test]
fn who_has_something_to_send_gets_the_valid_token_at_once_and_waits_afterwards() {
    let bench = Bench::on(Script::with(100_000, true));
    bench.token().unwrap();
    bench.clock.advance(85_000);
    bench.script.hold();
    let (call, by) = (Call::new(), Instant::now() + Duration::from_secs(30));
    let (token, renewal) = bench.entry.token_to_send(&call, by).unwrap();
    assert_eq!(token.access_token(), "token-1");
    let renewal = renewal.expect("its renewal is to be waited for");
    let others = bench.entry.token_to_send(&call, by).unwrap().1;
    assert!(others.is_none(), "only who began it waits");
    bench.script.release();
    let newer = bench.entry.finish(&renewal, &call, by).unwrap();
    assert_eq!(newer.access_token(), "token-2");
}

#[test]
fn a_request_that_is_stuck_is_given_up_and_made_again() {
    let bench = Bench::new(60_000);
    bench.script.hold();
    let hurried = Call::new().timeout(Duration::ZERO);
    bench.token_for(&hurried).unwrap_err();
    bench.script.wait_until_asked(1);
    bench.clock.advance(15_000 + 60_000 + 1);
    bench.token_for(&hurried).unwrap_err();
    bench.script.wait_until_asked(2);
    bench.script.release();
    until(|| bench.script.under_way() == 0);
    bench.settle();
    // Whichever of the two came last: the first one's would have expired.
    for _ in 0..50 {
        bench.token().unwrap();
        std::thread::yield_now();
    }
    assert_eq!(bench.script.requests(), 2);
}

#[test]
fn without_a_thread_to_spare_the_caller_makes_no_second_attempt() {
    let bench = Bench::new(60_000);
    bench.script.then(Err(transient()));
    let error = while_refused(|| bench.token()).unwrap_err();
    assert_eq!(error.code(), "network.refused");
    assert_eq!(bench.script.requests(), 1);
}

#[test]
fn without_a_thread_to_spare_the_caller_makes_the_request_itself() {
    let bench = Bench::new(60_000);
    assert_eq!(while_refused(|| bench.text()), "token-1");
}

#[test]
fn without_a_thread_to_spare_a_rotating_grant_refuses() {
    let bench = Bench::on(Script::with(60_000, true));
    let error = while_refused(|| bench.token()).unwrap_err();
    assert_eq!(error.code(), "token.no_thread");
    assert_eq!(bench.script.requests(), 0);
    assert_eq!(bench.text(), "token-1", "the next caller finds a thread");
}

#[test]
fn a_callers_own_deadline_is_no_failure_of_an_inline_request() {
    let bench = Bench::new(60_000);
    let cut_short = Error::new(Status::Deadline, "call.deadline", "over");
    bench.script.then(Err(Failure::transient(cut_short).once()));
    let hurried = Call::new().timeout(Duration::ZERO);
    let error = while_refused(|| bench.token_for(&hurried)).unwrap_err();
    assert_eq!(error.status(), Status::Deadline);
    assert_eq!(bench.text(), "token-2", "no backoff is in force");
}

#[test]
fn a_source_that_panics_hangs_nobody() {
    struct Panics;
    impl Source for Panics {
        fn issue(&self, _: &Limit) -> Answer {
            std::panic::resume_unwind(Box::new("a bug"))
        }
        fn may_rotate(&self) -> bool {
            false
        }
        fn lifetime(&self) -> &Lifetime {
            &RULES
        }
        fn timeout(&self) -> Duration {
            Duration::from_secs(15)
        }

        fn credentials(&self) -> u64 {
            0
        }

        fn label(&self) -> &str {
            "panics"
        }
    }
    let entry = Arc::new(Entry::new(Arc::new(ManualClock::new(0)), Arc::new(Panics)));
    let by = Instant::now() + Duration::from_secs(20);
    let error = entry.token(&Call::new(), || by, Token::clone).unwrap_err();
    assert_eq!(error.status(), Status::Internal);
}

/// What the caller gets who begins a renewal that must not be lost, and waits for
/// it while `meanwhile` happens.
fn who_waits_for_a_renewal(meanwhile: impl FnOnce(&Bench)) -> Result<Token> {
    let bench = Bench::on(Script::with(60_000, true));
    assert_eq!(bench.text(), "token-1");
    bench.clock.advance(50_000);
    bench.script.hold();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| bench.token());
        bench.script.wait_until_asked(2);
        meanwhile(&bench);
        bench.script.release();
        waiting.join().unwrap()
    })
}

#[test]
fn who_waits_for_a_renewal_is_handed_no_token_that_ended_meanwhile() {
    let failed = who_waits_for_a_renewal(|bench| {
        bench.script.then(Err(transient().once()));
        bench.clock.advance(10_000);
    });
    assert!(failed.unwrap_err().retry_after_ms().is_some());
}

#[test]
fn who_waits_for_a_renewal_is_handed_no_token_that_was_forgotten_meanwhile() {
    let renewed = who_waits_for_a_renewal(|bench| bench.entry.forget());
    assert_eq!(renewed.unwrap().access_token(), "token-3");
}

#[test]
fn a_renewal_for_which_there_was_no_thread_is_begun_by_the_next_caller() {
    let bench = Bench::on(Script::with(60_000, true));
    bench.token().unwrap();
    bench.clock.advance(50_000);
    assert_eq!(while_refused(|| bench.text()), "token-1");
    assert_eq!(bench.text(), "token-2");
}
