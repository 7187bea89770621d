//! Odd answers of token endpoints, as a program meets them.

use std::sync::Arc;

use authkeep::{Call, ManualClock, Status};
use serde_json::{Value, json};

use crate::support::clients::{aging_client, client, config_at, timed};
use crate::support::raw::{RawServer, answer};
use crate::support::server::TestServer;
use crate::{PAST_EXPIRY_MS, echo};

fn answering(answer: Value) -> TestServer {
    let server = TestServer::start();
    server.switch(json!({"fail": answer}));
    server
}

#[test]
fn an_answer_that_is_no_token_has_its_status_and_code() {
    use Status::{BadResponse, InvalidCredentials, TooLarge, Unavailable};
    let text = |body: &str| json!({"status": 200, "body": body});
    let deep = format!(
        "{{\"access_token\":\"t\",\"x\":{}{}}}",
        "[".repeat(20),
        "]".repeat(20)
    );
    for (answer, status, code) in [
        (text("<html>Sign in</html>"), BadResponse, "token.not_json"),
        (text(""), BadResponse, "token.not_json"),
        (text("[]"), BadResponse, "token.not_json"),
        (text(&deep), BadResponse, "token.not_json"),
        (
            text(r#"{"access_token":"a","access_token":"b"}"#),
            BadResponse,
            "token.not_json",
        ),
        (text(r#"{"token":"t"}"#), BadResponse, "token.missing"),
        (
            text(r#"{"access_token":"t\r\nX: y"}"#),
            BadResponse,
            "token.malformed",
        ),
        (
            text(r#"{"access_token":"t","token_type":"mac"}"#),
            BadResponse,
            "token.type",
        ),
        (
            text(r#"{"access_token":"t","expires_in":"soon"}"#),
            BadResponse,
            "token.expires_in",
        ),
        (
            text(r#"{"access_token":"t","error":"invalid_client"}"#),
            InvalidCredentials,
            "oauth.invalid_client",
        ),
        (
            text(&"x".repeat(1_100_000)),
            TooLarge,
            "response.body_too_large",
        ),
        (
            text(r#"{"access_token":"t","error":5}"#),
            BadResponse,
            "token.unnamed_error",
        ),
        (json!({"status": 204}), BadResponse, "token.not_json"),
        (
            json!({
                "status": 200, "headers": {"Content-Encoding": "gzip"}, "body": "\u{1f}",
            }),
            BadResponse,
            "token.not_json",
        ),
        (
            json!({"status": 404, "body": "no"}),
            BadResponse,
            "token.http_status",
        ),
        (json!({"status": 403}), InvalidCredentials, "token.refused"),
        (
            json!({"status": 500, "body": "<html>"}),
            Unavailable,
            "token.server_error",
        ),
        (json!({"status": 429}), Unavailable, "token.throttled"),
        (
            json!({"status": 503, "body": {"error": "temporarily_unavailable"}}),
            Unavailable,
            "token.throttled",
        ),
    ] {
        let server = answering(answer.clone());
        let error = client(&server, json!({}))
            .get_token(&Call::new())
            .unwrap_err();
        assert_eq!(
            (error.status(), error.code()),
            (status, code),
            "{answer}: {error}"
        );
        assert!(!error.message().contains('\n') && error.message().len() < 500);
        assert!(error.retry_after_ms().is_some(), "{answer}");
    }
}

#[test]
fn any_success_brings_a_token_and_says_what_is_wrong_with_its_body() {
    let server = answering(json!({"status": 201, "body": {"access_token": "t"}}));
    let token = client(&server, json!({})).get_token(&Call::new()).unwrap();
    assert_eq!(token.access_token(), "t");
    for (answer, named) in [
        (json!({"status": 204}), "it is empty (HTTP 204)"),
        (
            json!({"status": 200, "headers": {"Content-Encoding": "gzip"}, "body": "\u{1f}"}),
            "it is compressed (gzip), which was not asked for",
        ),
        (
            json!({"status": 200, "body": {"access_token": "t", "error": {"x": 1}}}),
            "\"error\" that is empty or no text (HTTP 200)",
        ),
    ] {
        let server = answering(answer);
        let error = client(&server, json!({})).get_token(&Call::new());
        let error = error.unwrap_err();
        assert!(error.message().contains(named), "{error}");
    }
}

#[test]
fn a_life_is_read_in_every_form_and_the_token_lives_that_long() {
    for (expires_in, life_s) in [
        (json!("3600"), 3600),
        (json!(3600.0), 3600),
        (json!(null), 300),
        (json!("absent"), 300),
        (json!(2_592_000), 86_400),
        (json!(5), 5),
    ] {
        let server = TestServer::start();
        server.register(json!({
            "client_id": "demo", "client_secret": "demo-secret", "expires_in": expires_in,
            "token_type": if life_s == 300 { "absent" } else { "bEARER" },
        }));
        let (client, clock) = aging_client(&server, json!({}));
        let token = client.get_token(&Call::new()).unwrap();
        assert_eq!(
            token.expires_at(),
            Some(1_900_000_000 + life_s),
            "{expires_in}"
        );
        clock.advance(life_s * 600);
        echo(&client);
        assert_eq!(
            server.client_stats("demo")["token_requests"],
            1,
            "{expires_in}"
        );
        clock.advance(life_s * 400);
        echo(&client);
        assert_eq!(
            server.client_stats("demo")["token_requests"],
            2,
            "{expires_in}"
        );
    }
}

#[test]
fn a_token_without_any_life_left_is_handed_out_once() {
    for expires_in in [0, -5] {
        let server = TestServer::start();
        let claim = json!({"client_id": "demo", "expires_in": expires_in});
        server.set(claim);
        let (client, _) = aging_client(&server, json!({}));
        assert_ne!(echo(&client)["token_number"], echo(&client)["token_number"]);
        assert_eq!(server.client_stats("demo")["token_requests"], 2);
    }
}

#[test]
fn a_scope_that_the_server_left_out_is_not_claimed() {
    let server = answering(json!({
        "status": 200, "body": {"access_token": "t", "expires_in": 600},
    }));
    let client = client(&server, json!({"scope": "orders unknown"}));
    assert_eq!(client.get_token(&Call::new()).unwrap().scope(), None);
}

#[test]
fn the_date_of_an_answer_changes_no_life() {
    for date in [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 2094 08:49:37 GMT",
    ] {
        let server = answering(json!({
            "status": 200, "headers": {"Date": date, "Age": "86400"},
            "body": {"access_token": "t", "expires_in": 600},
        }));
        let (client, _) = aging_client(&server, json!({}));
        let token = client.get_token(&Call::new()).unwrap();
        assert_eq!(token.expires_at(), Some(1_900_000_600), "{date}");
    }
}

#[test]
fn a_token_request_follows_no_redirect_and_names_where_it_leads() {
    let elsewhere = RawServer::silent();
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{}/token?code=canary", elsewhere.url);
        let server = answering(json!({"status": status, "headers": {"Location": location}}));
        let error = client(&server, json!({}))
            .get_token(&Call::new())
            .unwrap_err();
        assert_eq!(
            (error.status(), error.code()),
            (Status::BadResponse, "token.redirect")
        );
        assert!(error.message().contains(&elsewhere.url), "{error}");
        assert!(!error.message().contains("canary"), "{error}");
        assert_eq!(server.client_stats("demo")["token_requests"], 1);
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn a_busy_server_is_left_alone_for_as_long_as_it_asks() {
    for (header, at_least, at_most) in [
        (Some("120"), 119_000, 132_000),
        (Some("86400"), 3_599_000, 3_960_000),
        (None, 4_500, 5_500),
    ] {
        let headers = header.map_or(json!({}), |value| json!({"Retry-After": value}));
        let server = answering(json!({"status": 429, "headers": headers}));
        let (client, clock) = aging_client(&server, json!({}));
        let error = client.get_token(&Call::new()).unwrap_err();
        let wait = error.retry_after_ms().unwrap();
        assert!((at_least..=at_most).contains(&wait), "{header:?}: {wait}");
        clock.advance(i64::try_from(wait).unwrap() - 100);
        let (again, took) = timed(|| client.get_token(&Call::new()).unwrap_err());
        assert!(again.retry_after_ms().unwrap() <= 100 && took.as_millis() < 100);
        assert_eq!(server.client_stats("demo")["token_requests"], 1);
        server.clear();
        clock.advance(200);
        echo(&client);
    }
}

#[test]
fn a_passing_server_error_is_not_seen_by_the_caller() {
    let server = TestServer::start();
    server.switch(json!({"fail": {"status": 500}, "times": 2}));
    let (client, clock) = aging_client(&server, json!({}));
    echo(&client);
    assert_eq!(server.client_stats("demo")["token_requests"], 3);
    clock.advance(PAST_EXPIRY_MS);
    server.switch(json!({"close": true, "once": true}));
    echo(&client);
    assert_eq!(server.client_stats("demo")["token_requests"], 5);
}

#[test]
fn each_token_request_has_a_connection_of_its_own() {
    let server = RawServer::answering(|sent| {
        assert_eq!(sent.header("connection"), Some("close"), "{sent:?}");
        answer(200, r#"{"access_token":"t","expires_in":60}"#)
    });
    let clock = Arc::new(ManualClock::new(1_900_000_000_000));
    let config = config_at(&server.url, json!({}));
    let client = authkeep::Client::with_clock(&config, clock.clone()).unwrap();
    for _ in 0..3 {
        client.get_token(&Call::new()).unwrap();
        clock.advance(PAST_EXPIRY_MS);
    }
    assert_eq!(server.connections(), 3);
}
