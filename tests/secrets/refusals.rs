//! What is refused before anything is sent.

use authkeep::{Call, Client, Config, Request};
use serde_json::json;

use crate::exchanges::client_with_token;
use crate::support::shell;
use crate::{assert_error_clean, every_secret};

#[test]
fn no_secret_is_shown_when_a_request_is_refused() {
    let client = client_with_token(Vec::new());
    for target in [
        "https://evil.example/x?key=canary",
        "https://user:canary@evil.example/x",
        "https://canary@evil.example/x",
        "https://evil.example:canary/x",
        "canary\r\n",
        "../canary",
        "/x#canary",
        "canary\\",
        "ftp://canary/",
    ] {
        assert_error_clean(target, &client.get(target, &Call::new()).unwrap_err());
    }
    let mut request = Request::new("GET", "/x").unwrap();
    request
        .add_header("authorization", "Bearer canary")
        .unwrap();
    assert_error_clean(
        "header",
        &client.perform(&request, &Call::new()).unwrap_err(),
    );
    let mut request = Request::new("GET", "/x").unwrap();
    let long = "canary".repeat(10_000);
    for (name, value) in [
        ("X", "canary\n"),
        ("Host", "canary"),
        ("X", &long),
        ("canary\n", "x"),
    ] {
        assert_error_clean(name, &request.add_header(name, value).unwrap_err());
    }
    assert_error_clean(
        "json",
        &request.set_json("{\"canary\": canary}").unwrap_err(),
    );
    assert_error_clean(
        "type",
        &request.set_body(b"canary", Some("canary\r\n")).unwrap_err(),
    );
    assert_error_clean("method", &Request::new("CANARY canary", "/x").unwrap_err());
}

#[test]
fn no_secret_is_shown_when_a_config_is_refused() {
    for (key, value) in [
        ("api_key", "canary\n"),
        ("client_secret.file", "canary\0"),
        ("token_request.headers.X-Gate", "canary\r\n"),
        ("token_endpoint", "https://user:canary@id.example/token"),
        ("base_url", "https://api.example/?key=canary"),
        ("base_url", "canary"),
        ("timeouts.total_ms", "canary"),
    ] {
        assert_error_clean(
            key,
            &Config::new().set(key, value).err().unwrap_or_else(|| {
                let mut config = Config::new();
                config.set(key, value).unwrap();
                Client::new(&config).unwrap_err()
            }),
        );
    }
    for text in [
        r#"{"client_secret": "canary""#,
        r#"{"client_secret": ["canary"]}"#,
        r#"{"client_secret": {"value": "canary"}}"#,
        r#"{"client_secret": "canary", "client_secret": "canary"}"#,
        r#"{"api_key": "canary\n"}"#,
        r#"{"token_request": {"fields": {"pin": ["canary"]}}}"#,
        r#""canary""#,
        "canary",
    ] {
        assert_error_clean(text, &Config::new().merge_json(text).unwrap_err());
    }
}

#[test]
fn no_secret_is_shown_when_it_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, b"canary\xff\xfe").unwrap();
    let large = folder.path().join("large");
    std::fs::write(&large, "canary\n".repeat(20_000)).unwrap();
    for source in [
        json!({"file": file}),
        json!({"command": shell::script(
            "echo canary; echo canary >&2; exit 1",
            "echo canary&echo canary>&2&exit 1",
        )}),
        json!({"command": shell::print(&file)}),
        json!({"command": shell::print(&large)}),
    ] {
        let mut config = Config::new();
        config
            .merge_json(&every_secret("http://127.0.0.1:1").to_string())
            .unwrap();
        config
            .merge_json(&json!({"client_secret": source}).to_string())
            .unwrap();
        let error = Client::new(&config)
            .unwrap()
            .get_token(&Call::new())
            .unwrap_err();
        assert!(error.code().starts_with("secret."), "{error}");
        assert_error_clean("unreadable", &error);
    }
}
