//! Every grant against a server that refuses what it isn't registered for:
//! what the server saw is checked, not what the client believes.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod api_key;
mod first_grant;
mod lost_answers;
mod refresh;
mod refresh_refused;
mod refusals;
mod reopened;
mod secret_sources;
mod unusable_answers;

use authkeep::{Call, Client};
use serde_json::Value;

use support::server::TestServer;

/// Longer than any token of these tests lives, in milliseconds.
const PAST_EXPIRY_MS: i64 = 4_000_000;
/// Longer than a transient failure is waited for.
const PAST_BACKOFF_MS: i64 = 60_000;

/// The refresh token that a client of `server` starts with: one of its own for
/// each server, since what became of a seed is remembered while a program runs.
fn seed(server: &TestServer) -> String {
    format!("seed of {}", server.ca_file.display())
}

/// Sends a request that shows what the API received.
fn echo(client: &Client) -> Value {
    let response = client.get("/echo", &Call::new()).unwrap();
    assert_eq!(response.status(), 200, "{}", response.text());
    serde_json::from_slice(response.body()).unwrap()
}

/// How many token requests of each grant the server got from a client.
fn requests(server: &TestServer, client_id: &str, grant: &str) -> u64 {
    let count = &server.client_stats(client_id)["grants"][grant]["token_requests"];
    count.as_u64().unwrap_or(0)
}

/// How often a spent refresh token came a second time.
fn reuses(server: &TestServer) -> u64 {
    let count = &server.stats()["total"]["refresh_reuse_detected"];
    count.as_u64().unwrap()
}

/// What the server refused, for its own reasons.
fn assert_nothing_refused(server: &TestServer) {
    let refusals = server.stats()["refusals"].clone();
    assert_eq!(refusals, serde_json::json!([]));
}
