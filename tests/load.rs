//! Many threads on one client, in real time: the figures that the README gives.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use authkeep::{Call, Client, Config, Status};
use serde_json::{Value, json};

mod support;
use support::require::say;
use support::server::TestServer;

/// One measurement at a time: they share the machine.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn client(server: &TestServer, id: &str, life_ms: i64) -> Client {
    server.register(json!({
        "client_id": id, "client_secret": "s", "token_life_ms": life_ms, "token_bytes": 1500,
    }));
    let mut config = Config::new();
    for (key, value) in [
        ("base_url", format!("{}/api", server.url)),
        ("token_endpoint", format!("{}/token", server.url)),
        ("client_id", id.to_owned()),
        ("client_secret", "s".to_owned()),
    ] {
        config.set(key, &value).unwrap();
    }
    Client::new(&config).unwrap()
}

fn count(stats: &Value, member: &str) -> u64 {
    stats[member]
        .as_u64()
        .unwrap_or_else(|| panic!("{member} in {stats}"))
}

/// How long the last of 64 threads waited that asked a cold client at once.
fn cold_start(server: &TestServer, id: &str) -> Duration {
    let client = client(server, id, 60_000);
    server.switch(json!({"client_id": id, "delay_ms": 50}));
    let barrier = Barrier::new(64);
    let slowest = thread::scope(|scope| {
        let callers: Vec<_> = (0..64)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    let begun = Instant::now();
                    client.get_token(&Call::new()).unwrap();
                    begun.elapsed()
                })
            })
            .collect();
        let times = callers.into_iter().map(|caller| caller.join().unwrap());
        times.max().unwrap()
    });
    assert_eq!(count(&server.client_stats(id), "token_requests"), 1);
    slowest
}

#[test]
fn sixty_four_cold_threads_make_one_token_request_and_none_waits_long_after_it() {
    let _alone = alone();
    let server = TestServer::start();
    let mut times = ["cold-1", "cold-2", "cold-3", "cold-4", "cold-5"]
        .map(|id| cold_start(&server, id).as_secs_f64() * 1e3);
    times.sort_by(f64::total_cmp);
    say(&format!(
        "cold start: 64 threads, endpoint 50 ms: 1 token request, last caller after {:.1} ms \
         (5 times: {times:.1?} ms)",
        times[2]
    ));
    // The best, since the machine may have other work during any of them.
    assert!(times[0] < 70.0, "{times:?} ms");
}

#[test]
fn callers_that_leave_do_not_end_the_request_that_the_next_caller_needs() {
    let _alone = alone();
    let server = TestServer::start();
    let client = client(&server, "leaver", 60_000);
    server.switch(json!({"client_id": "leaver", "delay_ms": 400}));
    let hurried = Call::new().timeout(Duration::from_millis(200));
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let error = client.get_token(&hurried).unwrap_err();
                assert_eq!(error.status(), Status::Deadline);
                let waited = begun.elapsed().as_millis();
                assert!((200..450).contains(&waited), "{waited} ms");
            });
        }
    });
    client.get_token(&Call::new()).unwrap();
    let served = begun.elapsed();
    let stats = server.client_stats("leaver");
    say(&format!(
        "leader leaves: 8 callers with 200 ms, endpoint 400 ms: 8 deadlines, {} token request, \
         next caller served {:.0} ms after its start",
        stats["token_requests"],
        served.as_secs_f64() * 1e3
    ));
    assert_eq!(count(&stats, "token_requests"), 1);
}

struct Run {
    requests: usize,
    p50: Duration,
    p99_9: Duration,
}

/// Sixteen threads that GET for `length`; every response must be a 200.
fn sixteen_threads(client: &Client, length: Duration) -> Run {
    let until = Instant::now() + length;
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let callers: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    let mut times = Vec::new();
                    while Instant::now() < until {
                        let begun = Instant::now();
                        let response = client.get("/bytes/300", &Call::new()).unwrap();
                        times.push(begun.elapsed());
                        assert_eq!(response.status(), 200);
                        // Not saturated: waiting for a core is not what is
                        // measured here.
                        thread::sleep(Duration::from_millis(10));
                    }
                    times
                })
            })
            .collect();
        let all = callers.into_iter().map(|caller| caller.join().unwrap());
        all.flatten().collect()
    });
    times.sort_unstable();
    Run {
        requests: times.len(),
        p50: times[times.len() / 2],
        p99_9: times[times.len() * 999 / 1000],
    }
}

#[test]
fn tokens_that_expire_under_sixteen_threads_are_noticed_by_nobody() {
    let _alone = alone();
    // Something else on the machine may hold a request up; what renewals cost
    // is in every run.
    let within = (0..3).any(|_| short_lives_cost_nothing());
    assert!(
        within,
        "with tokens of 2 s the slowest thousandth of requests took over 10 ms and over twice as \
         long as with tokens that never expire, in three runs; is the machine busy?"
    );
}

/// One pair of runs; whether the latencies of the two are alike.
fn short_lives_cost_nothing() -> bool {
    let server = TestServer::start();
    let length = Duration::from_secs(20);
    let endless = sixteen_threads(&client(&server, "endless", 86_400_000), length);
    let short = sixteen_threads(&client(&server, "short", 2_000), length);
    let stats = server.client_stats("short");
    for (life, run) in [("endless", &endless), ("2 s", &short)] {
        say(&format!(
            "16 threads for 20 s, {life} tokens: {} requests, p50 {:.2} ms, p99.9 {:.2} ms",
            run.requests,
            run.p50.as_secs_f64() * 1e3,
            run.p99_9.as_secs_f64() * 1e3
        ));
    }
    say(&format!(
        "  2 s tokens: {} token requests, {} answers 401",
        stats["token_requests"], stats["api_401"]
    ));
    assert_eq!(count(&stats, "api_401"), 0);
    assert_eq!(count(&stats, "in_flight_max"), 1);
    let most = 16; // ceil(20 / (0.7 * 2)) + 1
    assert!(count(&stats, "token_requests") <= most, "{stats}");
    // What the machine does to requests that renew nothing is not ours.
    short.p99_9 < Duration::from_millis(10).max(endless.p99_9 * 2)
}

#[test]
fn an_outage_of_the_token_endpoint_is_seen_only_by_callers_without_a_valid_token() {
    let _alone = alone();
    let server = TestServer::start();
    let client = client(&server, "outage", 5_000);
    client.get_token(&Call::new()).unwrap();
    let down = Instant::now();
    server.switch(json!({"client_id": "outage", "refuse": true, "for_ms": 10_000}));
    let [served, failed_early, failed, unexplained] = [const { AtomicUsize::new(0) }; 4];
    let back = AtomicBool::new(false);
    let first_success = Mutex::new(None);
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                while !back.load(Ordering::SeqCst) {
                    let at = down.elapsed();
                    let begun = Instant::now();
                    match client.get("/bytes/300", &Call::new()) {
                        Ok(_) if at > Duration::from_secs(10) => {
                            first_success.lock().unwrap().get_or_insert(down.elapsed());
                            back.store(true, Ordering::SeqCst);
                        }
                        Ok(_) => {
                            served.fetch_add(1, Ordering::SeqCst);
                        }
                        Err(_) if at < Duration::from_millis(4_900) => {
                            failed_early.fetch_add(1, Ordering::SeqCst);
                        }
                        Err(error) => {
                            failed.fetch_add(1, Ordering::SeqCst);
                            let explained = error.status() == Status::Unavailable
                                && error.retry_after_ms().is_some()
                                && begun.elapsed() < Duration::from_secs(4);
                            if !explained {
                                unexplained.fetch_add(1, Ordering::SeqCst);
                            }
                        }
                    }
                    assert!(at < Duration::from_secs(45), "no success after the outage");
                    thread::sleep(Duration::from_millis(20));
                }
            });
        }
    });
    let stats = server.stats();
    let attempts = stats["token_log"].as_array().unwrap();
    let attempts = attempts
        .iter()
        .filter(|entry| entry["outcome"] == "switch: refuse")
        .count();
    let back_after = first_success.lock().unwrap().unwrap() - Duration::from_secs(10);
    say(&format!(
        "endpoint down for 10 s under 16 threads, 5 s tokens: {attempts} attempts reached it, {} \
         requests served by the valid token, 0 failed while it was valid, {} failed after it with \
         retry_after, first success {:.1} s after its return",
        served.load(Ordering::SeqCst),
        failed.load(Ordering::SeqCst),
        back_after.as_secs_f64()
    ));
    assert_eq!(failed_early.load(Ordering::SeqCst), 0);
    assert_eq!(unexplained.load(Ordering::SeqCst), 0);
    assert!(attempts <= 15, "{attempts}");
    assert!(back_after < Duration::from_secs(21), "{back_after:?}");
}
