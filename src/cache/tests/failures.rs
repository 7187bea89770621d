//! What a failure does, and what it doesn't.

use super::*;

#[test]
fn a_failed_renewal_never_displaces_a_valid_token() {
    let bench = Bench::new(100_000);
    let first = bench.token().unwrap();
    for _ in 0..20 {
        bench.script.then(Err(definitive()));
    }
    // 85 s to 99.9 s: past the margin of 10 % too, to the true expiry.
    bench.clock.advance(85_000);
    for _ in 0..149 {
        assert_eq!(bench.text(), first.access_token());
        bench.settle();
        bench.clock.advance(100);
    }
    bench.clock.advance(200);
    assert_eq!(bench.token().unwrap_err().code(), "oauth.invalid_client");
}

#[test]
fn a_throttled_renewal_is_tried_at_most_every_tenth_of_the_life() {
    let bench = Bench::new(100_000);
    bench.token().unwrap();
    for _ in 0..100 {
        bench.script.then(Err(throttled(0)));
    }
    bench.clock.advance(80_000);
    for _ in 0..190 {
        bench.token().unwrap();
        bench.settle();
        bench.clock.advance(100);
    }
    let renewals = bench.script.requests() - 1;
    assert!((1..=2).contains(&renewals), "{renewals} in 19 s of 100");
}

#[test]
fn a_throttled_renewal_of_a_long_token_is_tried_at_most_every_half_minute() {
    let bench = Bench::new(3_600_000);
    bench.token().unwrap();
    for _ in 0..100 {
        bench.script.then(Err(throttled(0)));
    }
    bench.clock.advance(3_300_000);
    for _ in 0..2_900 {
        bench.token().unwrap();
        bench.settle();
        bench.clock.advance(100);
    }
    let renewals = bench.script.requests() - 1;
    assert!((8..=10).contains(&renewals), "{renewals} in 290 s");
}

#[test]
fn while_renewals_fail_by_network_the_breaker_decides_and_the_token_is_served() {
    let bench = Bench::new(600_000);
    bench.token().unwrap();
    for _ in 0..100 {
        bench.script.then(Err(transient()));
    }
    bench.clock.advance(480_000);
    let mut seen = vec![(0, bench.script.requests())];
    for ms in (0..60_000).step_by(100) {
        assert_eq!(bench.text(), "token-1");
        bench.settle();
        if bench.script.requests() > seen.last().unwrap().1 {
            seen.push((ms, bench.script.requests()));
        }
        bench.clock.advance(100);
    }
    let requests: Vec<_> = seen.iter().map(|(_, requests)| requests - 1).collect();
    assert_eq!(requests, [0, 3, 4, 5, 6], "{seen:?}");
    let pauses: Vec<_> = seen[1..]
        .windows(2)
        .map(|two| two[1].0 - two[0].0)
        .collect();
    for (pause, expected) in pauses.iter().zip([5_000, 10_000, 20_000]) {
        // The worker's own pauses move the clock, too.
        assert!(
            (expected - 1_000..=expected + 200).contains(pause),
            "{seen:?}"
        );
    }
}

#[test]
fn inside_the_backoff_callers_fail_at_once_with_the_last_error_and_when_to_retry() {
    let bench = Bench::new(60_000);
    bench.script.then(Err(throttled(30_000)));
    let first = bench.token().unwrap_err();
    let wait = first.retry_after_ms().unwrap();
    assert!((30_000..33_000).contains(&wait), "{wait}");
    bench.clock.advance(10_000);
    let second = bench.token().unwrap_err();
    assert_eq!(second.code(), "network.refused");
    assert_eq!(second.retry_after_ms(), Some(wait - 10_000));
    assert!(second.message().contains("no further attempt for"));
    assert_eq!(bench.script.requests(), 1);
    bench.clock.advance(i64::try_from(wait).unwrap() - 10_000);
    assert_eq!(bench.text(), "token-2");
}

#[test]
fn a_cold_request_is_tried_three_times_and_then_probed_ever_more_seldom() {
    let bench = Bench::new(60_000);
    for _ in 0..9 {
        bench.script.then(Err(transient()));
    }
    let first = bench.token().unwrap_err();
    assert_eq!(bench.script.requests(), 3);
    assert_eq!(first.retry_after_ms(), Some(5_000));
    bench.clock.advance(4_999);
    bench.token().unwrap_err();
    assert_eq!(bench.script.requests(), 3, "open");
    bench.clock.advance(1);
    for (tries, wait) in (4..=9).zip([10_000, 20_000, 40_000, 60_000, 60_000, 60_000]) {
        let error = bench.token().unwrap_err();
        assert_eq!(bench.script.requests(), tries, "one attempt");
        assert_eq!(error.retry_after_ms(), Some(wait));
        bench.clock.advance(i64::try_from(wait).unwrap());
    }
    assert_eq!(bench.text(), "token-10");
}

#[test]
fn a_worker_sleeps_for_two_seconds_at_most() {
    for _ in 0..50 {
        let bench = Bench::new(60_000);
        for _ in 0..3 {
            bench.script.then(Err(transient()));
        }
        let begun = bench.clock.wall_ms();
        bench.token().unwrap_err();
        let slept = bench.clock.wall_ms() - begun;
        assert!(slept <= 2_000, "{slept} ms");
    }
}

#[test]
fn one_caller_probes_and_the_others_fail_at_once_meanwhile() {
    let bench = Bench::new(60_000);
    for _ in 0..4 {
        bench.script.then(Err(transient()));
    }
    bench.token().unwrap_err();
    bench.clock.advance(5_000);
    bench.script.hold();
    std::thread::scope(|scope| {
        let probing = scope.spawn(|| bench.token().unwrap_err());
        bench.script.wait_until_asked(4);
        let at_once = Call::new().timeout(Duration::ZERO);
        let told: Vec<_> = (0..100).map(|_| bench.token_for(&at_once)).collect();
        bench.script.release();
        for error in told.into_iter().map(Result::unwrap_err) {
            assert_eq!(error.code(), "network.refused");
            assert_eq!(error.retry_after_ms(), Some(1_000));
        }
        assert_eq!(probing.join().unwrap().retry_after_ms(), Some(10_000));
    });
    assert_eq!(bench.script.requests(), 4);
}

#[test]
fn a_probe_that_succeeds_closes_the_breaker() {
    let bench = Bench::new(60_000);
    for _ in 0..3 {
        bench.script.then(Err(transient()));
    }
    bench.token().unwrap_err();
    bench.clock.advance(5_000);
    assert_eq!(bench.text(), "token-4");
    for _ in 0..3 {
        bench.script.then(Err(transient()));
    }
    bench.clock.advance(60_000);
    assert_eq!(bench.token().unwrap_err().retry_after_ms(), Some(5_000));
}

#[test]
fn another_failure_begins_a_row_of_its_own() {
    let bench = Bench::new(60_000);
    let waits = [
        (definitive(), 60_000),
        (definitive(), 120_000),
        (transient(), 5_000),
        (definitive(), 60_000),
    ];
    for (failure, wait) in waits {
        bench.script.then(Err(failure));
        assert_eq!(bench.token().unwrap_err().retry_after_ms(), Some(wait));
        bench.clock.advance(900_000);
    }
}

#[test]
fn a_refused_password_is_tried_again_when_it_is_another_and_not_before() {
    let bench = Bench::new(60_000);
    bench.script.then(Err(definitive().locking()));
    let error = bench.token().unwrap_err();
    assert_eq!(error.retry_after_ms(), None);
    assert!(
        error
            .message()
            .ends_with("no further attempt with the same password")
    );
    for _ in 0..100 {
        bench.clock.advance(3_600_000);
        bench.token().unwrap_err();
    }
    assert_eq!(bench.script.requests(), 1);
    bench.script.credentials.store(2, Ordering::SeqCst);
    bench.clock.advance(1_000);
    assert_eq!(bench.text(), "token-2");
}

#[test]
fn a_refused_password_is_tried_again_after_a_reset() {
    let bench = Bench::new(60_000);
    bench.script.then(Err(definitive().locking()));
    bench.token().unwrap_err();
    bench.entry.reset();
    assert_eq!(bench.text(), "token-2");
}

#[test]
fn other_credentials_are_taken_up_at_once_but_not_in_a_storm() {
    let bench = Bench::new(60_000);
    bench.script.then(Err(definitive()));
    bench.token().unwrap_err();
    for number in 2..6_002 {
        bench.script.credentials.store(number, Ordering::SeqCst);
        bench.script.then(Err(definitive()));
        bench.token().unwrap_err();
        bench.clock.advance(10);
    }
    let requests = bench.script.requests();
    assert!((10..=12).contains(&requests), "{requests} in a minute");
}

#[test]
fn a_network_failure_is_not_mended_by_other_credentials() {
    let bench = Bench::new(60_000);
    bench.script.then(Err(transient().once()));
    bench.token().unwrap_err();
    bench.script.credentials.store(2, Ordering::SeqCst);
    bench.token().unwrap_err();
    assert_eq!(bench.script.requests(), 1);
}

#[test]
fn a_server_that_asks_for_no_pause_is_not_hammered() {
    let bench = Bench::new(60_000);
    for _ in 0..1_000 {
        bench.script.then(Err(throttled(0)));
    }
    for _ in 0..1_000 {
        bench.token().unwrap_err();
        bench.clock.advance(10);
    }
    let requests = bench.script.requests();
    assert!(requests <= 10, "{requests} in 10 s");
}

#[test]
fn a_success_forgets_the_failures_before_it() {
    let bench = Bench::new(60_000);
    bench.script.then(Err(definitive()));
    assert_eq!(bench.token().unwrap_err().retry_after_ms(), Some(60_000));
    bench.clock.advance(60_000);
    assert_eq!(bench.text(), "token-2");
    bench.clock.advance(60_000);
    bench.script.then(Err(definitive()));
    assert_eq!(bench.token().unwrap_err().retry_after_ms(), Some(60_000));
}

#[test]
fn definitive_failures_in_a_row_pause_longer_and_longer() {
    let bench = Bench::new(60_000);
    for expected in [60_000, 120_000, 240_000, 480_000, 900_000, 900_000] {
        bench.script.then(Err(definitive()));
        let wait = bench.token().unwrap_err().retry_after_ms();
        assert_eq!(wait, Some(expected));
        bench.clock.advance(900_000);
    }
}

#[test]
fn reset_lets_the_next_call_try_at_once() {
    let bench = Bench::new(60_000);
    bench.script.then(Err(definitive()));
    bench.token().unwrap_err();
    bench.token().unwrap_err();
    assert_eq!(bench.script.requests(), 1);
    bench.entry.reset();
    assert_eq!(bench.text(), "token-2");
}

#[test]
fn nothing_is_tried_before_all_that_failed_is_forgotten() {
    let bench = Bench::new(60_000);
    bench.script.then(Err(definitive()));
    bench.token().unwrap_err();
    let entry = bench.entry.clone();
    *bench.script.meanwhile.lock() = Some(Box::new(move || {
        let by = Instant::now() + Duration::from_secs(30);
        let error = entry.token(&Call::new(), || by, Token::clone).unwrap_err();
        assert_eq!(error.code(), "oauth.invalid_client");
    }));
    bench.entry.reset();
    assert_eq!(bench.text(), "token-2");
}

#[test]
fn reset_keeps_a_valid_token() {
    let bench = Bench::new(60_000);
    let before = bench.text();
    bench.entry.reset();
    assert_eq!(bench.text(), before);
    assert_eq!(bench.script.requests(), 1);
}

#[test]
fn a_late_failure_of_a_request_begun_before_a_reset_changes_nothing() {
    let bench = Bench::new(60_000);
    bench.script.then(Err(definitive()));
    bench.script.hold();
    std::thread::scope(|scope| {
        let early = scope.spawn(|| bench.token());
        bench.script.wait_until_asked(1);
        bench.entry.reset();
        let late = scope.spawn(|| bench.text());
        bench.script.release();
        // Both waited for a flight that belongs to the past: they try anew.
        assert!(early.join().unwrap().is_ok());
        assert_eq!(late.join().unwrap(), "token-2");
    });
    assert_eq!(bench.script.requests(), 2);
    assert_eq!(bench.text(), "token-2");
}

#[test]
fn credentials_that_failed_in_the_meantime_are_not_taken_for_others() {
    use crate::cache::decide::is_failing;
    use crate::cache::record::{Failed, Outcome, TokenRecord};
    use crate::os::clock::Moment;

    let now = Moment {
        wall_ms: 1_767_225_600_000,
        boot_ms: 5_000_000,
    };
    let failed_with = |record: TokenRecord, credentials| {
        let failure = definitive().locking();
        let result = Err(Failed {
            failure,
            credentials,
        });
        let outcome = Outcome {
            epoch: 0,
            attempts: 1,
            result,
        };
        record.apply(outcome, now, 7)
    };
    let once = failed_with(TokenRecord::default(), 1);
    assert!(!is_failing(&once.clone().with_credentials(1, 2), now));
    let twice = failed_with(once, 2);
    assert!(is_failing(&twice.with_credentials(1, 2), now));
}

#[test]
fn records_survive_being_stored() {
    use crate::cache::decide::{Decision, decide};
    use crate::cache::record::{Failed, Issued, Outcome, TokenRecord, When};
    use crate::os::clock::Moment;

    let now = Moment {
        wall_ms: 1_767_225_600_000,
        boot_ms: 5_000_000,
    };
    let issued = Outcome {
        epoch: 0,
        attempts: 1,
        result: Ok(Issued {
            answer: issued("t", Some(50_000)),
            requested_at: When::at(now),
            forced: true,
        }),
    };
    let failed = Outcome {
        epoch: 0,
        attempts: 2,
        result: Err(Failed {
            failure: definitive(),
            credentials: 1,
        }),
    };
    let record = TokenRecord::default()
        .apply(issued, now, 7)
        .apply(failed, now, 7);
    let text = serde_json::to_string(&record).unwrap();
    let back: TokenRecord = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), text);
    assert!(matches!(
        decide(&back, now, 0, &RULES, false),
        Decision::Serve { met: true }
    ));
    let later = Moment {
        wall_ms: now.wall_ms + 51_000,
        boot_ms: now.boot_ms + 51_000,
    };
    match decide(&back, later, 0, &RULES, false) {
        Decision::Fail { error } => assert_eq!(error.code(), "oauth.invalid_client"),
        _ => panic!("the pause of a minute is not over"),
    }
}
