//! Refused token requests (RFC 6749 §5.2): status, code, description, and no
//! second attempt with the same credentials.

use authkeep::{Call, Error, Status};
use serde_json::{Value, json};

use crate::support::clients::{aging_client, client};
use crate::support::server::TestServer;
use crate::{PAST_EXPIRY_MS, echo};

struct Case {
    registered: Value,
    config: Value,
    status: Status,
    oauth_error: &'static str,
    http_status: u16,
    named: &'static str,
}

fn case(
    registered: Value,
    config: Value,
    (status, oauth_error, http_status): (Status, &'static str, u16),
    named: &'static str,
) -> Case {
    Case {
        registered,
        config,
        status,
        oauth_error,
        http_status,
        named,
    }
}

fn cases() -> Vec<Case> {
    use Status::{InvalidConfig, InvalidCredentials};
    let password = json!({"grant": "password", "username": "me", "password": "wrong-pw"});
    vec![
        case(
            json!({}),
            json!({"client_secret": "wrong-secret"}),
            (InvalidCredentials, "invalid_client", 401),
            "\"client_secret\"",
        ),
        case(
            json!({"auth": "body"}),
            json!({"client_secret": "wrong-secret", "client_auth": "body"}),
            (InvalidCredentials, "invalid_client", 400),
            "\"client_secret\"",
        ),
        case(
            json!({"auth": "basic_raw", "client_secret": "s "}),
            json!({"client_secret": "s "}),
            (InvalidCredentials, "invalid_client", 401),
            "\"client_auth\"",
        ),
        case(
            json!({"username": "me", "password": "pw"}),
            password,
            (InvalidCredentials, "invalid_grant", 400),
            "\"password\"",
        ),
        case(
            json!({"grants": ["password"]}),
            json!({}),
            (InvalidCredentials, "unauthorized_client", 400),
            "\"grant\"",
        ),
        case(
            json!({"scope": "a"}),
            json!({"scope": "a admin"}),
            (InvalidConfig, "invalid_scope", 400),
            "\"scope\"",
        ),
        case(
            json!({}),
            json!({"token_request": {"fields": {"grant_type": "invented"}}}),
            (InvalidConfig, "unsupported_grant_type", 400),
            "\"grant\"",
        ),
        case(
            json!({"format": "json"}),
            json!({}),
            (InvalidConfig, "invalid_request", 400),
            "\"token_request\"",
        ),
    ]
}

#[test]
fn each_refusal_has_its_status_its_code_and_its_description_and_is_not_repeated() {
    for case in cases() {
        let server = TestServer::start();
        let mut registered = json!({"client_id": "c", "client_secret": "s"});
        let members = case.registered.as_object().unwrap().clone();
        registered.as_object_mut().unwrap().extend(members);
        server.register(registered);
        let mut config = json!({"client_id": "c", "client_secret": "s"});
        let members = case.config.as_object().unwrap().clone();
        config.as_object_mut().unwrap().extend(members);
        let client = client(&server, config);

        let error = client.get_token(&Call::new()).unwrap_err();
        let reason = server.stats()["refusals"][0]["reason"].clone();
        assert_eq!(error.status(), case.status, "{error}");
        assert_eq!(error.code(), format!("oauth.{}", case.oauth_error));
        assert_eq!(error.oauth_error(), Some(case.oauth_error));
        assert_eq!(error.oauth_description(), reason.as_str());
        assert_eq!(error.http_status(), Some(case.http_status));
        // A password is not tried again by itself.
        let is_password = case.oauth_error == "invalid_grant";
        let pause_ms = (!is_password).then_some(60_000);
        assert_eq!(error.retry_after_ms(), pause_ms, "{error}");
        assert!(error.message().contains(case.named), "{error}");
        assert!(!error.message().contains('\n') && !error.message().contains("wrong-"));

        for _ in 0..5 {
            let again = client.get("/echo", &Call::new()).unwrap_err();
            assert_eq!(again.code(), error.code());
        }
        assert_eq!(server.client_stats("c")["token_requests"], 1, "{error}");
        assert_eq!(server.stats()["total"]["api_requests"], 0);
    }
}

#[test]
fn a_mended_secret_in_a_file_is_taken_up_at_once() {
    let server = TestServer::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "wrong").unwrap();
    let client = client(&server, json!({"client_secret": {"file": file}}));
    let error = client.get_token(&Call::new()).unwrap_err();
    assert!(
        error.message().contains(&file.display().to_string()),
        "{error}"
    );
    std::fs::write(&file, "demo-secret").unwrap();
    echo(&client);
    assert_eq!(server.client_stats("demo")["token_requests"], 2);
}

#[test]
fn a_secret_that_appears_in_its_file_is_taken_up_at_once() {
    let server = TestServer::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let client = client(&server, json!({"client_secret": {"file": file}}));
    let error = client.get_token(&Call::new()).unwrap_err();
    assert_eq!(error.code(), "secret.file");
    std::fs::write(&file, "demo-secret").unwrap();
    echo(&client);
    assert_eq!(server.client_stats("demo")["token_requests"], 1);
}

#[test]
fn a_password_that_was_refused_is_not_sent_again_until_it_is_another() {
    let server = TestServer::start();
    server.register(json!({"client_id": "p", "client_secret": "s",
        "username": "me", "password": "right"}));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "wrong").unwrap();
    let (client, clock) = aging_client(
        &server,
        json!({"client_id": "p", "client_secret": "s", "grant": "password", "username": "me",
            "password": {"file": file}}),
    );
    for _ in 0..50 {
        let error = client.get_token(&Call::new()).unwrap_err();
        assert_eq!(error.code(), "oauth.invalid_grant");
        clock.advance(3_600_000);
    }
    assert_eq!(server.client_stats("p")["token_requests"], 1);
    std::fs::write(&file, "right").unwrap();
    echo(&client);
}

#[test]
fn credentials_that_were_refused_for_one_scope_are_not_sent_for_another() {
    let server = TestServer::start();
    let wrong = |scope: &str| json!({"client_secret": "wrong", "scope": scope});
    let (first, clock) = aging_client(&server, wrong("a"));
    assert!(first.get_token(&Call::new()).is_err());
    let clients = ["b", "c", "d"].map(|scope| aging_client(&server, wrong(scope)).0);
    for client in &clients {
        let error = client.get_token(&Call::new()).unwrap_err();
        assert_eq!(error.code(), "oauth.invalid_client");
    }
    assert_eq!(server.client_stats("demo")["token_requests"], 1);
    let right = aging_client(&server, json!({"scope": "a"})).0;
    echo(&right);
    clients[0].reset();
    assert!(clients[0].get_token(&Call::new()).is_err());
    assert_eq!(server.client_stats("demo")["token_requests"], 3);
    clock.advance(60_000);
    assert!(first.get_token(&Call::new()).is_err());
    assert_eq!(server.client_stats("demo")["token_requests"], 4);
}

#[test]
fn a_reset_before_the_first_call_lets_credentials_be_sent_again() {
    let server = TestServer::start();
    let wrong = |scope: &str| json!({"client_secret": "wrong", "scope": scope});
    let first = aging_client(&server, wrong("a")).0;
    assert!(first.get_token(&Call::new()).is_err());
    let second = aging_client(&server, wrong("b")).0;
    second.reset();
    assert!(second.get_token(&Call::new()).is_err());
    assert_eq!(server.client_stats("demo")["token_requests"], 2);
}

#[test]
fn a_mended_secret_of_a_command_works_after_a_reset() {
    let server = TestServer::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "wrong").unwrap();
    let command = match cfg!(windows) {
        true => json!(["cmd", "/c", "type", file]),
        false => json!(["cat", file]),
    };
    let client = client(&server, json!({"client_secret": {"command": command}}));
    assert!(client.get_token(&Call::new()).is_err());
    std::fs::write(&file, "demo-secret").unwrap();
    assert!(
        client.get_token(&Call::new()).is_err(),
        "it is not run for that"
    );
    client.reset();
    echo(&client);
    assert_eq!(server.client_stats("demo")["token_requests"], 2);
}

#[test]
fn a_refusal_is_tried_again_after_its_pause() {
    let server = TestServer::start();
    server.set(json!({"client_id": "demo", "client_secret": "changed"}));
    let (client, clock) = aging_client(&server, json!({}));
    assert!(client.get_token(&Call::new()).is_err());
    server.set(json!({"client_id": "demo", "client_secret": "demo-secret"}));
    clock.advance(59_000);
    assert!(client.get_token(&Call::new()).is_err());
    clock.advance(1_001);
    echo(&client);
}

#[test]
fn a_failed_renewal_leaves_the_valid_token_in_use() {
    let server = TestServer::start();
    let (client, clock) = aging_client(&server, json!({}));
    let first = echo(&client)["token_number"].clone();
    server.switch(json!({"fail": {"status": 400, "body": {"error": "invalid_client"}}}));
    clock.advance(3_400_000);
    for _ in 0..10 {
        assert_eq!(echo(&client)["token_number"], first);
    }
    clock.advance(PAST_EXPIRY_MS);
    assert!(client.get_token(&Call::new()).is_err());
}

fn echoing(body: Value) -> Error {
    let server = TestServer::start();
    server.switch(json!({"fail": {"status": 400, "body": body}}));
    let config = json!({
        "client_secret": "canary s/ecret+é",
        "token_request": {"fields": {"pin": "canary-pin", "pin-2": "canary-pin-longer"}},
    });
    client(&server, config).get_token(&Call::new()).unwrap_err()
}

fn assert_no_canary(error: &Error) {
    let description = error.oauth_description().unwrap_or_default();
    let code = error.oauth_error().unwrap_or_default();
    let text = format!("{error:?} {} {description} {code}", error.message());
    for trace in ["canary", "/ecret", "fecret", "longer", "ZGVtbzpj"] {
        assert!(!text.contains(trace), "{trace} in {text}");
    }
}

#[test]
fn a_description_that_echoes_a_secret_is_withheld_in_every_encoding_that_was_sent() {
    for echoed in [
        "canary s/ecret+é",
        "canary%20s%2Fecret%2B%C3%A9",
        "canary+s%2Fecret%2B%C3%A9",
        "canary+s%2fecret%2b%c3%a9",
        "Basic ZGVtbzpjYW5hcnkrcyUyRmVjcmV0JTJCJUMzJUE5",
        "canary-pin",
        "canary-pin-longer",
        "pin=canary-pin&pin-2=canary-pin-longer",
        "Basic ZGVtbzpjYW5hcnkgcy9lY3JldCvDqQ, decoded",
        "canary s\\/ecret+\\u00e9",
        "canary%2520s%252Fecret",
        "CANARY S/ECRET",
        "canary s/ecr...",
    ] {
        let description = format!("you sent {echoed}, which is wrong");
        let error = echoing(json!({"error": "invalid_client", "error_description": description}));
        assert_no_canary(&error);
        let description = error.oauth_description().unwrap();
        assert!(description.starts_with("(withheld"), "{error}");
        assert_eq!(error.code(), "oauth.invalid_client");
    }
}

#[test]
fn an_error_code_that_echoes_a_secret_is_withheld() {
    for padding in [0, 190, 196] {
        let code = format!("{}canary-pin-longer", "x".repeat(padding));
        assert_no_canary(&echoing(json!({"error": code})));
    }
}
