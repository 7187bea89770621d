//! A 401 concerns the token that was sent: one renewal, one retry.

use std::io::Write;
use std::sync::mpsc::channel;
use std::sync::{Barrier, Mutex};
use std::thread;

use authkeep::{Call, Client, Request, Status};
use serde_json::json;

use crate::shown;
use crate::support::clients::{TOLERANCE, client, config, timed};
use crate::support::raw::{RawServer, answer, read_request};
use crate::support::server::TestServer;

fn counts(server: &TestServer) -> (u64, u64) {
    let stats = server.client_stats("demo");
    let count = |name: &str| stats[name].as_u64().unwrap();
    (count("token_requests"), count("api_requests"))
}

fn revoke(server: &TestServer) {
    assert!(server.revoke(json!({"client_id": "demo", "kind": "access"})) > 0);
}

#[test]
fn a_401_renews_the_token_and_sends_the_whole_request_again_once() {
    let server = TestServer::start();
    let client = client(&server, json!({}));
    client.get_token(&Call::new()).unwrap();
    let body = "x".repeat(300_000);
    revoke(&server);
    let mut request = Request::new("POST", "/echo").unwrap();
    request.add_query("q", "1");
    request
        .set_body(body.as_bytes(), Some("text/plain"))
        .unwrap();
    let seen = shown(&client, &request);
    assert!(seen["body"].as_str() == Some(&body));
    assert_eq!(
        (&seen["method"], &seen["query"]),
        (&json!("POST"), &json!("q=1"))
    );
    assert_eq!(seen["headers"]["content-type"], "text/plain");
    assert_eq!(counts(&server), (2, 2));
}

#[test]
fn an_api_that_refuses_every_token_gets_its_401_back_after_one_renewal() {
    let server = TestServer::start();
    let client = client(&server, json!({}));
    server.switch(json!({"where": "api", "fail": {"status": 401, "body": "no"}}));
    for round in 0..20 {
        let response = client.get("/echo", &Call::new()).unwrap();
        assert_eq!((response.status(), response.text().as_ref()), (401, "no"));
        assert_eq!(counts(&server), (2, 2 + round));
    }
}

#[test]
fn many_threads_with_a_revoked_token_make_one_renewal() {
    let server = TestServer::start();
    let client = client(&server, json!({}));
    client.get_token(&Call::new()).unwrap();
    revoke(&server);
    server.switch(json!({"delay_ms": 50}));
    let barrier = Barrier::new(16);
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                barrier.wait();
                shown(&client, &Request::new("POST", "/echo").unwrap());
            });
        }
    });
    assert_eq!(counts(&server).0, 2);
}

#[test]
fn a_late_401_of_an_old_token_does_not_end_the_newer_one() {
    let server = TestServer::start();
    let (go_on, may_go_on) = channel::<()>();
    let (arrived, has_arrived) = channel::<()>();
    let may_go_on = Mutex::new(may_go_on);
    let first_token = Mutex::new(None::<String>);
    let api = RawServer::start(move |stream, _| {
        while let Some(sent) = read_request(stream)? {
            let token = sent.header("authorization").unwrap_or_default().to_owned();
            let is_first = *first_token.lock().unwrap().get_or_insert(token.clone()) == token;
            if is_first && sent.target() == "/late" {
                let _ = arrived.send(());
                let _ = may_go_on.lock().unwrap().recv();
            }
            stream.write_all(&answer(if is_first { 401 } else { 200 }, &token))?;
        }
        Ok(())
    });
    let client = Client::new(&config(&server, json!({"base_url": api.url}))).unwrap();
    let (late, newer) = thread::scope(|scope| {
        let late = scope.spawn(|| client.get("/late", &Call::new()).unwrap());
        has_arrived.recv().unwrap();
        let newer = client.get("/quick", &Call::new()).unwrap();
        go_on.send(()).unwrap();
        (late.join().unwrap(), newer)
    });
    assert_eq!((late.status(), newer.status()), (200, 200));
    assert_eq!(late.text(), newer.text());
    assert_eq!(server.client_stats("demo")["token_requests"], 2);
}

#[test]
fn a_403_renews_only_where_the_config_says_so() {
    for (renew_on, status, renews) in [
        (json!([401]), 403, false),
        (json!([401, 403]), 403, true),
        (json!([403]), 401, false),
        (json!([]), 401, false),
        (json!([401, 403]), 404, false),
    ] {
        let server = TestServer::start();
        let client = client(&server, json!({"renew_on": renew_on}));
        server.switch(json!({"where": "api", "fail": {"status": status}, "once": true}));
        let response = client.get("/echo", &Call::new()).unwrap();
        let expected = if renews {
            (200, (2, 2))
        } else {
            (status, (1, 1))
        };
        assert_eq!(
            (response.status(), counts(&server)),
            expected,
            "{renew_on} {status}"
        );
    }
}

#[test]
fn without_a_token_the_request_is_not_sent() {
    let server = TestServer::start();
    let refused = client(&server, json!({"client_secret": "wrong"}));
    let error = refused.get("/echo", &Call::new()).unwrap_err();
    assert_eq!(error.status(), Status::InvalidCredentials);
    server.switch(json!({"fail": {"status": 500}}));
    let error = client(&server, json!({}))
        .get("/echo", &Call::new())
        .unwrap_err();
    assert_eq!(error.status(), Status::Unavailable);
    assert_eq!(server.stats()["total"]["api_requests"], 0);
}

#[test]
fn a_401_whose_renewal_fails_is_returned_as_it_is() {
    let server = TestServer::start();
    let client = client(&server, json!({}));
    client.get_token(&Call::new()).unwrap();
    revoke(&server);
    server.switch(json!({"fail": {"status": 500}}));
    let response = client.get("/echo", &Call::new()).unwrap();
    assert_eq!(response.status(), 401);
    assert!(response.text().contains("revoked"));
    assert_eq!(
        counts(&server),
        (2, 1),
        "a renewal of a refused token is one request"
    );
}

#[test]
fn a_401_whose_renewal_outlasts_the_deadline_ends_by_the_deadline() {
    let server = TestServer::start();
    let client = client(&server, json!({}));
    client.get_token(&Call::new()).unwrap();
    revoke(&server);
    server.switch(json!({"answer_delay_ms": 1500, "once": true}));
    let call = Call::new().timeout(std::time::Duration::from_millis(300));
    let (response, took) = timed(|| client.get("/echo", &call).unwrap());
    assert_eq!(response.status(), 401);
    assert!(
        took < std::time::Duration::from_millis(300) + TOLERANCE,
        "{took:?}"
    );
    let seen = shown(&client, &Request::new("GET", "/echo").unwrap());
    assert_eq!(seen["client_id"], "demo");
    assert_eq!(
        counts(&server).0,
        2,
        "the renewal went on for the next caller"
    );
}
