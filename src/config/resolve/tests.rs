use serde_json::json;

use super::*;
use crate::config::{Config, SecretOrigin};

const CANARY: &str = "canary-b5b1";

/// What each case starts from; `changes` is merged into it.
fn config(changes: Value) -> Config {
    let mut config = Config::new();
    let complete = json!({
        "base_url": "https://api.example/v1",
        "token_endpoint": "https://login.example/token",
        "client_id": "robot",
        "client_secret": CANARY,
    });
    config.merge_json(&complete.to_string()).unwrap();
    config.merge_json(&changes.to_string()).unwrap();
    config
}

fn settings(changes: Value) -> Settings {
    config(changes).resolve().unwrap()
}

fn refusal(changes: Value) -> (Status, String, String) {
    let error = config(changes).resolve().err().unwrap();
    let message = error.message().to_owned();
    assert!(!message.contains(CANARY), "{message}");
    (error.status(), error.code().to_owned(), message)
}

fn missing(changes: Value) -> String {
    let (status, code, message) = refusal(changes);
    assert_eq!(
        (status, code.as_str()),
        (Status::InvalidConfig, "config.missing_key")
    );
    message
}

#[test]
fn defaults_hold_where_nothing_is_said() {
    let settings = settings(json!({}));
    assert_eq!(settings.label, "login.example");
    assert_eq!(settings.grant, GrantKind::ClientCredentials);
    assert_eq!(settings.client_auth, ClientAuth::Basic);
    assert_eq!(settings.scope, None);
    assert_eq!(settings.token_request.format, Format::Form);
    assert_eq!(settings.credential.header, "Authorization");
    assert_eq!(settings.credential.scheme, "Bearer");
    let life = Lifetime {
        default_ms: 300_000,
        max_ms: 86_400_000,
        refresh_before_ms: 300_000,
    };
    assert_eq!(settings.lifetime, life);
    assert_eq!(settings.renew_on, [401]);
    assert_eq!(settings.timeouts.connect, Duration::from_secs(5));
    assert_eq!(settings.timeouts.token_request, Duration::from_secs(15));
    assert_eq!(settings.timeouts.total, Duration::from_secs(30));
    assert_eq!(settings.max_response_bytes, 67_108_864);
    assert!(!settings.danger_allow_http);
}

#[test]
fn every_default_of_the_schema_is_a_value_of_its_key() {
    for key in schema::keys() {
        let has_default = matches!(key.default, Default::Json(_));
        assert_eq!(super::default(key).is_some(), has_default, "{}", key.name);
    }
}

#[test]
fn every_key_reaches_the_settings() {
    let settings = settings(json!({
        "grant": "password",
        "allowed_urls": ["https://files.example/"],
        "token_endpoint": "/oauth/token",
        "client_auth": "body",
        "username": "ann",
        "password": {"env": "PASSWORD"},
        "refresh_token": {"file": "/run/seed"},
        "api_key": {"command": ["vault", "read", "key"]},
        "scope": [" a  b ", "c"],
        "token_request": {
            "format": "json",
            "fields": {"tenant": {"env": "TENANT"}, "audience": "api"},
            "headers": {"X-Api-Key": "k"},
            "rename": {"username": "UserName"},
        },
        "credential": {"header": "X-Token", "scheme": ""},
        "lifetime": {"default_s": 1, "max_s": 2, "refresh_before_s": 0},
        "renew_on": [403, 401, 403],
        "timeouts": {"connect_ms": 1, "token_request_ms": 2, "total_ms": 3},
        "max_response_bytes": 4,
        "tls": {"ca_file": "/etc/ca.pem"},
        "danger_allow_http": true,
    }));
    assert_eq!(settings.grant, GrantKind::Password);
    assert!(settings.allowed_urls == [Url::parse("https://files.example").unwrap()]);
    let endpoint = Url::parse("https://api.example/oauth/token").unwrap();
    assert!(settings.token_endpoint == Some(endpoint));
    assert_eq!(settings.label, "api.example");
    assert_eq!(settings.client_id.as_deref(), Some("robot"));
    assert_eq!(settings.client_auth, ClientAuth::Body);
    assert_eq!(settings.username.as_deref(), Some("ann"));
    let described = |source: &Option<SecretSource>| source.as_ref().unwrap().describe();
    assert_eq!(described(&settings.client_secret), "given as a value");
    assert_eq!(
        described(&settings.password),
        "from environment variable PASSWORD"
    );
    assert_eq!(described(&settings.refresh_token), "from file /run/seed");
    assert_eq!(described(&settings.api_key), "from command vault");
    assert_eq!(settings.scope.as_deref(), Some("a b c"));
    assert_eq!(settings.token_request.format, Format::Json);
    let fields: Vec<_> = settings
        .token_request
        .fields
        .iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(fields, ["audience", "tenant"]);
    let (name, header) = &settings.token_request.headers[0];
    assert_eq!(
        (name.as_str(), header.key.as_str()),
        ("X-Api-Key", "token_request.headers.X-Api-Key")
    );
    assert!(header.in_header && settings.api_key.unwrap().in_header);
    assert_eq!(settings.token_request.rename["username"], "UserName");
    assert_eq!(settings.credential.header, "X-Token");
    assert_eq!(settings.credential.scheme, "");
    let life = Lifetime {
        default_ms: 1000,
        max_ms: 2000,
        refresh_before_ms: 0,
    };
    assert_eq!(settings.lifetime, life);
    assert_eq!(settings.renew_on, [401, 403]);
    assert_eq!(settings.timeouts.connect, Duration::from_millis(1));
    assert_eq!(settings.timeouts.token_request, Duration::from_millis(2));
    assert_eq!(settings.timeouts.total, Duration::from_millis(3));
    assert_eq!(settings.max_response_bytes, 4);
    assert_eq!(
        settings.tls_ca_file.as_deref(),
        Some("/etc/ca.pem".as_ref())
    );
    assert!(settings.danger_allow_http);
}

#[test]
fn a_secret_is_replaced_as_a_whole() {
    let settings = settings(json!({"client_secret": {"file": "/run/secret"}}));
    let origin = settings.client_secret.unwrap().origin;
    assert!(
        origin
            == SecretOrigin::File {
                path: "/run/secret".into()
            }
    );
}

#[test]
fn an_api_key_stands_alone_and_needs_no_endpoint() {
    let settings = settings(json!({
        "grant": "api_key", "api_key": "k", "token_endpoint": null,
        "client_id": null, "client_secret": null,
    }));
    assert_eq!(settings.credential.scheme, "");
    assert_eq!(settings.client_auth, ClientAuth::None);
    assert!(settings.token_endpoint.is_none());
}

#[test]
fn what_a_grant_needs_is_named_when_it_is_missing() {
    for (changes, message) in [
        (
            json!({"token_endpoint": null}),
            "\"token_endpoint\" is missing; grant \"client_credentials\" needs it",
        ),
        (
            json!({"client_id": null}),
            "\"client_id\" is missing; grant \"client_credentials\" needs it",
        ),
        (
            json!({"client_secret": null}),
            "\"client_secret\" is missing; grant \"client_credentials\" needs it",
        ),
        (
            json!({"grant": "password", "password": CANARY}),
            "\"username\" is missing; grant \"password\" needs it",
        ),
        (
            json!({"grant": "password", "username": "ann"}),
            "\"password\" is missing; grant \"password\" needs it",
        ),
        (
            json!({"grant": "refresh_token"}),
            "\"refresh_token\" is missing; grant \"refresh_token\" needs it",
        ),
        (
            json!({"grant": "api_key"}),
            "\"api_key\" is missing; grant \"api_key\" needs it",
        ),
        (
            json!({"client_auth": "basic", "client_id": null}),
            "\"client_id\" is missing; client_auth \"basic\" needs it",
        ),
        (
            json!({"client_auth": "body", "client_secret": null}),
            "\"client_secret\" is missing; client_auth \"body\" needs it",
        ),
        (
            json!({"grant": "refresh_token", "refresh_token": CANARY, "client_id": null}),
            "\"client_id\" is missing; client_auth \"basic\" needs it",
        ),
        (
            json!({"password": CANARY}),
            "\"username\" is missing; \"password\" needs it",
        ),
        (
            json!({"username": "ann"}),
            "\"password\" is missing; \"username\" needs it",
        ),
        (
            json!({"token_endpoint": "/token", "base_url": null}),
            "\"base_url\" is missing; \"token_endpoint\" as a path needs it",
        ),
    ] {
        assert_eq!(missing(changes), message);
    }
}

#[test]
fn a_public_client_needs_no_secret() {
    let password = json!({
        "grant": "password", "username": "ann", "password": "p",
        "client_id": null, "client_secret": null,
    });
    assert_eq!(settings(password).client_auth, ClientAuth::None);
    let custom = json!({"client_auth": "none", "client_secret": null});
    assert_eq!(settings(custom).client_auth, ClientAuth::None);
}

#[test]
fn keys_that_exclude_each_other_are_told() {
    for (changes, message) in [
        (
            json!({"client_auth": "none"}),
            "\"client_secret\" is not sent with client_auth \"none\"; remove one of them",
        ),
        (
            json!({"token_request": {"headers": {"authorization": CANARY}}}),
            "\"token_request.headers.authorization\" is also what \"client_auth\" sets; choose \
             another \"client_auth\"",
        ),
        (
            json!({"token_request": {"headers": {"X-A": "1", "x-a": CANARY}}}),
            "\"token_request.headers.x-a\" is there twice, in other letters",
        ),
    ] {
        let expected = (
            Status::InvalidConfig,
            "config.conflict".to_owned(),
            message.to_owned(),
        );
        assert_eq!(refusal(changes), expected);
    }
}

#[test]
fn http_is_for_loopback_or_for_the_brave() {
    for (key, value) in [
        ("base_url", json!("http://api.example/")),
        ("token_endpoint", json!("http://login.example/token")),
        (
            "allowed_urls",
            json!(["https://a.example/", "http://b.example/"]),
        ),
    ] {
        let (status, code, message) = refusal(json!({ key: value }));
        assert_eq!(
            (status, code.as_str()),
            (Status::NotAllowed, "config.http_not_allowed")
        );
        let expected = format!(
            "\"{key}\" is http, where anyone on the way can read the credential; use https, or \
             set \"danger_allow_http\" to true"
        );
        assert_eq!(message, expected);
        settings(json!({ key: value, "danger_allow_http": true }));
    }
    settings(json!({"base_url": "http://127.0.0.1:8080/", "token_endpoint": "http://localhost/t"}));
}

#[test]
fn a_profile_is_below_the_program_and_named_in_errors() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("p.json");
    let profiles = json!({"profiles": {"shop": {
        "token_endpoint": "https://login.example/token",
        "client_id": "below",
        "client_secret": {"file": "secret"},
        "tls": {"ca_file": "ca.pem"},
        "timeouts": {"connect_ms": 1, "total_ms": 1},
    }}});
    std::fs::write(&path, profiles.to_string()).unwrap();
    let mut config = Config::new();
    config.set("client_id", "above").unwrap();
    config
        .merge_json(r#"{"timeouts": {"total_ms": null}}"#)
        .unwrap();
    config.load_profile("shop", Some(&path), true).unwrap();
    let settings = config.resolve().unwrap();
    assert_eq!(settings.label, "shop");
    assert_eq!(settings.client_id.as_deref(), Some("above"));
    assert_eq!(settings.timeouts.connect, Duration::from_millis(1));
    assert_eq!(settings.timeouts.total, Duration::from_secs(30));
    assert_eq!(settings.tls_ca_file, Some(directory.path().join("ca.pem")));
    std::fs::write(directory.path().join("secret"), "rotated\n").unwrap();
    assert_eq!(
        settings
            .client_secret
            .unwrap()
            .read(&crate::call::Call::new(), std::time::Instant::now())
            .unwrap()
            .expose(),
        "rotated"
    );

    config.merge_json(r#"{"client_secret": null}"#).unwrap();
    assert_eq!(
        config.resolve().err().unwrap().message(),
        "\"client_secret\" is missing; grant \"client_credentials\" needs it (in profile \"shop\", p.json)"
    );
}

#[test]
fn equal_configurations_have_equal_settings() {
    let changes = json!({"scope": "a", "token_request": {"fields": {"audience": CANARY}}});
    assert!(settings(changes.clone()) == settings(changes));
    assert!(settings(json!({})) != settings(json!({"client_secret": "other"})));
}
