//! Refresh tokens: kept, used for the renewal, replaced, shared, and given up.

use std::sync::Barrier;
use std::thread;

use authkeep::{Call, Client, Status};
use serde_json::{Value, json};

use crate::support::clients::aging_client;
use crate::support::server::TestServer;
use crate::{
    PAST_BACKOFF_MS, PAST_EXPIRY_MS, assert_nothing_refused, echo, requests, reuses, seed,
};

fn register(server: &TestServer, more: Value) {
    let mut client = json!({
        "client_id": "f", "client_secret": "s", "username": "me", "password": "pw",
        "refresh": "rotating", "refresh_seed": seed(server),
    });
    let members = more.as_object().unwrap().clone();
    client.as_object_mut().unwrap().extend(members);
    server.register(client);
}

fn password_config() -> Value {
    json!({
        "grant": "password", "client_id": "f", "client_secret": "s",
        "username": "me", "password": "pw",
    })
}

fn refresh_config(seed: &str) -> Value {
    json!({
        "grant": "refresh_token", "client_id": "f", "client_secret": "s", "refresh_token": seed,
    })
}

#[test]
fn the_refresh_token_of_a_password_grant_is_used_for_every_renewal() {
    for refresh in ["rotating", "fixed"] {
        let server = TestServer::start();
        register(&server, json!({"refresh": refresh}));
        let (client, clock) = aging_client(&server, password_config());
        for _ in 0..4 {
            echo(&client);
            clock.advance(PAST_EXPIRY_MS);
        }
        assert_eq!(requests(&server, "f", "password"), 1, "{refresh}");
        assert_eq!(requests(&server, "f", "refresh_token"), 3, "{refresh}");
        assert_nothing_refused(&server);
    }
}

#[test]
fn a_seeded_password_client_starts_with_its_refresh_token() {
    let server = TestServer::start();
    register(&server, json!({}));
    let mut config = password_config();
    config["refresh_token"] = json!(seed(&server));
    let (client, _) = aging_client(&server, config);
    echo(&client);
    assert_eq!(requests(&server, "f", "password"), 0);
    assert_eq!(requests(&server, "f", "refresh_token"), 1);
}

#[test]
fn an_answer_without_a_refresh_token_keeps_the_old_one() {
    let server = TestServer::start();
    register(&server, json!({"refresh": "fixed"}));
    let (client, clock) = aging_client(&server, refresh_config(&seed(&server)));
    for _ in 0..4 {
        echo(&client);
        clock.advance(PAST_EXPIRY_MS);
    }
    assert_eq!(requests(&server, "f", "refresh_token"), 4);
    assert_nothing_refused(&server);
}

#[test]
fn a_refused_refresh_token_falls_back_to_the_password_at_once() {
    let refusals = [
        json!({"status": 400, "body": {"error": "invalid_grant"}}),
        json!({"status": 400}),
        json!({"status": 401, "body": {"errors": [{"code": "9"}]}}),
        json!({"status": 403}),
        json!({"status": 400, "body": {"error": "invalid_request"}}),
    ];
    for refusal in refusals {
        let server = TestServer::start();
        register(&server, json!({}));
        let (client, clock) = aging_client(&server, password_config());
        echo(&client);
        clock.advance(PAST_EXPIRY_MS);
        server.switch(json!({"grant": "refresh_token", "fail": refusal}));
        echo(&client);
        assert_eq!(requests(&server, "f", "refresh_token"), 1, "{refusal}");
        assert_eq!(requests(&server, "f", "password"), 2, "{refusal}");

        server.clear();
        clock.advance(PAST_EXPIRY_MS);
        echo(&client);
        assert_eq!(requests(&server, "f", "refresh_token"), 2, "{refusal}");
        assert_eq!(reuses(&server), 0, "{refusal}");
    }
}

#[test]
fn a_refused_client_keeps_its_refresh_token_and_its_password_unsent() {
    let server = TestServer::start();
    register(&server, json!({}));
    let (client, clock) = aging_client(&server, password_config());
    echo(&client);
    clock.advance(PAST_EXPIRY_MS);
    server.set(json!({"client_id": "f", "client_secret": "changed"}));
    let error = client.get_token(&Call::new()).unwrap_err();
    assert_eq!(error.code(), "oauth.invalid_client");
    server.set(json!({"client_id": "f", "client_secret": "s"}));
    client.reset();
    echo(&client);
    assert_eq!(requests(&server, "f", "password"), 1);
    assert_eq!(requests(&server, "f", "refresh_token"), 2);
}

#[test]
fn a_refused_refresh_token_without_a_first_grant_needs_a_person_and_is_never_sent_again() {
    let server = TestServer::start();
    register(&server, json!({}));
    let (client, clock) = aging_client(&server, refresh_config(&seed(&server)));
    echo(&client);
    server.revoke(json!({"client_id": "f", "kind": "refresh"}));
    clock.advance(PAST_EXPIRY_MS);

    let error = client.get_token(&Call::new()).unwrap_err();
    assert_eq!(
        (error.status(), error.code()),
        (Status::ReauthRequired, "token.sign_in")
    );
    assert_eq!(error.oauth_error(), Some("invalid_grant"));
    assert_eq!(
        error.oauth_description(),
        Some("the refresh token is not valid")
    );
    assert_eq!(error.http_status(), Some(400));
    assert!(
        error.retry_after_ms().is_some_and(|ms| ms > 30_000),
        "{error}"
    );
    assert!(error.message().contains("\"refresh_token\""), "{error}");

    for _ in 0..3 {
        clock.advance(PAST_EXPIRY_MS);
        client.reset();
        let again = client.get("/echo", &Call::new()).unwrap_err();
        assert_eq!(again.status(), Status::ReauthRequired);
    }
    assert_eq!(requests(&server, "f", "refresh_token"), 2);
    assert_eq!(reuses(&server), 0);
}

#[test]
fn a_new_refresh_token_in_its_place_is_taken_up_after_a_person_has_signed_in() {
    let server = TestServer::start();
    register(&server, json!({}));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("refresh-token");
    std::fs::write(&file, "outdated").unwrap();
    let mut config = refresh_config("");
    config["refresh_token"] = json!({"file": file});
    let (client, _) = aging_client(&server, config);
    let error = client.get_token(&Call::new()).unwrap_err();
    assert_eq!(error.status(), Status::ReauthRequired);
    assert!(error.message().contains("refresh-token"), "{error}");
    std::fs::write(&file, seed(&server)).unwrap();
    client.reset();
    echo(&client);
}

#[test]
fn clients_that_share_a_refresh_token_never_spend_it_twice() {
    let server = TestServer::start();
    register(&server, json!({"scope": "a b"}));
    server.switch(json!({"answer_delay_ms": 30}));
    let clients: Vec<_> = ["a", "b"]
        .iter()
        .map(|scope| {
            let mut config = refresh_config(&seed(&server));
            config["scope"] = json!(scope);
            aging_client(&server, config)
        })
        .collect();
    for round in 1..=4 {
        at_once(8, |index| {
            echo(&clients[index % 2].0);
        });
        for (_, clock) in &clients {
            clock.advance(PAST_EXPIRY_MS);
        }
        assert_eq!(requests(&server, "f", "refresh_token"), 2 * round);
    }
    assert_eq!(server.client_stats("f")["in_flight_max"], 1);
    assert_eq!(reuses(&server), 0);
    assert_nothing_refused(&server);
}

#[test]
fn threads_at_an_expiry_spend_one_refresh_token() {
    let server = TestServer::start();
    register(&server, json!({"revoke_access_on_rotation": true}));
    let (client, clock) = aging_client(&server, refresh_config(&seed(&server)));
    let clones: Vec<Client> = (0..16).map(|_| client.clone()).collect();
    for round in 1..=5 {
        at_once(16, |index| {
            echo(&clones[index]);
        });
        clock.advance(PAST_EXPIRY_MS);
        assert_eq!(requests(&server, "f", "refresh_token"), round);
    }
    assert_eq!(reuses(&server), 0);
}

#[test]
fn a_server_error_leaves_the_refresh_token_for_the_next_flight() {
    let server = TestServer::start();
    register(&server, json!({}));
    let (client, clock) = aging_client(&server, refresh_config(&seed(&server)));
    echo(&client);
    clock.advance(PAST_EXPIRY_MS);
    server.switch(json!({"fail": {"status": 500}, "once": true}));
    let error = client.get_token(&Call::new()).unwrap_err();
    assert_eq!(
        (error.status(), error.http_status()),
        (Status::Unavailable, Some(500))
    );
    assert_eq!(
        requests(&server, "f", "refresh_token"),
        2,
        "sent again by itself"
    );
    clock.advance(PAST_BACKOFF_MS);
    echo(&client);
    assert_eq!(reuses(&server), 0);
    assert_nothing_refused(&server);
}

/// Runs `work` on so many threads that begin together.
fn at_once(threads: usize, work: impl Fn(usize) + Sync) {
    let barrier = Barrier::new(threads);
    thread::scope(|scope| {
        for index in 0..threads {
            let (barrier, work) = (&barrier, &work);
            scope.spawn(move || {
                barrier.wait();
                work(index);
            });
        }
    });
}
