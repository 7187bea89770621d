//! The static API key: any header, any scheme, and no token request ever.

use authkeep::{Call, Status};
use serde_json::{Value, json};

use crate::support::clients::{aging_client, client};
use crate::support::server::TestServer;
use crate::{PAST_EXPIRY_MS, echo};

fn key_config(more: Value) -> Value {
    let mut config = json!({
        "grant": "api_key", "token_endpoint": null, "client_id": null, "client_secret": null,
    });
    let members = more.as_object().unwrap().clone();
    config.as_object_mut().unwrap().extend(members);
    config
}

#[test]
fn a_key_goes_into_any_header_behind_any_scheme() {
    let server = TestServer::start();
    for (header, scheme) in [
        ("Authorization", ""),
        ("Authorization", "ApiKey"),
        ("X-Api-Key", ""),
        ("x-shop-auth", "Token"),
    ] {
        let key = format!("key/{header}+{scheme}=");
        server.register(json!({
            "client_id": key, "api_key": key, "api_key_header": header, "api_key_scheme": scheme,
        }));
        let config = key_config(json!({
            "api_key": key, "credential": {"header": header, "scheme": scheme},
        }));
        let seen = echo(&client(&server, config));
        assert_eq!(seen["client_id"], json!(key));
        assert_eq!(seen["credential"]["scheme"], scheme);
    }
    assert_eq!(server.stats()["total"]["token_requests"], 0);
}

#[test]
fn a_key_is_a_token_that_does_not_expire() {
    let server = TestServer::start();
    let (client, clock) = aging_client(&server, key_config(json!({"api_key": "k-1"})));
    clock.advance(400 * 24 * 3_600_000);
    let token = client.get_token(&Call::new()).unwrap();
    assert_eq!((token.access_token(), token.token_type()), ("k-1", ""));
    assert_eq!((token.expires_at(), token.scope()), (None, None));
}

#[test]
fn a_key_that_was_changed_in_its_file_is_taken_up() {
    let server = TestServer::start();
    server.register(json!({"client_id": "k", "api_key": "first"}));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "first\n").unwrap();
    let config = key_config(json!({"api_key": {"file": file}}));
    let (client, clock) = aging_client(&server, config);
    echo(&client);
    server.set(json!({"client_id": "k", "api_key": "second"}));
    std::fs::write(&file, "second\n").unwrap();
    clock.advance(PAST_EXPIRY_MS);
    assert_eq!(echo(&client)["client_id"], "k");
    assert_eq!(server.stats()["total"]["api_401"], 0);
}

#[test]
fn a_refused_key_is_returned_as_the_401_and_asked_for_once() {
    let server = TestServer::start();
    let config = key_config(json!({"api_key": "wrong", "renew_on": [401, 403]}));
    let response = client(&server, config).get("/echo", &Call::new()).unwrap();
    assert_eq!(response.status(), 401);
    let total = server.stats()["total"].clone();
    assert_eq!(
        (&total["api_requests"], &total["token_requests"]),
        (&json!(1), &json!(0))
    );
}

#[test]
fn without_its_key_nothing_is_sent() {
    let server = TestServer::start();
    let config = key_config(json!({"api_key": {"file": "/nonexistent/authkeep/key"}}));
    let error = client(&server, config)
        .get("/echo", &Call::new())
        .unwrap_err();
    assert_eq!(
        (error.status(), error.code()),
        (Status::InvalidConfig, "secret.file")
    );
    assert_eq!(server.stats()["total"]["api_requests"], 0);
}
