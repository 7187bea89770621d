//! A host whose administrator changes the secret while a program runs.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::programs::with;
use crate::support::server::{Emulation, TestServer};
use crate::support::vendors::Vendor;
use crate::{client, get, message_of, refusals};

const LIST: &str = "/api/v1/Products";
const LIFE_MS: i64 = 4 * 3_600_000;

/// A host, a file that has its secret, and a config that refers to it.
fn host<'s>(server: &'s TestServer, client_auth: &str) -> (Emulation<'s>, TempDir, Value) {
    let vendor = Vendor::named("inventorypro");
    let host = vendor.emulate(server, json!({"client_secret": "the first"}));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, "the first\n").unwrap();
    let more = json!({"client_secret": {"file": file}, "client_auth": client_auth});
    let config = with(vendor.config(server, &host), more);
    (host, folder, config)
}

fn write(folder: &TempDir, secret: &str) {
    fs::write(folder.path().join("secret"), secret).unwrap();
}

#[test]
fn a_new_secret_is_taken_up_when_it_is_in_a_form() {
    a_new_secret_is_taken_up("body");
}

#[test]
fn a_new_secret_is_taken_up_when_it_is_in_the_basic_header() {
    a_new_secret_is_taken_up("basic_raw");
}

/// Tokens from before go on, says the page; those are used up first.
fn a_new_secret_is_taken_up(client_auth: &str) {
    let server = TestServer::start();
    let (host, folder, config) = host(&server, client_auth);
    let (client, _clock) = client(&config);
    assert_eq!(get(&client, LIST), 200);
    write(&folder, "the second");
    host.change(json!({"client_secret": "the second"}));
    assert_eq!(get(&client, LIST), 200);
    assert_eq!(host.stats()["token_requests"], 1);
    host.change(json!({"expire_tokens": true}));
    assert_eq!(get(&client, LIST), 200);
    assert_eq!(host.stats()["token_requests"], 2);
    assert_eq!(refusals(&host).len(), 1, "{:?}", refusals(&host));
}

#[test]
fn a_secret_that_comes_late_is_taken_up_after_a_reset_and_not_one_is_tried_before() {
    let server = TestServer::start();
    for client_auth in ["body", "basic_raw"] {
        let (host, folder, config) = host(&server, client_auth);
        host.change(json!({"client_secret": "the second"}));
        let (client, _clock) = client(&config);
        for _ in 0..3 {
            let message = message_of(&client, LIST);
            assert!(message.contains("/secret)"), "{message}");
        }
        assert_eq!(host.stats()["token_requests"], 1);
        write(&folder, "the second");
        client.reset();
        assert_eq!(get(&client, LIST), 200);
        assert_eq!(host.stats()["token_requests"], 2);
        assert_eq!(refusals(&host), ["client_secret is wrong"]);
    }
}

#[test]
fn a_disabled_account_works_on_for_a_minute_and_is_then_refused_once() {
    let server = TestServer::start();
    let (host, folder, config) = host(&server, "body");
    let (client, clock) = client(&config);
    assert_eq!(get(&client, LIST), 200);
    host.change(json!({"disabled": true, "advance_ms": 50_000}));
    assert_eq!(get(&client, LIST), 200);
    host.change(json!({"advance_ms": 20_000}));
    // The API's own answer comes back, since no token could make a better one.
    for _ in 0..3 {
        assert_eq!(get(&client, LIST), 401);
    }
    assert_eq!(host.stats()["token_requests"], 2);
    clock.advance(LIFE_MS + 1);
    assert_eq!(
        message_of(&client, LIST),
        format!(
            "inventorypro: the token endpoint {}/api/v1/Token refused the client (invalid_client, \
             HTTP 400); check \"client_id\", \"client_secret\" (from file {}) and \"client_auth\", \
             then call reset; it says: Client authentication failed; no further attempt for 120 s",
            host.tls_url,
            folder.path().join("secret").display()
        )
    );
}
