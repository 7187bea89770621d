//! Signals that interrupt system calls don't fail a call.
//! Windows has none.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod support;

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use authkeep::{Call, Client};
use serde_json::json;

use support::clients::{client, config_at};
use support::server::TestServer;

static SIGNALS: AtomicUsize = AtomicUsize::new(0);

extern "C" fn count(_: libc::c_int) {
    SIGNALS.fetch_add(1, Ordering::Relaxed);
}

/// Handles SIGUSR1 so that it interrupts: no `SA_RESTART`.
fn handle_signals() {
    let handler: extern "C" fn(libc::c_int) = count;
    // SAFETY: zeroes are a valid sigaction; the handler only adds to an atomic,
    // which is safe in a signal handler, and lives as long as the program.
    unsafe {
        let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
        action.sa_sigaction = handler as libc::sighandler_t;
        assert_eq!(
            libc::sigaction(libc::SIGUSR1, &action, std::ptr::null_mut()),
            0
        );
    }
}

/// Runs `work` on this thread, which gets a signal each millisecond meanwhile;
/// says how many.
fn under_signals(work: impl FnOnce()) -> usize {
    handle_signals();
    // SAFETY: the call has no preconditions.
    let this_thread = unsafe { libc::pthread_self() };
    let done = AtomicBool::new(false);
    let before = SIGNALS.load(Ordering::Relaxed);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(1));
                // SAFETY: the thread outlives this scope.
                unsafe { libc::pthread_kill(this_thread, libc::SIGUSR1) };
            }
        });
        work();
        done.store(true, Ordering::Relaxed);
    });
    SIGNALS.load(Ordering::Relaxed) - before
}

fn two_hundred_requests(client: &Client) {
    for round in 0..200 {
        let response = client.get("/slow/3", &Call::new());
        assert_eq!(response.unwrap().status(), 200, "{round}");
    }
}

#[test]
fn a_thousand_signals_a_second_fail_no_request_and_no_renewal() {
    let server = TestServer::start();
    server.set(json!({"client_id": "demo", "token_life_ms": 1000}));
    let signals = under_signals(|| {
        let client = client(&server, json!({}));
        two_hundred_requests(&client);
        let large = client.get("/bytes/20000000", &Call::new()).unwrap();
        assert_eq!(large.body().len(), 20_000_000);
    });
    assert!(signals > 200, "{signals}");
    assert_eq!(server.stats()["total"]["api_401"], 0);
}

#[test]
fn signals_fail_no_tls_connection_and_no_command_for_a_secret() {
    let server = TestServer::start();
    let signals = under_signals(|| {
        for _ in 0..20 {
            let config = json!({
                "tls": {"ca_file": server.ca_file},
                "client_secret": {"command": ["/bin/sh", "-c", "sleep 0.01; echo demo-secret"]},
            });
            let client = Client::new(&config_at(&server.tls_url, config)).unwrap();
            assert_eq!(client.get("/slow/5", &Call::new()).unwrap().status(), 200);
        }
    });
    assert!(signals > 200, "{signals}");
}

#[test]
fn signals_neither_shorten_nor_lengthen_a_deadline() {
    let server = support::raw::RawServer::silent();
    let client = support::clients::key_client(&server.url, json!({}));
    under_signals(|| {
        let call = Call::new().timeout(Duration::from_millis(500));
        let (error, took) = support::clients::timed(|| client.get("/", &call).unwrap_err());
        assert_eq!(error.status(), authkeep::Status::Deadline);
        let latest = Duration::from_millis(500) + support::clients::TOLERANCE;
        assert!(
            (Duration::from_millis(495)..latest).contains(&took),
            "{took:?}"
        );
    });
}
