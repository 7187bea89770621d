//! An identity provider that is down for a minute, under sixteen threads each with
//! tokens of 5 s, 60 s and 600 s: `cargo run --example outage`. Takes two minutes.
//!
//! The token endpoint resets each connection. Each thread asks for a token fifty
//! times a second, notes what it got and how long that took, and the server counts
//! the token requests.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program, and this is its output"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use authkeep::{Call, Client, Clock};
use serde_json::json;

use support::clients::config;
use support::server::TestServer;

const DOWN: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(45);
const THREADS: usize = 16;
/// What a call that waits for nothing takes at most, on a busy machine too.
const AT_ONCE: Duration = Duration::from_millis(100);
const MOST_REQUESTS: u64 = 12;
const LATEST: Duration = Duration::from_secs(40);

fn main() -> ExitCode {
    let server = TestServer::start();
    // How old the token is when the server goes down, so that each kind has its
    // renewal, its end, or both, in the outage.
    let cases: Vec<_> = [(5, 1), (60, 30), (600, 450)]
        .map(|(life_s, age_s)| Case::new(&server, life_s, age_s))
        .into_iter()
        .collect();
    println!("{THREADS} threads each for tokens of 5 s, 60 s and 600 s; down for a minute ...");
    server.switch(json!({"refuse": true}));
    let down_at = Instant::now();
    let up_at = down_at + DOWN;
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for case in &cases {
            for _ in 0..THREADS {
                scope.spawn(|| case.ask(up_at, &is_over));
            }
        }
        thread::sleep(up_at.saturating_duration_since(Instant::now()));
        for case in &cases {
            let requests = server.client_stats(&case.client_id)["token_requests"].clone();
            case.requests
                .store(requests.as_u64().unwrap() - 1, Ordering::SeqCst);
        }
        server.clear();
        thread::sleep(PATIENCE);
        is_over.store(true, Ordering::SeqCst);
    });
    println!(
        "\n{:>7} {:>10} {:>8} {:>10} {:>12} {:>8} {:>12} {:>9} {:>13}",
        "tokens",
        "requests",
        "served",
        "failed",
        "of them",
        "without",
        "with a valid",
        "slowest",
        "first token"
    );
    println!(
        "{:>7} {:>10} {:>8} {:>10} {:>12} {:>8} {:>12} {:>9} {:>13}",
        "", "in 60 s", "", "at once", "by waiting", "retry", "token", "at once", "after return"
    );
    let mut is_met = true;
    for case in &cases {
        is_met &= case.print();
    }
    match is_met {
        true => {
            println!("\nverdict: OK, what was promised for an outage was kept");
            ExitCode::SUCCESS
        }
        false => {
            println!("\nverdict: FAILED");
            ExitCode::FAILURE
        }
    }
}

/// The machine's clock, moved on so that a token is as old as wanted.
#[derive(Default)]
struct MovedClock(AtomicI64);

impl Clock for MovedClock {
    fn wall_ms(&self) -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        i64::try_from(now.as_millis()).unwrap() + self.0.load(Ordering::SeqCst)
    }

    fn boot_ms(&self) -> i64 {
        self.wall_ms()
    }
}

/// Sixteen threads on one client, and what they saw.
struct Case {
    client_id: String,
    life_s: i64,
    client: Client,
    clock: Arc<MovedClock>,
    /// When the token that was there before the outage ends, on that clock.
    valid_until_ms: i64,
    requests: AtomicU64,
    served: AtomicU64,
    failed_at_once: AtomicU64,
    failed_by_waiting: AtomicU64,
    without_retry_after: AtomicU64,
    failed_with_valid_token: AtomicU64,
    slowest_at_once_us: AtomicU64,
    /// Negative: none was seen.
    first_token_after_ms: AtomicI64,
}

impl Case {
    fn new(server: &TestServer, life_s: i64, age_s: i64) -> Self {
        let client_id = format!("tokens-of-{life_s}-s");
        server.register(json!({"client_id": client_id, "client_secret": "s",
            "token_life_ms": life_s * 1_000}));
        let clock = Arc::new(MovedClock::default());
        let config = config(
            server,
            json!({"client_id": client_id, "client_secret": "s"}),
        );
        let client = Client::with_clock(&config, clock.clone()).unwrap();
        let valid_until_ms = clock.wall_ms() + life_s * 1_000;
        client.get_token(&Call::new()).unwrap();
        clock.0.store(age_s * 1_000, Ordering::SeqCst);
        Case {
            client_id,
            life_s,
            client,
            clock,
            valid_until_ms,
            requests: AtomicU64::new(0),
            served: AtomicU64::new(0),
            failed_at_once: AtomicU64::new(0),
            failed_by_waiting: AtomicU64::new(0),
            without_retry_after: AtomicU64::new(0),
            failed_with_valid_token: AtomicU64::new(0),
            slowest_at_once_us: AtomicU64::new(0),
            first_token_after_ms: AtomicI64::new(-1),
        }
    }

    fn ask(&self, up_at: Instant, is_over: &AtomicBool) {
        let add = |count: &AtomicU64| count.fetch_add(1, Ordering::SeqCst);
        while !is_over.load(Ordering::SeqCst) {
            // A token is handed out until a tenth before its end, and after a
            // renewal has failed to the end itself.
            let has_valid = self.clock.wall_ms() < self.valid_until_ms - self.life_s * 100;
            let begun = Instant::now();
            match self.client.get_token(&Call::new()) {
                Ok(_) if begun < up_at => {
                    add(&self.served);
                }
                Ok(_) => {
                    let after = up_at.elapsed().as_millis();
                    let after = i64::try_from(after).unwrap();
                    let _first = self.first_token_after_ms.compare_exchange(
                        -1,
                        after,
                        Ordering::SeqCst,
                        Ordering::SeqCst,
                    );
                }
                Err(error) => {
                    let took = begun.elapsed();
                    if took <= AT_ONCE {
                        add(&self.failed_at_once);
                        let us = u64::try_from(took.as_micros()).unwrap();
                        self.slowest_at_once_us.fetch_max(us, Ordering::SeqCst);
                    } else {
                        add(&self.failed_by_waiting);
                    }
                    if error.retry_after_ms().is_none() {
                        add(&self.without_retry_after);
                    }
                    if has_valid {
                        add(&self.failed_with_valid_token);
                    }
                }
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn print(&self) -> bool {
        let count = |count: &AtomicU64| count.load(Ordering::SeqCst);
        let first_ms = self.first_token_after_ms.load(Ordering::SeqCst);
        println!(
            "{:>5} s {:>10} {:>8} {:>10} {:>12} {:>8} {:>12} {:>6} us {:>10.1} s",
            self.life_s,
            count(&self.requests),
            count(&self.served),
            count(&self.failed_at_once),
            count(&self.failed_by_waiting),
            count(&self.without_retry_after),
            count(&self.failed_with_valid_token),
            count(&self.slowest_at_once_us),
            first_ms as f64 / 1_000.0,
        );
        // Those that met the first flight wait for its attempts, and each attempt
        // after it has the one who makes it.
        let may_wait = THREADS as u64 + count(&self.requests);
        let is_soon = u128::try_from(first_ms).is_ok_and(|ms| ms <= LATEST.as_millis());
        count(&self.requests) <= MOST_REQUESTS
            && count(&self.failed_by_waiting) <= may_wait
            && count(&self.without_retry_after) == 0
            && count(&self.failed_with_valid_token) == 0
            && is_soon
    }
}
