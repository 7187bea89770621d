//! After a 401: which token to try next, and when to stop.

use super::*;

#[test]
fn a_refused_current_token_forces_one_renewal() {
    let bench = Bench::new(600_000);
    let first = bench.token().unwrap();
    bench.clock.advance(100_000);
    assert_eq!(bench.after_refusal(&first).as_deref(), Some("token-2"));
    assert_eq!(bench.text(), "token-2");
    assert_eq!(bench.script.requests(), 2);
}

#[test]
fn a_refused_old_token_is_answered_with_the_one_at_hand() {
    let bench = Bench::new(600_000);
    let first = bench.token().unwrap();
    bench.after_refusal(&first).unwrap();
    for _ in 0..5 {
        assert_eq!(bench.after_refusal(&first).as_deref(), Some("token-2"));
    }
    assert_eq!(bench.script.requests(), 2, "an old 401 kills no new token");
}

#[test]
fn refusals_of_one_token_by_many_callers_make_one_renewal() {
    let bench = Bench::new(600_000);
    let first = bench.token().unwrap();
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| bench.after_refusal(&first)))
            .collect();
        for caller in callers {
            assert_eq!(caller.join().unwrap().as_deref(), Some("token-2"));
        }
    });
    assert_eq!(bench.script.requests(), 2);
}

#[test]
fn a_server_that_refuses_every_token_gets_no_request_per_call() {
    let bench = Bench::new(600_000);
    let first = bench.token().unwrap();
    bench.after_refusal(&first).unwrap();
    let second = bench.token().unwrap();
    for _ in 0..10 {
        assert_eq!(bench.after_refusal(&second), None);
        bench.clock.advance(2_000);
    }
    assert_eq!(bench.script.requests(), 2);
    bench.clock.advance(11_000);
    assert_eq!(bench.after_refusal(&second).as_deref(), Some("token-3"));
}

#[test]
fn the_pause_between_forced_renewals_is_half_the_life_of_a_short_token() {
    let bench = Bench::new(4_000);
    let first = bench.token().unwrap();
    bench.after_refusal(&first).unwrap();
    let second = bench.token().unwrap();
    bench.clock.advance(1_900);
    assert_eq!(bench.after_refusal(&second), None);
    bench.clock.advance(200);
    assert_eq!(bench.after_refusal(&second).as_deref(), Some("token-3"));
}

#[test]
fn a_forced_renewal_that_fails_returns_none_and_keeps_the_token() {
    let bench = Bench::new(600_000);
    let first = bench.token().unwrap();
    bench.script.then(Err(definitive()));
    assert_eq!(bench.after_refusal(&first), None);
    assert_eq!(bench.after_refusal(&first), None, "inside the backoff");
    assert_eq!(bench.text(), "token-1");
    assert_eq!(bench.script.requests(), 2);
}

#[test]
fn a_forced_renewal_that_fails_again_and_again_draws_on_the_budget() {
    let bench = Bench::new(10_000_000);
    let first = bench.token().unwrap();
    bench.clock.advance(6_000_000);
    for _ in 0..54 {
        bench.script.then(Err(throttled(0)));
        assert_eq!(bench.after_refusal(&first), None);
        bench.clock.advance(1_101);
    }
    let renewals = bench.script.requests() - 1;
    assert!((10..=12).contains(&renewals), "{renewals} in a minute");
}

#[test]
fn a_refused_token_that_has_expired_meanwhile_is_replaced() {
    let bench = Bench::new(10_000);
    let first = bench.token().unwrap();
    bench.clock.advance(11_000);
    assert_eq!(bench.after_refusal(&first).as_deref(), Some("token-2"));
}

#[test]
fn a_static_key_is_never_renewed_by_a_refusal() {
    let bench = Bench::new(600_000);
    bench.script.then(Ok(TokenAnswer {
        is_static: true,
        ..issued("key", None)
    }));
    let key = bench.token().unwrap();
    assert_eq!(key.expires_at(), None);
    assert_eq!(bench.after_refusal(&key), None);
    assert_eq!(bench.script.requests(), 1);
}

#[test]
fn a_refusal_in_the_second_half_of_a_life_is_free_and_one_in_the_first_is_not() {
    let bench = Bench::new(30_000);
    for _ in 0..10 {
        bench.entry.forget();
        bench.token().unwrap();
        bench.clock.advance(1_000);
    }
    // Ten requests were not due: there is no other for most of a minute.
    let token = bench.token().unwrap();
    bench.clock.advance(13_000);
    assert_eq!(bench.after_refusal(&token), None);
    bench.clock.advance(1_001);
    assert_eq!(bench.after_refusal(&token).as_deref(), Some("token-11"));
}
