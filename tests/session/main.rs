//! Requests with a credential: where they may go, what is sent, what comes
//! back, and how they end when the other side misbehaves.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "../support/mod.rs"]
mod support;

mod cancellation;
mod connections;
mod cuts;
mod deadlines;
mod early_answers;
mod hostile;
mod messages;
mod renewal;
mod responses;
mod targets;
mod tls;

use authkeep::{Call, Client, Request};
use serde_json::Value;

/// Performs a request and reads the JSON that comes back.
fn shown(client: &Client, request: &Request) -> Value {
    let response = client.perform(request, &Call::new()).unwrap();
    assert_eq!(response.status(), 200, "{}", response.text());
    serde_json::from_slice(response.body()).unwrap()
}
