//! A cancelled call ends within 250 ms, wherever it waits.

use std::thread;
use std::time::{Duration, Instant};

use authkeep::{Call, Client, Request, Status};
use serde_json::json;

use crate::deadlines::FullListener;
use crate::shown;
use crate::support::clients::{TOLERANCE, cancel_after, client, config_at, key_client};
use crate::support::raw::RawServer;
use crate::support::server::TestServer;

/// Performs `request` and cancels it while it waits.
fn ends_soon(client: &Client, request: &Request) {
    let call = Call::new();
    let cancelling = cancel_after(&call, Duration::from_millis(200));
    let error = client.perform(request, &call).unwrap_err();
    let ended = Instant::now();
    let took = ended.checked_duration_since(cancelling.join().unwrap());
    assert_eq!(
        (error.status(), error.code()),
        (Status::Cancelled, "call.cancelled"),
        "{error}"
    );
    assert!(took.is_some_and(|took| took < TOLERANCE), "{took:?}");
}

fn get() -> Request {
    Request::new("GET", "/echo").unwrap()
}

#[test]
fn a_call_that_waits_for_a_connection_can_be_cancelled() {
    let full = FullListener::new();
    ends_soon(&key_client(&full.url, json!({})), &get());
}

#[test]
fn a_call_that_waits_for_a_tls_handshake_can_be_cancelled() {
    let server = RawServer::silent();
    ends_soon(&key_client(&server.https_url(), json!({})), &get());
}

#[test]
fn a_call_that_waits_for_a_token_can_be_cancelled() {
    let server = RawServer::silent();
    let client = Client::new(&config_at(&server.url, json!({}))).unwrap();
    ends_soon(&client, &get());
}

#[test]
fn a_call_that_waits_for_an_answer_can_be_cancelled() {
    ends_soon(&key_client(&RawServer::silent().url, json!({})), &get());
}

#[test]
fn a_call_that_waits_to_send_can_be_cancelled() {
    let server = RawServer::start(|_, _| {
        thread::sleep(Duration::from_secs(5));
        Ok(())
    });
    let mut upload = Request::new("PUT", "/").unwrap();
    upload.set_body(&vec![b'x'; 32_000_000], None).unwrap();
    ends_soon(&key_client(&server.url, json!({})), &upload);
}

#[test]
fn a_call_that_waits_for_a_renewal_after_a_401_can_be_cancelled() {
    let server = TestServer::start();
    let client = client(&server, json!({}));
    client.get_token(&Call::new()).unwrap();
    server.revoke(json!({"client_id": "demo", "kind": "access"}));
    server.switch(json!({"answer_delay_ms": 1500, "once": true}));
    ends_soon(&client, &get());
    shown(&client, &get());
}

#[test]
fn a_call_that_was_cancelled_beforehand_sends_nothing() {
    let server = RawServer::silent();
    let call = Call::new();
    call.cancel();
    for client in [
        key_client(&server.url, json!({})),
        Client::new(&config_at(&server.url, json!({}))).unwrap(),
    ] {
        for _ in 0..2 {
            assert_eq!(
                client.perform(&get(), &call).unwrap_err().status(),
                Status::Cancelled
            );
            assert_eq!(
                client.get_token(&call).unwrap_err().status(),
                Status::Cancelled
            );
        }
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn one_callers_cancellation_is_not_felt_by_the_others() {
    let server = TestServer::start();
    let client = client(&server, json!({}));
    server.switch(json!({"answer_delay_ms": 500, "once": true}));
    thread::scope(|scope| {
        scope.spawn(|| ends_soon(&client, &get()));
        for _ in 0..4 {
            scope.spawn(|| shown(&client, &get()));
        }
    });
    assert_eq!(server.client_stats("demo")["token_requests"], 1);
}
