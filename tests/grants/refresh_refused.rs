//! Refused refresh tokens: which refusal ends one, and which may be about
//! something else.

use std::sync::Arc;

use authkeep::{Call, Client, ManualClock, Status};
use serde_json::{Value, json};

use crate::support::clients::aging_client;
use crate::support::server::TestServer;
use crate::{PAST_EXPIRY_MS, assert_nothing_refused, echo, requests, reuses, seed};

/// Longer than a first refusal is waited for.
const PAST_PAUSE_MS: i64 = 61_000;

fn start() -> TestServer {
    let server = TestServer::start();
    server.register(json!({
        "client_id": "f", "client_secret": "s", "username": "me", "password": "pw",
        "refresh": "rotating", "refresh_seed": seed(&server),
    }));
    server
}

/// A client that has no other grant, with a token that is over.
fn refresh_only(server: &TestServer) -> (Client, Arc<ManualClock>) {
    let (client, clock) = aging_client(
        server,
        json!({
            "grant": "refresh_token", "client_id": "f", "client_secret": "s",
            "refresh_token": seed(server),
        }),
    );
    echo(&client);
    clock.advance(PAST_EXPIRY_MS);
    (client, clock)
}

/// A client with a password, with a token that is over.
fn with_password(server: &TestServer) -> (Client, Arc<ManualClock>) {
    let (client, clock) = aging_client(
        server,
        json!({
            "grant": "password", "client_id": "f", "client_secret": "s", "username": "me",
            "password": "pw",
        }),
    );
    echo(&client);
    clock.advance(PAST_EXPIRY_MS);
    (client, clock)
}

fn weak_refusals() -> Vec<(Value, Status)> {
    use Status::{BadResponse, InvalidConfig, InvalidCredentials, ReauthRequired};
    vec![
        (json!({"status": 403}), InvalidCredentials),
        (
            json!({"status": 403, "body": "<html>Blocked</html>"}),
            InvalidCredentials,
        ),
        (json!({"status": 401}), InvalidCredentials),
        (
            json!({"status": 401, "body": {"errors": [{"code": "9"}]}}),
            InvalidCredentials,
        ),
        (json!({"status": 400}), ReauthRequired),
        (
            json!({"status": 400, "body": {"error": "invalid_scope"}}),
            InvalidConfig,
        ),
        (
            json!({"status": 200, "body": {"error": "bad_refresh_token"}}),
            InvalidCredentials,
        ),
        (
            json!({"status": 200, "body": {"access_token": "t", "error": 5}}),
            BadResponse,
        ),
    ]
}

#[test]
fn without_a_first_grant_a_refusal_that_names_no_invalid_grant_costs_no_refresh_token() {
    for (refusal, status) in weak_refusals() {
        for is_reset in [true, false] {
            let server = start();
            let (client, clock) = refresh_only(&server);
            server.switch(json!({"fail": refusal, "times": 1}));
            let error = client.get_token(&Call::new()).unwrap_err();
            assert_eq!(error.status(), status, "{refusal}: {error}");
            assert!(error.retry_after_ms().is_some_and(|ms| ms > 50_000));
            assert!(client.get_token(&Call::new()).is_err(), "{refusal}");
            assert_eq!(requests(&server, "f", "refresh_token"), 2, "{refusal}");
            if is_reset {
                client.reset();
            } else {
                clock.advance(PAST_PAUSE_MS);
            }
            echo(&client);
            assert_eq!(reuses(&server), 0, "{refusal}");
            assert_nothing_refused(&server);
        }
    }
}

#[test]
fn a_refresh_token_outlives_a_firewall_that_refuses_the_password_too() {
    for (refusal, _) in weak_refusals() {
        let server = start();
        let (client, clock) = with_password(&server);
        server.switch(json!({"fail": refusal, "times": 2}));
        assert!(client.get_token(&Call::new()).is_err(), "{refusal}");
        assert_eq!(requests(&server, "f", "refresh_token"), 1, "{refusal}");
        assert_eq!(requests(&server, "f", "password"), 2, "{refusal}");
        clock.advance(PAST_PAUSE_MS);
        echo(&client);
        assert_eq!(requests(&server, "f", "refresh_token"), 2, "{refusal}");
        assert_eq!(requests(&server, "f", "password"), 2, "{refusal}");
    }
}

#[test]
fn a_doubted_refresh_token_is_not_sent_again_while_its_password_fails() {
    let server = start();
    let (client, _) = with_password(&server);
    server.switch(json!({"grant": "refresh_token", "fail": {"status": 403}}));
    server.switch(json!({"grant": "password", "fail": {"status": 500}}));
    assert!(client.get_token(&Call::new()).is_err());
    assert_eq!(requests(&server, "f", "refresh_token"), 1);
    assert_eq!(requests(&server, "f", "password"), 2);
}

#[test]
fn invalid_grant_ends_a_refresh_token_whatever_the_http_status() {
    for status in [200, 201, 400, 401, 403, 404, 429, 500, 502, 503] {
        let server = start();
        let (client, clock) = refresh_only(&server);
        let body = json!({"error": "invalid_grant"});
        server.switch(json!({"fail": {"status": status, "body": body}, "once": true}));
        let error = client.get_token(&Call::new()).unwrap_err();
        assert_eq!(error.status(), Status::ReauthRequired, "{status}: {error}");
        assert_eq!(error.oauth_error(), Some("invalid_grant"));
        client.reset();
        clock.advance(PAST_EXPIRY_MS);
        assert!(client.get_token(&Call::new()).is_err());
        assert_eq!(requests(&server, "f", "refresh_token"), 2, "{status}");
    }
}

#[test]
fn an_error_in_a_200_falls_back_to_the_password_at_once() {
    for body in [
        json!({"error": "invalid_grant"}),
        json!({"error": "bad_refresh_token"}),
        json!({"error": false, "access_token": "t"}),
    ] {
        let server = start();
        let (client, _) = with_password(&server);
        let failure = json!({"status": 200, "body": body});
        server.switch(json!({"grant": "refresh_token", "fail": failure, "once": true}));
        echo(&client);
        assert_eq!(requests(&server, "f", "refresh_token"), 1, "{body}");
        assert_eq!(requests(&server, "f", "password"), 2, "{body}");
    }
}
