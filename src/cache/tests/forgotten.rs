//! After a compromise: nothing of what was issued is handed out any more.

use super::*;

#[test]
fn a_forgotten_token_is_handed_out_to_nobody() {
    let bench = Bench::new(600_000);
    assert_eq!(bench.text(), "token-1");
    bench.entry.forget();
    assert_eq!(bench.text(), "token-2");
    assert_eq!(bench.text(), "token-2");
}

#[test]
fn a_token_that_was_asked_for_before_is_handed_out_to_nobody() {
    let bench = Bench::new(600_000);
    bench.script.hold();
    std::thread::scope(|scope| {
        let early = scope.spawn(|| bench.text());
        bench.script.wait_until_asked(1);
        bench.entry.forget();
        let late = scope.spawn(|| bench.text());
        bench.script.release();
        assert_eq!(early.join().unwrap(), "token-2");
        assert_eq!(late.join().unwrap(), "token-2");
    });
    assert_eq!(bench.script.most_under_way.load(Ordering::SeqCst), 1);
    assert_eq!(bench.script.requests(), 2);
}

#[test]
fn a_renewal_that_was_begun_before_is_dropped() {
    let bench = Bench::new(600_000);
    bench.token().unwrap();
    bench.clock.advance(500_000);
    bench.script.hold();
    assert_eq!(bench.text(), "token-1");
    bench.script.wait_until_asked(2);
    bench.entry.forget();
    bench.script.release();
    assert_eq!(bench.text(), "token-3");
}

#[test]
fn a_failure_of_a_request_begun_before_still_counts() {
    let bench = Bench::new(600_000);
    bench.script.then(Err(definitive()));
    bench.script.hold();
    std::thread::scope(|scope| {
        let early = scope.spawn(|| bench.token());
        bench.script.wait_until_asked(1);
        bench.entry.forget();
        bench.script.release();
        assert!(early.join().unwrap().is_err());
    });
    bench.token().unwrap_err();
    assert_eq!(bench.script.requests(), 1);
}

#[test]
fn forgetting_again_and_again_costs_no_request_each() {
    let bench = Bench::new(600_000);
    bench.token().unwrap();
    let mut failed = 0;
    for _ in 0..600 {
        bench.entry.forget();
        failed += usize::from(bench.token().is_err());
        bench.clock.advance(100);
    }
    let requests = bench.script.requests();
    assert!((10..=12).contains(&requests), "{requests} in a minute");
    assert_eq!(failed, 601 - requests);
}

#[test]
fn no_token_is_requested_with_what_is_being_forgotten() {
    let bench = Bench::new(600_000);
    bench.token().unwrap();
    let entry = bench.entry.clone();
    *bench.script.meanwhile.lock() = Some(Box::new(move || {
        let by = Instant::now() + Duration::from_secs(30);
        let token = entry.token(&Call::new(), || by, Token::clone).unwrap();
        assert_eq!(token.access_token(), "token-1");
    }));
    bench.entry.forget();
    assert_eq!(bench.text(), "token-2");
}
