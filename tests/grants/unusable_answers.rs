//! Answers that are no use, but for the new refresh token in them: the server
//! has rotated, and the old one must not be sent again.

use authkeep::{Call, Status};
use serde_json::{Value, json};

use crate::support::clients::aging_client;
use crate::support::server::TestServer;
use crate::{
    PAST_BACKOFF_MS, PAST_EXPIRY_MS, assert_nothing_refused, echo, requests, reuses, seed,
};

fn register(server: &TestServer, answer: Value) {
    server.register(json!({
        "client_id": "f", "client_secret": "s", "username": "me", "password": "pw",
        "refresh": "rotating", "refresh_seed": seed(server), "answer": answer,
    }));
}

fn flaws() -> [Value; 4] {
    [
        json!({"expires_in": "1 hour"}),
        json!({"token_type": "mac"}),
        json!({"error": 0}),
        json!({"error": "odd"}),
    ]
}

#[test]
fn a_new_refresh_token_is_taken_out_of_an_answer_that_is_no_use_otherwise() {
    for flaw in flaws() {
        let server = TestServer::start();
        register(&server, flaw.clone());
        let config = json!({
            "grant": "refresh_token", "client_id": "f", "client_secret": "s",
            "refresh_token": seed(&server),
        });
        let (client, clock) = aging_client(&server, config);
        for _ in 0..3 {
            let error = client.get_token(&Call::new()).unwrap_err();
            assert_ne!(error.status(), Status::ReauthRequired, "{flaw}: {error}");
            clock.advance(PAST_EXPIRY_MS);
        }
        server.set(json!({"client_id": "f", "answer": {}}));
        echo(&client);
        assert_eq!(requests(&server, "f", "refresh_token"), 4, "{flaw}");
        assert_eq!(reuses(&server), 0, "{flaw}");
        assert_nothing_refused(&server);
    }
}

#[test]
fn the_refresh_token_of_a_flawed_first_answer_is_used_in_the_place_of_the_password() {
    for flaw in flaws() {
        let server = TestServer::start();
        register(&server, flaw.clone());
        let config = json!({
            "grant": "password", "client_id": "f", "client_secret": "s",
            "username": "me", "password": "pw",
        });
        let (client, clock) = aging_client(&server, config);
        assert!(client.get_token(&Call::new()).is_err(), "{flaw}");
        server.set(json!({"client_id": "f", "answer": {}}));
        clock.advance(PAST_EXPIRY_MS);
        echo(&client);
        assert_eq!(requests(&server, "f", "password"), 1, "{flaw}");
        assert_eq!(requests(&server, "f", "refresh_token"), 1, "{flaw}");
        assert_nothing_refused(&server);
    }
}

#[test]
fn a_new_refresh_token_in_a_201_is_used() {
    let server = TestServer::start();
    register(&server, json!({}));
    let config = json!({
        "grant": "refresh_token", "client_id": "f", "client_secret": "s",
        "refresh_token": "from elsewhere",
    });
    let (client, clock) = aging_client(&server, config);
    let body = json!({"access_token": "t", "expires_in": 3600, "refresh_token": seed(&server)});
    server.switch(json!({"fail": {"status": 201, "body": body}, "once": true}));
    let token = client.get_token(&Call::new()).unwrap();
    assert_eq!(token.access_token(), "t");
    clock.advance(PAST_EXPIRY_MS);
    echo(&client);
    assert_nothing_refused(&server);
}

#[test]
fn an_answer_of_which_nothing_can_be_read_may_have_rotated() {
    for failure in [
        json!({"status": 201}),
        json!({"status": 204}),
        json!({"status": 200, "headers": {"Content-Encoding": "gzip"}, "body": "\u{1f}"}),
    ] {
        let server = TestServer::start();
        register(&server, json!({}));
        let config = json!({
            "grant": "refresh_token", "client_id": "f", "client_secret": "s",
            "refresh_token": seed(&server),
        });
        let (client, clock) = aging_client(&server, config);
        server.switch(json!({"fail": failure}));
        for status in [Status::BadResponse, Status::ReauthRequired] {
            let error = client.get_token(&Call::new()).unwrap_err();
            assert_eq!(error.status(), status, "{failure}: {error}");
            clock.advance(PAST_BACKOFF_MS);
        }
        clock.advance(PAST_EXPIRY_MS);
        assert!(client.get_token(&Call::new()).is_err());
        assert_eq!(requests(&server, "f", "refresh_token"), 2, "{failure}");
    }
}
