//! The answer to a refresh is lost: whether the server has rotated its token
//! is then known to nobody.

use authkeep::{Call, Client, ManualClock, Status};
use serde_json::{Value, json};

use crate::support::clients::{aging_client, config};
use crate::support::server::TestServer;
use crate::{
    PAST_BACKOFF_MS, PAST_EXPIRY_MS, assert_nothing_refused, echo, requests, reuses, seed,
};

fn start(refresh: &str) -> TestServer {
    let server = TestServer::start();
    register(&server, refresh, &seed(&server));
    server
}

fn register(server: &TestServer, refresh: &str, seed: &str) {
    server.register(json!({
        "client_id": "f", "client_secret": "s", "username": "me", "password": "pw",
        "refresh": refresh, "refresh_seed": seed,
    }));
}

fn refresh_only(server: &TestServer) -> Value {
    json!({
        "grant": "refresh_token", "client_id": "f", "client_secret": "s",
        "refresh_token": seed(server),
    })
}

#[test]
fn a_password_client_gets_its_token_by_its_password_in_the_same_call() {
    let gateways = ["lose_answer", "close", "refuse"].map(|fault| json!({fault: true}));
    let gateways = gateways.into_iter().chain([
        json!({"fail": {"status": 502}}),
        json!({"fail": {"status": 504, "body": "<html>"}}),
        json!({"fail": {"status": 200, "body": "{\"access_tok"}}),
    ]);
    for mut fault in gateways {
        let server = start("rotating");
        let (client, clock) = aging_client(
            &server,
            json!({
                "grant": "password", "client_id": "f", "client_secret": "s",
                "username": "me", "password": "pw",
            }),
        );
        echo(&client);
        clock.advance(PAST_EXPIRY_MS);
        fault["grant"] = json!("refresh_token");
        fault["once"] = json!(true);
        server.switch(fault.clone());
        echo(&client);
        assert_eq!(requests(&server, "f", "refresh_token"), 1, "{fault}");
        assert_eq!(requests(&server, "f", "password"), 2, "{fault}");
        clock.advance(PAST_EXPIRY_MS);
        echo(&client);
        assert_eq!(requests(&server, "f", "refresh_token"), 2, "{fault}");
        assert_eq!(reuses(&server), 0, "{fault}");
    }
}

fn lose_one(server: &TestServer, client: &Client, clock: &ManualClock, fault: &str) {
    echo(client);
    clock.advance(PAST_EXPIRY_MS);
    server.switch(json!({fault: true, "once": true}));
    let error = client.get_token(&Call::new()).unwrap_err();
    assert_eq!(
        (error.status(), error.code()),
        (Status::Unavailable, "network.closed")
    );
    assert_eq!(
        requests(server, "f", "refresh_token"),
        2,
        "sent again by itself"
    );
    clock.advance(PAST_BACKOFF_MS);
}

#[test]
fn without_a_first_grant_there_is_one_retry_and_then_a_person_is_asked() {
    let server = start("rotating");
    let (client, clock) = aging_client(&server, refresh_only(&server));
    lose_one(&server, &client, &clock, "lose_answer");
    let error = client.get_token(&Call::new()).unwrap_err();
    assert_eq!(error.oauth_error(), Some("invalid_grant"));
    for _ in 0..3 {
        let error = client.get_token(&Call::new()).unwrap_err();
        assert_eq!(error.status(), Status::ReauthRequired, "{error}");
        clock.advance(PAST_BACKOFF_MS);
    }
    clock.advance(PAST_EXPIRY_MS);
    assert_eq!(
        client.get_token(&Call::new()).unwrap_err().status(),
        Status::ReauthRequired
    );
    assert_eq!(requests(&server, "f", "refresh_token"), 3);
}

#[test]
fn the_one_retry_succeeds_where_the_server_had_not_rotated() {
    for (refresh, fault) in [
        ("rotating", "close"),
        ("rotating", "refuse"),
        ("fixed", "lose_answer"),
    ] {
        let server = start(refresh);
        let (client, clock) = aging_client(&server, refresh_only(&server));
        lose_one(&server, &client, &clock, fault);
        echo(&client);
        clock.advance(PAST_EXPIRY_MS);
        echo(&client);
        assert_eq!(reuses(&server), 0);
        assert_nothing_refused(&server);
    }
}

#[test]
fn two_lost_answers_in_a_row_end_in_a_sign_in_and_not_in_a_third_request() {
    let server = start("rotating");
    let (client, clock) = aging_client(&server, refresh_only(&server));
    lose_one(&server, &client, &clock, "close");
    server.switch(json!({"close": true}));
    let error = client.get_token(&Call::new()).unwrap_err();
    assert_eq!(error.status(), Status::ReauthRequired);
    server.clear();
    clock.advance(PAST_EXPIRY_MS);
    client.reset();
    assert!(client.get_token(&Call::new()).is_err());
    assert_eq!(requests(&server, "f", "refresh_token"), 3);
}

#[test]
fn the_one_retry_leaves_a_slow_server_some_seconds_to_commit() {
    let server = start("rotating");
    let (client, clock) = aging_client(&server, refresh_only(&server));
    echo(&client);
    clock.advance(PAST_EXPIRY_MS);
    server.switch(json!({"fail": {"status": 504}, "once": true}));
    let error = client.get_token(&Call::new()).unwrap_err();
    let pause = error.retry_after_ms().unwrap();
    assert!((5_000..10_000).contains(&pause), "{error}");
    clock.advance(4_900);
    assert!(client.get_token(&Call::new()).is_err());
    assert_eq!(requests(&server, "f", "refresh_token"), 2);
    clock.advance(PAST_BACKOFF_MS);
    echo(&client);
    assert_eq!(requests(&server, "f", "refresh_token"), 3);
}

#[test]
fn any_number_of_lost_answers_costs_nothing_where_the_server_does_not_rotate() {
    for password in [false, true] {
        let server = start("fixed");
        let mut config = refresh_only(&server);
        if password {
            config["grant"] = json!("password");
            config["username"] = json!("me");
            config["password"] = json!("pw");
        }
        let (client, clock) = aging_client(&server, config);
        echo(&client);
        clock.advance(PAST_EXPIRY_MS);
        server.switch(json!({"fail": {"status": 502}, "times": 2}));
        server.switch(json!({"lose_answer": true, "times": 2}));
        for lost in 1..=4 {
            let error = client.get_token(&Call::new()).unwrap_err();
            assert_eq!(error.status(), Status::Unavailable, "{error}");
            assert_eq!(requests(&server, "f", "refresh_token"), 1 + lost);
            clock.advance(PAST_BACKOFF_MS);
        }
        echo(&client);
        assert_eq!(requests(&server, "f", "password"), 0);
        assert_nothing_refused(&server);
    }
}

#[test]
fn a_refresh_token_that_never_left_is_not_spent() {
    let server = start("rotating");
    let (client, clock) = aging_client(&server, refresh_only(&server));
    let (port, seed) = (server.port(), seed(&server));
    drop(server);
    for _ in 0..3 {
        let error = client.get_token(&Call::new()).unwrap_err();
        assert_eq!(
            (error.status(), error.code()),
            (Status::Unavailable, "network.refused")
        );
        clock.advance(PAST_BACKOFF_MS);
    }
    let server = TestServer::start_on(port);
    register(&server, "rotating", &seed);
    echo(&client);
    assert_eq!(requests(&server, "f", "refresh_token"), 1);
    assert_nothing_refused(&server);
}

#[test]
fn a_caller_that_leaves_during_a_refresh_loses_nothing() {
    let server = start("rotating");
    let clock = std::sync::Arc::new(ManualClock::new(1_900_000_000_000));
    let client =
        Client::with_clock(&config(&server, refresh_only(&server)), clock.clone()).unwrap();
    server.switch(json!({"answer_delay_ms": 300, "once": true}));
    let hasty = Call::new().timeout(std::time::Duration::from_millis(50));
    let error = client.get_token(&hasty).unwrap_err();
    assert_eq!(error.status(), Status::Deadline);
    echo(&client);
    assert_eq!(requests(&server, "f", "refresh_token"), 1);
    clock.advance(PAST_EXPIRY_MS);
    echo(&client);
    assert_eq!(reuses(&server), 0);
    assert_nothing_refused(&server);
}

#[test]
fn a_lost_answer_is_the_end_of_the_refresh_token_where_the_config_says_so() {
    let server = start("rotating");
    let mut more = refresh_only(&server);
    more["on_unknown_outcome"] = json!("abandon");
    let (client, clock) = aging_client(&server, more);
    echo(&client);
    clock.advance(PAST_EXPIRY_MS);
    server.switch(json!({"close": true, "once": true}));
    let error = client.get_token(&Call::new()).unwrap_err();
    assert_eq!(error.status(), Status::ReauthRequired, "{error}");
    clock.advance(PAST_EXPIRY_MS);
    assert!(client.get_token(&Call::new()).is_err());
    assert_eq!(requests(&server, "f", "refresh_token"), 2);
}

#[test]
fn a_password_client_may_send_a_refresh_token_whose_answer_was_lost_once_more() {
    let server = start("fixed");
    let (client, clock) = aging_client(
        &server,
        json!({
            "grant": "password", "client_id": "f", "client_secret": "s",
            "username": "me", "password": "pw", "on_unknown_outcome": "retry",
        }),
    );
    echo(&client);
    clock.advance(PAST_EXPIRY_MS);
    server.switch(json!({"close": true, "once": true, "grant": "refresh_token"}));
    let error = client.get_token(&Call::new()).unwrap_err();
    assert_eq!(error.status(), Status::Unavailable, "{error}");
    clock.advance(PAST_BACKOFF_MS);
    echo(&client);
    assert_eq!(requests(&server, "f", "refresh_token"), 2);
    assert_eq!(requests(&server, "f", "password"), 1);
}
