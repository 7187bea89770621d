//! An identity provider that is down for a minute.

use super::*;

const MINUTE: i64 = 60_000;
const STEP: i64 = 100;
const CALLERS: usize = 16;

/// What sixteen callers, who come ten times a second each, saw.
#[derive(Default, Debug)]
struct Seen {
    served: usize,
    failed: usize,
    requests_while_down: usize,
    first_token_after_ms: Option<i64>,
}

/// `token_age_ms`: how old the token is when the provider goes down.
fn outage(life_ms: i64, token_age_ms: i64) -> Seen {
    let bench = Bench::new(life_ms);
    bench.token().unwrap();
    bench.clock.advance(token_age_ms);
    let issued_at = bench.clock.wall_ms() - token_age_ms;
    for _ in 0..100 {
        bench.script.then(Err(transient()));
    }
    let down_at = bench.clock.wall_ms();
    let before = bench.script.requests();
    let mut seen = Seen::default();
    loop {
        let now = bench.clock.wall_ms();
        let is_down = now < down_at + MINUTE;
        if !is_down {
            bench.script.answers.lock().clear();
        }
        for _ in 0..CALLERS {
            let asked_at = bench.clock.wall_ms();
            let waits = bench.entry.counters().waits;
            match bench.token() {
                Ok(token) if token.access_token() == "token-1" => {
                    assert!(asked_at - issued_at < life_ms, "served when expired");
                    seen.served += 1;
                }
                Ok(_) if is_down => panic!("a token from nowhere"),
                Ok(_) => {
                    let returned_at = down_at + MINUTE;
                    seen.first_token_after_ms = Some(bench.clock.wall_ms() - returned_at);
                    return seen;
                }
                Err(error) => {
                    let was_usable = asked_at - issued_at < life_ms - life_ms / 10;
                    assert!(!was_usable, "a caller with a valid token failed: {error}");
                    assert!(error.retry_after_ms().is_some(), "{error}");
                    let at_once = bench.entry.counters().waits == waits;
                    seen.failed += usize::from(at_once);
                }
            }
            bench.settle();
        }
        bench.clock.advance(STEP);
        if is_down {
            seen.requests_while_down = bench.script.requests() - before;
        }
        if now > down_at + 2 * MINUTE {
            return seen;
        }
    }
}

#[test]
fn an_outage_costs_few_requests_no_valid_token_and_ends_soon() {
    for life_ms in [5_000, 60_000, 600_000] {
        for age in [0, 81, 95, 100] {
            let seen = outage(life_ms, life_ms * age / 100);
            let told = format!("{life_ms} ms, {age} %: {seen:?}");
            assert!(seen.requests_while_down <= 12, "{told}");
            let left_ms = life_ms - life_ms * age / 100;
            match seen.first_token_after_ms {
                Some(ms) => assert!(ms <= 40_000, "{told}"),
                None => assert!(left_ms > 2 * MINUTE, "{told}"),
            }
            assert!(left_ms >= MINUTE || seen.failed > 50, "{told}");
        }
    }
}
