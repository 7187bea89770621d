//! The reseller API, which wants headers of its own with each request.

use std::sync::{Arc, Mutex};

use authkeep::{Call, Request};
use serde_json::{Value, json};

use crate::support::programs::with;
use crate::support::raw::{RawServer, Sent, answer};
use crate::support::server::TestServer;
use crate::support::vendors::Vendor;
use crate::{client, get, message_of, refusals};

fn headers() -> Value {
    json!({"request": {"headers": {
        "IM-CorrelationID": {"generate": "uuid"},
        "IM-CustomerNumber": "20-222222",
        "IM-CountryCode": "US",
    }}})
}

#[test]
fn each_request_has_the_resellers_headers_and_an_id_of_its_own() {
    let server = TestServer::start();
    let vendor = Vendor::named("ingram-micro");
    let ingram = vendor.emulate(&server, json!({"reseller": true}));
    let (client, _clock) = client(&with(vendor.config(&server, &ingram), headers()));
    for _ in 0..3 {
        assert_eq!(get(&client, "/orders"), 200);
    }
    let mut post = Request::new("POST", "/orders").unwrap();
    post.set_json("{}").unwrap();
    for _ in 0..2 {
        assert_eq!(client.perform(&post, &Call::new()).unwrap().status(), 201);
    }
    // What is sent again after a 401 is the same request.
    ingram.change(json!({"expire_tokens": true}));
    assert_eq!(get(&client, "/orders"), 200);
    assert_eq!(ingram.stats()["token_requests"], 2);
    let refused = refusals(&ingram);
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(
        refused[0].starts_with("the access token expired"),
        "{refused:?}"
    );
}

#[test]
fn the_id_is_kept_when_a_request_is_sent_again_and_is_another_for_the_next() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (client, _clock) = client(&config_of(&answering_api(&seen)));
    assert_eq!(get(&client, "/orders"), 200);
    assert_eq!(get(&client, "/orders"), 200);
    let ids = seen.lock().unwrap().clone();
    assert_eq!(ids.len(), 3, "{ids:?}");
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[1], ids[2]);
    assert!(ids.iter().all(|id| is_uuid(id)), "{ids:?}");
}

#[test]
fn the_id_is_quoted_in_the_error_of_its_request() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let api = answering_api(&seen);
    let config = with(config_of(&api), json!({"max_response_bytes": 1}));
    let (client, _clock) = client(&config);
    let message = message_of(&client, "/orders");
    let id = seen.lock().unwrap()[0].clone();
    assert_eq!(
        message,
        format!(
            "the answer of {} is larger than 1 bytes (IM-CorrelationID {id})",
            api.url
        )
    );
}

/// Refuses the first request with a 401, and notes the id of each.
fn answering_api(seen: &Arc<Mutex<Vec<String>>>) -> RawServer {
    let seen = seen.clone();
    RawServer::answering(move |sent: &Sent| {
        if sent.target() == "/oauth/oauth30/token" {
            return answer(200, r#"{"access_token": "t", "expires_in": 2592000}"#);
        }
        let mut seen = seen.lock().unwrap();
        seen.push(sent.header("im-correlationid").unwrap_or("none").to_owned());
        match seen.len() {
            1 => answer(401, "{}"),
            _ => answer(200, "{}"),
        }
    })
}

fn config_of(api: &RawServer) -> Value {
    let base_url = format!("{}/vendors/v1", api.url);
    let config = json!({"provider": "ingram-micro", "base_url": base_url, "client_id": "i", "client_secret": "s"});
    with(config, headers())
}

fn is_uuid(id: &str) -> bool {
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12]
        && id
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}
