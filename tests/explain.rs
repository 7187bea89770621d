//! What a client tells about itself: the explanation and the log.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use authkeep::{Call, Client, LogLevel};
use serde_json::{Value, json};

use support::clients::{aging_client, client};
use support::server::TestServer;

const PAGE: &str = include_str!("../docs/explain.md");

fn explained(client: &Client) -> Value {
    serde_json::from_str(&client.explain(&Call::new())).unwrap()
}

/// What a client tells at a level, as it is told.
fn listen(client: &Client, level: LogLevel) -> Arc<Mutex<Vec<String>>> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let to = told.clone();
    client.set_log(level, move |level, text| {
        to.lock().unwrap().push(format!("{level:?}: {text}"));
    });
    told
}

#[test]
fn each_member_is_explained_and_no_other() {
    let server = TestServer::start();
    let (client, clock) = aging_client(&server, json!({}));
    client.get_token(&Call::new()).unwrap();
    server.switch(json!({"fail": {"status": 400, "body": {"error": "invalid_client"}}}));
    clock.advance(3_500_000);
    client.get_token(&Call::new()).unwrap();
    while explained(&client)["failure"].is_null() {
        std::thread::yield_now();
    }
    let told = explained(&client);
    let mut members = BTreeSet::new();
    for (name, value) in told.as_object().unwrap() {
        members.insert(name.clone());
        if let ("token" | "failure" | "counters", Value::Object(inner)) = (name.as_str(), value) {
            members.extend(inner.keys().map(|inner| format!("{name}.{inner}")));
        }
    }
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| `"));
    let page: BTreeSet<String> = rows
        .filter_map(|row| row.split('`').next())
        .filter(|word| !word.contains('(') && !word.starts_with("Client"))
        .filter(|word| !word.starts_with("authkeep_") && !word.starts_with("logging"))
        .map(str::to_owned)
        .collect();
    assert_eq!(page, members);
}

#[test]
fn an_explanation_tells_what_a_call_would_get_and_does_nothing() {
    let server = TestServer::start();
    let (client, clock) = aging_client(&server, json!({}));
    let would = |client: &Client| explained(client)["a_call_would"].clone();
    assert_eq!(would(&client), "request");
    assert_eq!(server.stats()["total"]["token_requests"], 0);
    client.get_token(&Call::new()).unwrap();
    assert_eq!(would(&client), "serve");
    assert_eq!(explained(&client)["breaker"], "closed");
    clock.advance(3_400_000);
    assert_eq!(would(&client), "serve_and_renew");
    server.switch(json!({"fail": {"status": 401, "body": {"error": "invalid_client"}}}));
    clock.advance(400_000);
    assert_eq!(would(&client), "request");
    let error = client.get_token(&Call::new()).unwrap_err();
    let told = explained(&client);
    assert_eq!(told["a_call_would"], "fail");
    assert_eq!(told["breaker"], "open");
    assert_eq!(told["error"]["code"], error.code());
    assert_eq!(told["failure"]["kind"], "definitive");
    assert_eq!(told["error"]["retry_after_ms"], 60_000);
    clock.advance(60_000);
    assert_eq!(explained(&client)["breaker"], "half_open");
    assert_eq!(server.stats()["total"]["token_requests"], 2);
}

#[test]
fn what_happens_is_counted() {
    let server = TestServer::start();
    let (client, clock) = aging_client(&server, json!({}));
    client.get_token(&Call::new()).unwrap();
    for _ in 0..10 {
        client.get_token(&Call::new()).unwrap();
    }
    server.revoke(json!({"client_id": "demo", "kind": "access"}));
    client.get("/echo", &Call::new()).unwrap();
    let counters = client.counters();
    assert_eq!((counters.waits, counters.token_requests), (1, 2));
    assert_eq!((counters.hits, counters.replays), (11, 1));
    server.switch(json!({"fail": {"status": 503}}));
    clock.advance(2_000);
    client.forget();
    client.get_token(&Call::new()).unwrap_err();
    client.get_token(&Call::new()).unwrap_err();
    let counters = client.counters();
    assert_eq!((counters.failures_throttled, counters.suppressed), (1, 1));
    let told = explained(&client);
    assert_eq!(told["counters"]["hits"], 11);
}

#[test]
fn an_api_that_ends_tokens_early_teaches_how_long_they_live() {
    let server = TestServer::start();
    let (client, clock) = aging_client(&server, json!({}));
    for _ in 0..2 {
        client.get("/echo", &Call::new()).unwrap();
        clock.advance(600_000);
        server.revoke(json!({"client_id": "demo", "kind": "access"}));
        assert_eq!(client.get("/echo", &Call::new()).unwrap().status(), 200);
    }
    let token = &explained(&client)["token"];
    assert_eq!(token["claimed_life_ms"], 3_600_000);
    assert_eq!(token["effective_life_ms"], 600_000);
    clock.advance(500_000);
    assert_eq!(explained(&client)["a_call_would"], "serve_and_renew");
}

#[test]
fn an_api_that_refuses_every_token_teaches_nothing() {
    let server = TestServer::start();
    let (client, clock) = aging_client(&server, json!({}));
    server.switch(json!({"where": "api", "fail": {"status": 401}}));
    for _ in 0..10 {
        assert_eq!(client.get("/echo", &Call::new()).unwrap().status(), 401);
        clock.advance(100_000);
    }
    assert_eq!(explained(&client)["token"]["learned_life_ms"], Value::Null);
}

#[test]
fn a_listener_is_told_of_each_thing_once_on_the_thread_of_a_call() {
    let server = TestServer::start();
    let client = client(&server, json!({}));
    let told = listen(&client, LogLevel::Debug);
    let here = std::thread::current().id();
    client.set_log(LogLevel::Debug, {
        let told = told.clone();
        move |level, text| {
            assert_eq!(std::thread::current().id(), here);
            told.lock().unwrap().push(format!("{level:?}: {text}"));
        }
    });
    client.get("/echo?key=hidden", &Call::new()).unwrap();
    client.get_token(&Call::new()).unwrap();
    client.reset();
    client.forget();
    let told = told.lock().unwrap().join("\n");
    for expected in [
        "Debug: 127.0.0.1: a token is requested",
        "Info: 127.0.0.1: a token was issued, which expires in 3600 s",
        "/echo: HTTP 200",
        "Info: 127.0.0.1: failures were forgotten (reset)",
        "Info: 127.0.0.1: what was issued was forgotten (forget)",
    ] {
        assert_eq!(told.matches(expected).count(), 1, "{expected} in\n{told}");
    }
    assert!(!told.contains("hidden"));
}

#[test]
fn a_failure_is_a_warning_with_when_the_next_attempt_is_made() {
    let server = TestServer::start();
    let client = client(&server, json!({"client_secret": "wrong"}));
    let told = listen(&client, LogLevel::Warning);
    client.get_token(&Call::new()).unwrap_err();
    client.clear_log();
    client.reset();
    client.get_token(&Call::new()).unwrap_err();
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("no further attempt for 60 s"), "{told:?}");
}
