//! A client is closed and opened again while the program goes on: its config
//! still has the seed, and the seed is spent.

use std::time::{Duration, Instant};

use authkeep::{Call, Client, Status};
use serde_json::{Value, json};

use crate::support::clients::aging_client;
use crate::support::server::TestServer;
use crate::{PAST_EXPIRY_MS, assert_nothing_refused, echo, requests, reuses, seed};

fn start(refresh: &str) -> TestServer {
    let server = TestServer::start();
    server.register(json!({
        "client_id": "f", "client_secret": "s", "username": "me", "password": "pw",
        "refresh": refresh, "refresh_seed": seed(&server),
    }));
    server
}

fn refresh_only(server: &TestServer) -> Value {
    json!({
        "grant": "refresh_token", "client_id": "f", "client_secret": "s",
        "refresh_token": seed(server),
    })
}

/// A client that shares no access token with the one before.
fn open(server: &TestServer) -> Client {
    aging_client(server, refresh_only(server)).0
}

#[test]
fn a_rotated_refresh_token_outlives_the_last_client() {
    for refresh in ["rotating", "fixed"] {
        let server = start(refresh);
        for _ in 0..4 {
            echo(&open(&server));
        }
        assert_eq!(requests(&server, "f", "refresh_token"), 4, "{refresh}");
        assert_eq!(reuses(&server), 0, "{refresh}");
        assert_nothing_refused(&server);
    }
}

#[test]
fn a_refresh_token_that_comes_after_the_last_client_has_closed_is_kept() {
    let server = start("rotating");
    server.switch(json!({"answer_delay_ms": 200, "once": true}));
    let client = open(&server);
    let hasty = Call::new().timeout(Duration::from_millis(20));
    let error = client.get_token(&hasty).unwrap_err();
    assert_eq!(error.status(), Status::Deadline);
    drop(client);
    let begun = Instant::now();
    while server.client_stats("f")["token_successes"] != 1 {
        assert!(begun.elapsed() < Duration::from_secs(20), "never answered");
    }
    echo(&open(&server));
    assert_eq!(requests(&server, "f", "refresh_token"), 2);
    assert_eq!(reuses(&server), 0);
    assert_nothing_refused(&server);
}

#[test]
fn a_dead_refresh_token_is_not_sent_again_by_a_client_that_is_opened_later() {
    let server = start("rotating");
    server.revoke(json!({"client_id": "f", "kind": "refresh"}));
    for _ in 0..3 {
        let error = open(&server).get_token(&Call::new()).unwrap_err();
        assert_eq!(error.status(), Status::ReauthRequired, "{error}");
    }
    assert_eq!(requests(&server, "f", "refresh_token"), 1);
}

#[test]
fn the_one_retry_after_a_lost_answer_is_one_for_all_clients_of_a_program() {
    let server = start("rotating");
    server.switch(json!({"close": true}));
    for status in [
        Status::Unavailable,
        Status::ReauthRequired,
        Status::ReauthRequired,
    ] {
        let error = open(&server).get_token(&Call::new()).unwrap_err();
        assert_eq!(error.status(), status, "{error}");
    }
    assert_eq!(requests(&server, "f", "refresh_token"), 2);
}

#[test]
fn what_began_with_a_password_is_not_shared_with_another_client() {
    let server = start("rotating");
    let password = json!({
        "grant": "password", "client_id": "f", "client_secret": "s", "username": "me",
        "password": "pw",
    });
    for opened in 1..=3 {
        let (client, clock) = aging_client(&server, password.clone());
        echo(&client);
        clock.advance(PAST_EXPIRY_MS);
        echo(&client);
        assert_eq!(requests(&server, "f", "password"), opened);
        assert_eq!(requests(&server, "f", "refresh_token"), opened);
    }
    assert_nothing_refused(&server);
}
