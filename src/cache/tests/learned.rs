//! Servers that end tokens before their time.

use crate::cache::learned::EarlyEnd;

use super::*;

const HOUR: i64 = 3_600_000;

/// What a client does when an API refuses a token and accepts the next.
fn refuse(bench: &Bench, token: &Token) {
    let by = Instant::now() + Duration::from_secs(20);
    let after = bench
        .entry
        .token_after_refusal(token.generation(), &Call::new(), by);
    let (_, end) = after.unwrap();
    bench.entry.learn(end.unwrap());
}

/// Tokens that are said to live for a day, and are refused after half an hour, by
/// a caller that comes every ten seconds.
fn refusals_in(bench: &Bench, span_ms: i64) -> usize {
    let mut refusals = 0;
    let mut token = bench.token().unwrap();
    let mut issued_at = bench.clock.wall_ms();
    let end = issued_at + span_ms;
    while bench.clock.wall_ms() < end {
        bench.clock.advance(10_000);
        let now = bench.clock.wall_ms();
        let next = bench.token().unwrap();
        bench.settle();
        if next.access_token() != token.access_token() {
            (token, issued_at) = (next, now);
        } else if now - issued_at > HOUR / 2 {
            refuse(bench, &token);
            (token, issued_at) = (bench.token().unwrap(), now);
            refusals += 1;
        }
    }
    refusals
}

#[test]
fn tokens_that_are_refused_early_are_renewed_before_that_age() {
    let bench = Bench::new(24 * HOUR);
    let refusals = refusals_in(&bench, 24 * HOUR);
    // Without it there would be 47. What was learned doubles every six hours, and
    // is then learned again, by two refusals.
    assert!((2..=12).contains(&refusals), "{refusals} in a day");
}

#[test]
fn one_refusal_teaches_nothing() {
    let bench = Bench::new(24 * HOUR);
    let token = bench.token().unwrap();
    bench.clock.advance(HOUR);
    refuse(&bench, &token);
    let second = bench.text();
    bench.clock.advance(10 * HOUR);
    assert_eq!(bench.text(), second);
    bench.settle();
    assert_eq!(bench.script.requests(), 2);
}

#[test]
fn while_renewals_fail_a_token_serves_for_the_life_that_was_claimed() {
    let bench = Bench::new(24 * HOUR);
    for _ in 0..2 {
        bench.entry.learn(EarlyEnd(HOUR / 2));
    }
    bench.token().unwrap();
    for _ in 0..1_000 {
        bench.script.then(Err(definitive()));
    }
    for _ in 0..23 {
        bench.clock.advance(HOUR);
        assert_eq!(bench.text(), "token-1");
        bench.settle();
    }
}

#[test]
fn what_was_learned_is_seen_in_the_explanation_and_forgotten_in_time() {
    let bench = Bench::new(24 * HOUR);
    bench.token().unwrap();
    let lives = || {
        let token = bench.entry.explain(0)["token"].clone();
        (
            token["learned_life_ms"].as_i64(),
            token["effective_life_ms"].as_i64(),
        )
    };
    assert_eq!(lives(), (None, Some(24 * HOUR)));
    for _ in 0..2 {
        bench.entry.learn(EarlyEnd(HOUR));
    }
    assert_eq!(lives(), (Some(HOUR), Some(HOUR)));
    bench.clock.advance(12 * HOUR);
    assert_eq!(lives(), (Some(4 * HOUR), Some(4 * HOUR)));
    bench.clock.advance(24 * HOUR);
    assert_eq!(lives().1, Some(24 * HOUR));
}
