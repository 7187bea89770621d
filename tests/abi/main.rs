//! The C ABI as C and C++ programs see it: those of `tests/c`, compiled with
//! every warning an error, against the built library and the test server.
//!
//! The programs check; here they get their server, and what they measure is
//! said.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod header;
mod host;
mod in_and_out;
mod threads;

use serde_json::{Value, json};
use support::server::TestServer;

/// No secret of a test is found in a message.
const CANARY: &str = "canary-5e1f";

/// Registers a client with a secret, and returns its configuration as JSON.
fn registered(server: &TestServer, members: Value) -> String {
    let members = with(members, json!({"client_secret": CANARY}));
    server.register(members.clone());
    config_of(server, members["client_id"].as_str().unwrap(), CANARY).to_string()
}

fn config_of(server: &TestServer, client_id: &str, client_secret: &str) -> Value {
    json!({
        "base_url": server.url,
        "token_endpoint": "/oauth/token",
        "client_id": client_id,
        "client_secret": client_secret,
    })
}

fn with(mut object: Value, members: Value) -> Value {
    let more = members.as_object().unwrap().clone();
    object.as_object_mut().unwrap().extend(more);
    object
}
