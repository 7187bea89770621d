//! Tokens of every length, and callers that want more.

use super::*;

/// Lives that servers give out, and the edges of the rules, in seconds.
const LIVES_S: [i64; 18] = [
    1, 2, 3, 5, 30, 60, 299, 300, 301, 599, 600, 601, 1_499, 1_500, 1_501, 3_600, 7_200, 86_400,
];

#[test]
fn tokens_of_every_life_are_renewed_ahead_and_not_too_often() {
    for life_s in LIVES_S {
        let life = life_s * 1_000;
        let bench = Bench::new(life);
        let step = (life / 200).max(5);
        let span = life * 10;
        let mut issued_at = 0;
        let mut known = bench.text();
        for now in (0..span).step_by(usize::try_from(step).unwrap()) {
            let token = bench.text();
            if token != known {
                (known, issued_at) = (token, now);
            }
            // A renewal seen one step late is still well before the end.
            assert!(now - issued_at < life, "{life_s} s: served when expired");
            bench.settle();
            bench.clock.advance(step);
        }
        let most = (span * 10).div_euclid(life * 7) + 2;
        let requests = i64::try_from(bench.script.requests()).unwrap();
        assert!(
            requests <= most,
            "{life_s} s: {requests} requests, {most} allowed"
        );
        assert!(requests >= 10, "{life_s} s: {requests} requests");
    }
}

#[test]
fn a_token_is_renewed_at_four_fifths_of_its_life_or_five_minutes_before_its_end() {
    for (life_s, at_s, jitter_s) in [
        (10, 8, 1),
        (60, 48, 6),
        (300, 240, 30),
        (600, 480, 60),
        (1_500, 1_200, 60),
        (3_600, 3_300, 60),
        (86_400, 86_100, 60),
    ] {
        let step = jitter_s * 50;
        let mut ages = Vec::new();
        for _ in 0..20 {
            let bench = Bench::new(life_s * 1_000);
            bench.token().unwrap();
            let mut age = (at_s - jitter_s) * 1_000;
            bench.clock.advance(age);
            bench.token().unwrap();
            bench.settle();
            assert_eq!(bench.script.requests(), 1, "{life_s} s: too early");
            while bench.script.requests() == 1 {
                bench.clock.advance(step);
                age += step;
                bench.token().unwrap();
                bench.settle();
            }
            assert!(age < at_s * 1_000 + step, "{life_s} s: at {age} ms");
            ages.push(age);
        }
        ages.dedup();
        assert!(ages.len() > 1, "{life_s} s: all at {ages:?} ms");
    }
}

#[test]
fn a_token_that_is_about_to_end_is_not_handed_out() {
    for (life, margin) in [(2_000, 200), (100_000, 10_000), (3_600_000, 30_000)] {
        let bench = Bench::new(life);
        bench.token().unwrap();
        bench.clock.advance(life - margin);
        assert_eq!(bench.text(), "token-2", "{life} ms");
        let bench = Bench::new(life);
        bench.token().unwrap();
        bench.clock.advance(life - margin - 1);
        assert_eq!(bench.text(), "token-1", "{life} ms");
        bench.settle();
    }
}

#[test]
fn a_token_that_says_otherwise_itself_lives_as_long_as_the_server_claims() {
    // {"alg":"none"} and {"exp":1}
    let opaque = "eyJhbGciOiJub25lIn0.eyJleHAiOjF9.";
    let bench = Bench::new(0);
    bench.script.then(Ok(issued(opaque, Some(600_000))));
    let now = bench.clock.wall_ms() / 1_000;
    assert_eq!(bench.token().unwrap().expires_at(), Some(now + 600));
    bench.clock.advance(400_000);
    assert_eq!(bench.text(), opaque);
}

#[test]
fn callers_that_come_all_the_time_never_wait_for_a_renewal() {
    for life_s in LIVES_S {
        let life = life_s * 1_000;
        let bench = Bench::new(life);
        bench.token().unwrap();
        let at_once = Call::new().timeout(Duration::ZERO);
        for _ in 0..400 {
            bench.clock.advance((life / 100).clamp(5, 60_000));
            bench
                .token_for(&at_once)
                .unwrap_or_else(|error| panic!("{life_s} s: {error}"));
            bench.settle();
        }
    }
}

#[test]
fn an_absent_life_is_the_default_and_an_absurd_one_is_capped() {
    let bench = Bench::new(0);
    *bench.script.life_ms.lock() = None;
    let now = bench.clock.wall_ms() / 1000;
    assert_eq!(bench.token().unwrap().expires_at(), Some(now + 300));
    let bench = Bench::new(i64::MAX);
    assert_eq!(bench.token().unwrap().expires_at(), Some(now + 86_400));
}

#[test]
fn a_token_without_life_is_handed_out_once() {
    for life in [0, -5_000] {
        let bench = Bench::new(life);
        assert_eq!(bench.text(), "token-1");
        assert_eq!(bench.text(), "token-2");
    }
}

#[test]
fn tokens_without_life_cost_one_request_a_second_and_ten_a_minute() {
    let bench = Bench::new(0);
    let mut refused = None;
    for _ in 0..6_000 {
        refused = bench.token().err().or(refused);
        bench.clock.advance(10);
    }
    // The first is due.
    assert_eq!(bench.script.requests(), 11, "in a minute");
    let refused = refused.unwrap();
    assert_eq!(refused.status(), Status::Unavailable);
    assert_eq!(refused.code(), "token.no_life");
    assert!(refused.retry_after_ms().unwrap() <= 60_000);
    bench.entry.reset();
    assert_eq!(bench.text(), "token-12", "an operator need not wait");
}

#[test]
fn a_validity_just_below_the_life_costs_ten_requests_a_minute() {
    let bench = Bench::new(600_000);
    let call = Call::new().min_validity(Duration::from_millis(599_999));
    for _ in 0..6_000 {
        bench.token_for(&call).unwrap();
        bench.clock.advance(10);
    }
    assert!(bench.script.requests() <= 11, "{}", bench.script.requests());
}

#[test]
fn a_longer_validity_than_is_left_gets_a_new_token() {
    let bench = Bench::new(600_000);
    bench.token().unwrap();
    bench.clock.advance(300_000);
    let call = Call::new().min_validity(Duration::from_secs(400));
    let token = bench.token_for(&call).unwrap();
    assert_eq!(token.access_token(), "token-2");
    assert!(token.min_validity_met());
}

#[test]
fn a_validity_that_the_server_never_gives_costs_no_request_per_call() {
    let bench = Bench::new(600_000);
    let call = Call::new().min_validity(Duration::from_secs(900));
    for _ in 0..50 {
        let token = bench.token_for(&call).unwrap();
        assert_eq!(token.access_token(), "token-1");
        assert!(!token.min_validity_met());
        bench.clock.advance(5_000);
    }
    assert_eq!(bench.script.requests(), 1);
    assert!(
        bench.token().unwrap().min_validity_met(),
        "others see no mark"
    );
}

#[test]
fn a_longer_validity_that_can_not_be_had_now_gets_the_valid_token() {
    let bench = Bench::new(600_000);
    bench.token().unwrap();
    bench.clock.advance(300_000);
    bench.script.then(Err(definitive()));
    let call = Call::new().min_validity(Duration::from_secs(400));
    for _ in 0..3 {
        let token = bench.token_for(&call).unwrap();
        assert_eq!(token.access_token(), "token-1");
        assert!(!token.min_validity_met());
    }
    assert_eq!(bench.script.requests(), 2);
}

#[test]
fn a_longer_validity_that_is_not_to_be_had_in_time_gets_the_valid_token() {
    let bench = Bench::new(60_000);
    bench.token().unwrap();
    bench.clock.advance(2_000);
    bench.script.hold();
    let call = Call::new()
        .min_validity(Duration::from_secs(59))
        .timeout(Duration::from_millis(20));
    let token = bench.token_for(&call).unwrap();
    assert_eq!(token.access_token(), "token-1");
    assert!(!token.min_validity_met());
    bench.script.release();
    bench.settle();
}

#[test]
fn a_longer_validity_that_fails_costs_one_request() {
    let bench = Bench::new(60_000);
    bench.token().unwrap();
    bench.clock.advance(2_000);
    for _ in 0..3 {
        bench.script.then(Err(transient()));
    }
    let call = Call::new().min_validity(Duration::from_secs(59));
    assert_eq!(bench.token_for(&call).unwrap().access_token(), "token-1");
    assert_eq!(bench.script.requests(), 2);
}

#[test]
fn a_server_that_hands_out_one_ageing_token_is_not_asked_for_each_call() {
    let bench = Bench::new(0);
    let end = bench.clock.wall_ms() + 600_000;
    while bench.clock.wall_ms() < end - 1_000 {
        *bench.script.life_ms.lock() = Some(end - bench.clock.wall_ms());
        bench.token().unwrap();
        bench.settle();
        bench.clock.advance(100);
    }
    let requests = bench.script.requests();
    assert!(requests < 60, "{requests} requests for 6,000 calls");
}

#[test]
fn a_token_is_renewed_when_the_server_asks_for_it() {
    for (life_s, refresh_in_s, renewed_at_s) in [
        (3_600, 600, 600),
        // Sooner than a tenth of the life is no wish but a mistake.
        (3_600, 1, 30),
        (3_600, -5, 30),
        // So is one beyond the life: the usual rule holds.
        (100, 3_600, 80),
    ] {
        let bench = Bench::new(life_s * 1_000);
        *bench.script.refresh_in_ms.lock() = Some(refresh_in_s * 1_000);
        bench.token().unwrap();
        let mut age_s = 0;
        while bench.script.requests() == 1 {
            bench.clock.advance(1_000);
            age_s += 1;
            bench.token().unwrap();
            bench.settle();
        }
        let earliest = renewed_at_s - renewed_at_s / 8;
        assert!(
            (earliest..=renewed_at_s).contains(&age_s),
            "{life_s}, {refresh_in_s}: {age_s}"
        );
    }
}
