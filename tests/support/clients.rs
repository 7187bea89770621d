//! Clients of the library under test, made of few words, and the patience of
//! those who wait for them.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use authkeep::{Call, Client, Config, ManualClock};
use serde_json::{Value, json};

use super::server::TestServer;

/// How late a call may end after its deadline or its cancellation.
pub const TOLERANCE: Duration = Duration::from_millis(250);

/// The config of the server's client `demo`, changed by `more`; null deletes.
pub fn config(server: &TestServer, more: Value) -> Config {
    config_at(&server.url, more)
}

/// The same, with the API and the token endpoint at another place.
pub fn config_at(url: &str, more: Value) -> Config {
    let base = json!({
        "base_url": format!("{url}/api"),
        "token_endpoint": format!("{url}/token"),
        "client_id": "demo",
        "client_secret": "demo-secret",
    });
    let mut config = Config::new();
    for layer in [base, more] {
        config.merge_json(&layer.to_string()).unwrap();
    }
    config
}

/// A client of that config.
pub fn client(server: &TestServer, more: Value) -> Client {
    Client::new(&config(server, more)).unwrap()
}

/// A client of that config whose tokens age by a clock of the test's own.
pub fn aging_client(server: &TestServer, more: Value) -> (Client, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(1_900_000_000_000));
    let client = Client::with_clock(&config(server, more), clock.clone()).unwrap();
    (client, clock)
}

/// A client that needs no token, for what happens between it and an API.
pub fn key_client(url: &str, more: Value) -> Client {
    let mut config = Config::new();
    let base = json!({
        "grant": "api_key",
        "api_key": "key-1",
        "base_url": url,
    });
    for layer in [base, more] {
        config.merge_json(&layer.to_string()).unwrap();
    }
    Client::new(&config).unwrap()
}

/// Runs `work` and says how long it took.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let result = work();
    (result, began.elapsed())
}

/// Cancels `call` from another thread after `delay`; says when it did.
pub fn cancel_after(call: &Call, delay: Duration) -> thread::JoinHandle<Instant> {
    let call = call.clone();
    thread::spawn(move || {
        thread::sleep(delay);
        call.cancel();
        Instant::now()
    })
}
