//! Clocks that are set and machines that sleep, against a real server: no token
//! is handed out beyond its life, no step makes a storm of requests, and none keeps
//! a client from coming back.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "support/mod.rs"]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;

use authkeep::{Call, Client, Clock};
use serde_json::{Value, json};

use support::clients::config;
use support::require::say;
use support::server::TestServer;

const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600 * SECOND;
const TEN_YEARS: i64 = 3_650 * 24 * HOUR;

/// As Linux has them: the clock of the fast path stops while the machine sleeps.
struct Clocks {
    wall_ms: AtomicI64,
    boot_ms: AtomicI64,
    awake_ms: AtomicI64,
}

impl Clocks {
    fn new() -> Arc<Self> {
        Arc::new(Clocks {
            wall_ms: AtomicI64::new(1_900_000_000_000),
            boot_ms: AtomicI64::new(HOUR),
            awake_ms: AtomicI64::new(HOUR),
        })
    }

    fn pass(&self, ms: i64) {
        for clock in [&self.wall_ms, &self.boot_ms, &self.awake_ms] {
            clock.fetch_add(ms, Ordering::SeqCst);
        }
    }
}

impl Clock for Clocks {
    fn wall_ms(&self) -> i64 {
        self.wall_ms.load(Ordering::SeqCst)
    }

    fn boot_ms(&self) -> i64 {
        self.boot_ms.load(Ordering::SeqCst)
    }

    fn coarse_ms(&self) -> (i64, i64) {
        (self.wall_ms(), self.awake_ms.load(Ordering::SeqCst))
    }

    fn pause(&self, ms: u64) {
        self.pass(i64::try_from(ms).unwrap());
    }
}

/// What happens to the clocks: how far the wall clock is set, and for how long the
/// machine sleeps.
struct Step {
    name: &'static str,
    wall_ms: i64,
    sleep_ms: i64,
}

const STEPS: [Step; 11] = [
    step("none", 0, 0),
    step("wall + 1 s", SECOND, 0),
    step("wall - 1 s", -SECOND, 0),
    step("wall + 1 h", HOUR, 0),
    step("wall - 1 h", -HOUR, 0),
    step("wall + 10 years", TEN_YEARS, 0),
    step("wall - 10 years", -TEN_YEARS, 0),
    step("sleep of 20 s", 0, 20 * SECOND),
    step("sleep of 2 h", 0, 2 * HOUR),
    step("sleep of 2 h, wall - 1 h", -HOUR, 2 * HOUR),
    step("sleep of 2 h, wall - 1 s", -SECOND, 2 * HOUR),
];

const fn step(name: &'static str, wall_ms: i64, sleep_ms: i64) -> Step {
    Step {
        name,
        wall_ms,
        sleep_ms,
    }
}

/// What callers saw in the ten minutes after a step, one call a second.
#[derive(Default)]
struct Seen {
    requests: i64,
    beyond_life: usize,
    failed: usize,
    /// Seconds until the first token, where the server was down before.
    token_after_s: Option<i64>,
}

const CALLS: i64 = 600;

/// `life_s` of the tokens; `was_down`: the server was, before the step.
fn after(step: &Step, life_s: i64, was_down: bool) -> Seen {
    let server = TestServer::start();
    server.register(json!({"client_id": "c", "client_secret": "s",
        "expires_in": life_s, "token_life_ms": 24 * HOUR}));
    let requests = || {
        let count = server.client_stats("c")["token_requests"].as_i64();
        count.unwrap()
    };
    let clocks = Clocks::new();
    let config = config(&server, json!({"client_id": "c", "client_secret": "s"}));
    let client = Client::with_clock(&config, clocks.clone()).unwrap();
    // Tokens, and when each was seen first, in the time that really passes.
    let mut known = Vec::new();
    if was_down {
        server.switch(json!({"fail": {"status": 503, "headers": {"Retry-After": "30"}}}));
        client.get_token(&Call::new()).unwrap_err();
        server.clear();
    } else {
        let token = client.get_token(&Call::new()).unwrap();
        known.push((token.access_token().to_owned(), 0));
    }
    let before = requests();
    let wall_ms = step.wall_ms + step.sleep_ms;
    clocks.wall_ms.fetch_add(wall_ms, Ordering::SeqCst);
    clocks.boot_ms.fetch_add(step.sleep_ms, Ordering::SeqCst);
    let mut seen = Seen::default();
    for second in 0..CALLS {
        let now_ms = step.sleep_ms + second * SECOND;
        match client.get_token(&Call::new()) {
            Ok(token) => {
                seen.token_after_s.get_or_insert(second);
                let text = token.access_token();
                let issued_at = match known.iter().find(|(known, _)| known == text) {
                    Some((_, at)) => *at,
                    None => {
                        known.push((text.to_owned(), now_ms));
                        now_ms
                    }
                };
                seen.beyond_life += usize::from(now_ms - issued_at >= life_s * SECOND);
            }
            Err(_) => seen.failed += 1,
        }
        settle(&client);
        clocks.pass(SECOND);
    }
    seen.requests = requests() - before;
    seen
}

/// Until no token request is under way.
fn settle(client: &Client) {
    let is_under_way = || {
        let told: Value = serde_json::from_str(&client.explain(&Call::new())).unwrap();
        !told["token_request_under_way_ms"].is_null()
    };
    while is_under_way() {
        thread::yield_now();
    }
}

#[test]
fn whatever_happens_to_the_clocks_no_token_outlives_its_life_and_no_storm_begins() {
    say(&format!(
        "clocks: {CALLS} calls, one a second, after each step\n{:<26} {:>7} {:>9} {:>9} {:>12} {:>7} {:>12}",
        "step", "life", "was down", "requests", "beyond life", "failed", "token after"
    ));
    for step in &STEPS {
        for (life_s, was_down) in [(60, false), (3_600, false), (60, true)] {
            let seen = after(step, life_s, was_down);
            let first_s = seen.token_after_s.expect("it comes back");
            let row = format!(
                "{:<26} {life_s:>5} s {:>9} {:>9} {:>12} {:>7} {first_s:>10} s",
                step.name, was_down, seen.requests, seen.beyond_life, seen.failed
            );
            say(&row);
            // What the life allows, and one for the step.
            let most = (CALLS * 10 + life_s * 7 - 1) / (life_s * 7) + 2;
            assert!(seen.requests <= most, "{row}: at most {most}");
            assert_eq!(seen.beyond_life, 0, "{row}");
            // Ten per cent beyond what the server asked for.
            assert!(first_s <= if was_down { 33 } else { 0 }, "{row}");
            assert_eq!(i64::try_from(seen.failed).unwrap(), first_s, "{row}");
        }
    }
}
