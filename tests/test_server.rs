//! The test server keeps its own rules; what other tests prove rests on them.

#![allow(clippy::expect_used, reason = "a panic is how a test fails")]

mod support;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use support::server::{Answer, TestServer};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

fn token_request(server: &TestServer, id_and_secret: &str, form: &str) -> Answer {
    let basic = format!("Basic {}", STANDARD.encode(id_and_secret));
    server.request(
        "POST",
        "/token",
        &[FORM, ("Authorization", &basic)],
        form.as_bytes(),
    )
}

fn demo_token(server: &TestServer) -> String {
    text(
        &token_request(server, "demo:demo-secret", "grant_type=client_credentials"),
        "access_token",
    )
}

fn text(answer: &Answer, member: &str) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()[member].as_str().expect("a text").to_owned()
}

fn api_status(server: &TestServer, access_token: &str) -> u16 {
    server
        .request(
            "GET",
            "/api/echo",
            &[("Authorization", &format!("Bearer {access_token}"))],
            b"",
        )
        .status
}

fn rotating_client(server: &TestServer, more: Value) {
    let mut client = json!({"client_id": "family", "client_secret": "s", "refresh": "rotating", "refresh_seed": "seed"});
    client
        .as_object_mut()
        .expect("an object")
        .extend(more.as_object().cloned().expect("an object"));
    server.register(client);
}

fn refresh(server: &TestServer, refresh_token: &str) -> Answer {
    token_request(
        server,
        "family:s",
        &format!("grant_type=refresh_token&refresh_token={refresh_token}"),
    )
}

#[test]
fn a_token_opens_the_api_and_nothing_else_does() {
    let server = TestServer::start();
    assert_eq!(api_status(&server, &demo_token(&server)), 200);
    assert_eq!(api_status(&server, "invented"), 401);
    let nothing = server.request("GET", "/api/echo", &[], b"");
    assert!(
        nothing.status == 401 && nothing.head.contains("WWW-Authenticate: Bearer"),
        "{nothing:?}"
    );

    let stats = server.client_stats("demo");
    assert_eq!(
        (
            &stats["token_requests"],
            &stats["in_flight_max"],
            &stats["api_ok"]
        ),
        (&json!(1), &json!(1), &json!(1))
    );
    let refused = server.stats()["api_401"].clone();
    assert_eq!(
        (&refused[0]["reason"], &refused[1]["reason"]),
        (&json!("unknown"), &json!("missing"))
    );
}

#[test]
fn basic_credentials_are_form_encoded_unless_the_client_is_raw() {
    let server = TestServer::start();
    server.register(json!({"client_id": "shop:1", "client_secret": "a&b c+"}));
    server.register(json!({"client_id": "raw", "client_secret": "a&b:c+%", "auth": "basic_raw"}));
    let grant = "grant_type=client_credentials";
    assert_eq!(
        token_request(&server, "shop%3A1:a%26b+c%2B", grant).status,
        200
    );
    assert_eq!(token_request(&server, "shop%3A1:a&b c+", grant).status, 401);
    assert_eq!(token_request(&server, "raw:a&b:c+%", grant).status, 200);
    assert_eq!(
        token_request(&server, "raw:a%26b%3Ac%2B%25", grant).status,
        401
    );
}

#[test]
fn credentials_in_the_wrong_place_are_refused() {
    let server = TestServer::start();
    server.register(json!({"client_id": "body", "client_secret": "s", "auth": "body"}));
    let form = b"grant_type=client_credentials&client_id=body&client_secret=s";
    assert_eq!(server.request("POST", "/token", &[FORM], form).status, 200);

    let by_header = token_request(&server, "body:s", "grant_type=client_credentials");
    assert!(
        by_header.status == 401 && by_header.head.contains("WWW-Authenticate: Basic"),
        "{by_header:?}"
    );
    let demo = b"grant_type=client_credentials&client_id=demo&client_secret=demo-secret";
    let by_body = server.request("POST", "/token", &[FORM], demo);
    assert_eq!(
        (by_body.status, &by_body.json()["error"]),
        (400, &json!("invalid_client"))
    );
}

#[test]
fn a_request_must_have_the_registered_shape() {
    let server = TestServer::start();
    server.register(json!({
        "client_id": "odd", "auth": "none", "format": "json", "username": "u", "password": "p",
        "rename": {"username": "UserName"}, "require_fields": {"tenant": "7"}, "require_headers": {"X-Key": "k"},
    }));
    let good = json!({"grant_type": "password", "client_id": "odd", "UserName": "u", "password": "p", "tenant": "7"});
    let send = |document: &Value, key: &str| {
        let headers = [("Content-Type", "application/json"), ("X-Key", key)];
        server
            .request(
                "POST",
                "/oauth/token",
                &headers,
                document.to_string().as_bytes(),
            )
            .status
    };
    let with = |member: &str, value: &str| {
        let mut other = good.clone();
        other[member] = json!(value);
        other
    };
    assert_eq!(send(&good, "k"), 200);
    assert_eq!(send(&good, "wrong"), 400);
    assert_eq!(send(&with("tenant", "8"), "k"), 400);
    assert_eq!(send(&with("username", "u"), "k"), 400);
    assert_eq!(send(&with("audience", "any"), "k"), 400);
    let twice = br#"{"grant_type": "password", "client_id": "odd", "client_id": "odd"}"#;
    assert_eq!(
        server
            .request(
                "POST",
                "/token",
                &[("Content-Type", "application/json")],
                twice
            )
            .status,
        400
    );
    assert_eq!(server.stats()["refusals"].as_array().map(Vec::len), Some(5));
}

#[test]
fn a_spent_refresh_token_takes_its_family_with_it() {
    let server = TestServer::start();
    rotating_client(&server, json!({}));
    let first = refresh(&server, "seed");
    let second = refresh(&server, &text(&first, "refresh_token"));
    assert_eq!(api_status(&server, &text(&first, "access_token")), 200);

    let reuse = refresh(&server, &text(&first, "refresh_token"));
    assert_eq!(
        (reuse.status, &reuse.json()["error"]),
        (400, &json!("invalid_grant"))
    );
    assert_eq!(
        refresh(&server, &text(&second, "refresh_token")).status,
        400
    );
    assert_eq!(api_status(&server, &text(&second, "access_token")), 401);
    assert_eq!(server.client_stats("family")["refresh_reuse_detected"], 1);
}

#[test]
fn rotation_can_kill_the_older_access_token() {
    let server = TestServer::start();
    rotating_client(&server, json!({"revoke_access_on_rotation": true}));
    let first = refresh(&server, "seed");
    let second = refresh(&server, &text(&first, "refresh_token"));
    assert_eq!(api_status(&server, &text(&first, "access_token")), 401);
    assert_eq!(api_status(&server, &text(&second, "access_token")), 200);
}

#[test]
fn a_lost_answer_has_spent_the_refresh_token() {
    let server = TestServer::start();
    rotating_client(&server, json!({}));
    server.switch(json!({"client_id": "family", "lose_answer": true, "once": true}));
    assert_eq!(refresh(&server, "seed").status, 0);
    assert_eq!(refresh(&server, "seed").status, 400);
    let stats = server.client_stats("family");
    assert_eq!(
        (&stats["issued"], &stats["refresh_reuse_detected"]),
        (&json!(1), &json!(1))
    );
}

#[test]
fn the_answer_claims_what_the_client_is_registered_with() {
    let server = TestServer::start();
    let answer = |more: Value| {
        rotating_client(&server, more);
        refresh(&server, "seed").json()
    };
    assert_eq!(answer(json!({"token_life_ms": 2000}))["expires_in"], 2);
    assert_eq!(answer(json!({"expires_in": "3600"}))["expires_in"], "3600");
    assert_eq!(
        answer(json!({"expires_in": null})).get("expires_in"),
        Some(&Value::Null)
    );
    assert_eq!(
        answer(json!({"expires_in": "absent"})).get("expires_in"),
        None
    );
    assert_eq!(
        answer(json!({"answer": {"refresh_in": 5}}))["refresh_in"],
        5
    );
    let long = answer(json!({"token_bytes": 1500}));
    assert_eq!(long["access_token"].as_str().map(str::len), Some(1500));
}

#[test]
fn a_token_without_life_has_expired() {
    let server = TestServer::start();
    server.set(json!({"client_id": "demo", "token_life_ms": 0}));
    assert_eq!(api_status(&server, &demo_token(&server)), 401);
    let reason = server.stats()["api_401"][0]["reason"]
        .as_str()
        .map(str::to_owned);
    assert!(
        reason
            .as_deref()
            .is_some_and(|reason| reason.starts_with("expired by ")),
        "{reason:?}"
    );
}

#[test]
fn revoking_spares_other_tokens() {
    let server = TestServer::start();
    let (first, second) = (demo_token(&server), demo_token(&server));
    assert_eq!(server.revoke(json!({"access_token": first})), 1);
    assert_eq!(
        (api_status(&server, &first), api_status(&server, &second)),
        (401, 200)
    );
    assert_eq!(server.revoke(json!({"client_id": "demo"})), 1);
    assert_eq!(api_status(&server, &second), 401);
}

#[test]
fn a_changed_secret_leaves_the_tokens_alive() {
    let server = TestServer::start();
    let token = demo_token(&server);
    server.set(json!({"client_id": "demo", "client_secret": "new"}));
    assert_eq!(
        token_request(&server, "demo:demo-secret", "grant_type=client_credentials").status,
        401
    );
    assert_eq!(
        token_request(&server, "demo:new", "grant_type=client_credentials").status,
        200
    );
    assert_eq!(api_status(&server, &token), 200);
}

#[test]
fn switches_take_effect_in_order_and_for_their_client_only() {
    let server = TestServer::start();
    server.register(json!({"client_id": "other", "client_secret": "s"}));
    let fail = json!({"status": 503, "headers": {"Retry-After": "7"}, "body": "down"});
    server.switch(json!({"client_id": "demo", "fail": fail, "times": 2}));
    server.switch(json!({"client_id": "demo", "close": true, "once": true}));
    server.switch(json!({"client_id": "demo", "refuse": true, "once": true}));

    let grant = "grant_type=client_credentials";
    assert_eq!(token_request(&server, "other:s", grant).status, 200);
    let down = token_request(&server, "demo:demo-secret", grant);
    assert!(
        down.status == 503 && down.head.contains("Retry-After: 7") && down.body == b"down",
        "{down:?}"
    );
    let then: Vec<u16> = (0..4)
        .map(|_| token_request(&server, "demo:demo-secret", grant).status)
        .collect();
    assert_eq!(then, [503, 0, 0, 200]);

    let outages = server.stats()["outages"].clone();
    assert_eq!(outages.as_array().map(Vec::len), Some(3));
    assert!(
        outages[2]["first_success_at_ms"].as_u64() >= outages[2]["ended_at_ms"].as_u64(),
        "{outages}"
    );
}

#[test]
fn an_api_key_opens_the_api_in_its_own_header() {
    let server = TestServer::start();
    server.register(json!({"client_id": "static", "api_key": "k", "api_key_header": "X-Api-Key"}));
    let echo = server
        .request(
            "GET",
            "/api/echo",
            &[("x-api-key", "k"), ("Authorization", "Basic eA==")],
            b"",
        )
        .json();
    assert_eq!(
        (&echo["client_id"], &echo["credential"]["header"]),
        (&json!("static"), &json!("x-api-key"))
    );
    assert_eq!(
        server
            .request("GET", "/api/echo", &[("Authorization", "k")], b"")
            .status,
        401
    );
}
