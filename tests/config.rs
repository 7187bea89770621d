//! What a program sees of configuration: what is taken, and in which words the
//! rest is refused.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use authkeep::{Client, Config, Error, Status};

#[path = "support/page.rs"]
mod page;

const CANARY: &str = "canary-7d1f";

fn refused_json(json: &str) -> Error {
    Config::new().merge_json(json).unwrap_err()
}

fn refused(key: &str, value: &str) -> Error {
    Config::new().set(key, value).unwrap_err()
}

fn assert_error(error: &Error, code: &str, message: &str) {
    assert_eq!(error.message(), message);
    assert_eq!(error.code(), code);
    assert_eq!(error.status(), Status::InvalidConfig);
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    assert_error(
        &refused("client_secrte", "s"),
        "config.unknown_key",
        "\"client_secrte\" is not a key of authkeep; did you mean \"client_secret\"?",
    );
    assert_error(
        &refused_json(r#"{"timeouts": {"total": 5}}"#),
        "config.unknown_key",
        "\"timeouts.total\" is not a key of authkeep; did you mean \"timeouts.total_ms\"?",
    );
    assert_error(
        &refused_json(r#"{"colour": "red"}"#),
        "config.unknown_key",
        "\"colour\" is not a key of authkeep",
    );
    assert_error(
        &refused_json(r#"{"client_secret": {"enw": "X"}}"#),
        "config.unknown_key",
        "\"client_secret.enw\" is not a key of authkeep; did you mean \"client_secret.env\"?",
    );
    assert_error(
        &refused_json(r#"{"token_request": {"rename": {"user_name": "u"}}}"#),
        "config.unknown_key",
        "\"token_request.rename.user_name\" is not a key of authkeep; did you mean \
         \"token_request.rename.username\"?",
    );
    assert_error(
        &refused_json(r#"{"timeouts.total_ms": 5}"#),
        "config.unknown_key",
        "\"timeouts.total_ms\" is not a key in JSON; nest it as objects instead",
    );
    assert_error(
        &refused("client\nid", "x"),
        "config.unknown_key",
        "\"client\\nid\" is not a key of authkeep; did you mean \"client_id\"?",
    );
}

#[test]
fn a_value_of_the_wrong_type_is_refused() {
    for (json, message) in [
        (r#"{"client_id": 5}"#, "\"client_id\" must be text"),
        (
            r#"{"lifetime": {"max_s": "5"}}"#,
            "\"lifetime.max_s\" must be a whole number",
        ),
        (
            r#"{"lifetime": {"max_s": 5.0}}"#,
            "\"lifetime.max_s\" must be a whole number",
        ),
        (
            r#"{"danger_allow_http": "true"}"#,
            "\"danger_allow_http\" must be true or false",
        ),
        (
            r#"{"allowed_urls": "https://a.example"}"#,
            "\"allowed_urls\" must be a list of URLs",
        ),
        (
            r#"{"allowed_urls": [1]}"#,
            "\"allowed_urls\" must be a list of URLs",
        ),
        (
            r#"{"scope": [1]}"#,
            "\"scope\" must be text or a list of texts",
        ),
        (
            r#"{"renew_on": 401}"#,
            "\"renew_on\" must be a list of whole numbers",
        ),
        (r#"{"timeouts": 5}"#, "\"timeouts\" must be an object"),
        (
            r#"{"token_request": {"fields": "a=b"}}"#,
            "\"token_request.fields\" must be an object of names and values",
        ),
        (
            r#"{"client_secret": {"env": "A", "file": "b"}}"#,
            "\"client_secret\" must be text, or an object with one of \"env\", \"file\", \"command\"",
        ),
        (
            r#"{"client_secret": {"env": 5}}"#,
            "\"client_secret.env\" must be text",
        ),
        (
            r#"{"client_secret": {"command": "vault read"}}"#,
            "\"client_secret.command\" must be a list of texts: a program and its arguments",
        ),
        (
            r#"{"if_known": 5}"#,
            "\"if_known\" must be an object of keys",
        ),
        ("[]", "the configuration must be a JSON object"),
    ] {
        assert_error(&refused_json(json), "config.wrong_type", message);
    }
}

#[test]
fn a_value_that_its_key_does_not_take_is_refused() {
    for (json, message) in [
        (
            r#"{"grant": "implicit"}"#,
            "\"grant\" must be one of \"client_credentials\", \"password\", \"refresh_token\", \
             \"api_key\"",
        ),
        (
            r#"{"timeouts": {"total_ms": 0}}"#,
            "\"timeouts.total_ms\" must be from 1 to 86400000",
        ),
        (
            r#"{"renew_on": [500]}"#,
            "\"renew_on\" may only have 401 and 403",
        ),
        (r#"{"client_id": ""}"#, "\"client_id\" is empty"),
        (r#"{"client_secret": ""}"#, "\"client_secret\" is empty"),
        (
            r#"{"client_id": "a\nb"}"#,
            "\"client_id\" has the control character U+000A",
        ),
        (
            r#"{"username": "a\u007f"}"#,
            "\"username\" has the control character U+007F",
        ),
        (
            r#"{"scope": "a\tb"}"#,
            "\"scope\" has the control character U+0009",
        ),
        (
            r#"{"api_key": "a\r\nX: 1"}"#,
            "\"api_key\" has the control character U+000D",
        ),
        (
            r#"{"credential": {"scheme": "\u0000"}}"#,
            "\"credential.scheme\" has the control character U+0000",
        ),
        (
            r#"{"credential": {"header": "X Token"}}"#,
            "\"credential.header\" is not the name of a header",
        ),
        (
            r#"{"credential": {"header": "HOST"}}"#,
            "\"credential.header\" is a header that belongs to the connection",
        ),
        (
            r#"{"token_request": {"headers": {"X:": "v"}}}"#,
            "\"token_request.headers.X:\" is not the name of a header",
        ),
        (
            r#"{"token_request": {"headers": {"X-A": "v\n"}}}"#,
            "\"token_request.headers.X-A\" has the control character U+000A",
        ),
        (
            r#"{"token_request": {"fields": {"": "v"}}}"#,
            "\"token_request.fields\" has an entry without a name",
        ),
        (r#"{"base_url": "https:///x"}"#, "\"base_url\" has no host"),
        (
            r#"{"base_url": "https://a.example/?q"}"#,
            "\"base_url\" has a query (?); remove it",
        ),
        (
            r#"{"base_url": "https://a.example/#f"}"#,
            "\"base_url\" has a fragment (#); remove it",
        ),
        (
            r#"{"token_endpoint": "https://a.example/#f"}"#,
            "\"token_endpoint\" has a fragment (#); remove it",
        ),
        (
            r#"{"token_endpoint": "//a.example/t"}"#,
            "\"token_endpoint\" must start with one slash",
        ),
        (
            r#"{"base_url": "https://a.example/\n"}"#,
            "\"base_url\" has the control character U+000A",
        ),
        (
            r#"{"client_secret": {"env": "A=B"}}"#,
            "\"client_secret.env\" is not the name of an environment variable",
        ),
    ] {
        assert_error(&refused_json(json), "config.invalid_value", message);
    }
}

#[test]
fn set_reads_text_as_its_key_takes_it() {
    let mut config = Config::new();
    for (key, value) in [
        ("timeouts.total_ms", "100"),
        ("danger_allow_http", "false"),
        ("grant", "password"),
        ("scope", "a b"),
        ("client_secret", "{\"env\": \"LITERAL\"}"),
        ("client_secret.env", "SHOP_SECRET"),
        ("password.file", "/run/password"),
        ("token_request.fields.audience", "api"),
        ("token_request.headers.X-Key.env", "KEY"),
        ("token_request.rename.username", "UserName"),
        ("if_known.client_id", "robot"),
        ("if_known.no_such_key", "x"),
    ] {
        config.set(key, value).unwrap();
    }
    for (key, value, message) in [
        (
            "timeouts.total_ms",
            "1s",
            "\"timeouts.total_ms\" must be a whole number",
        ),
        (
            "danger_allow_http",
            "yes",
            "\"danger_allow_http\" must be true or false",
        ),
        (
            "allowed_urls",
            "https://a.example",
            "\"allowed_urls\" is a list; give it with merge_json",
        ),
        (
            "renew_on",
            "401",
            "\"renew_on\" is a list; give it with merge_json",
        ),
        (
            "client_secret.command",
            "vault",
            "\"client_secret.command\" is a list; give it with merge_json",
        ),
        (
            "timeouts",
            "5",
            "\"timeouts\" holds other keys; set \"timeouts.connect_ms\"",
        ),
        (
            "token_request.fields",
            "a=b",
            "\"token_request.fields\" holds other keys; set \"token_request.fields.NAME\"",
        ),
    ] {
        assert_error(&refused(key, value), "config.wrong_type", message);
    }
    assert_error(
        &refused("client_id.env", "ID"),
        "config.unknown_key",
        "\"client_id.env\" is not a key of authkeep; did you mean \"client_id\"?",
    );
    assert_error(
        &refused("token_request.headers.Host.env", "X"),
        "config.invalid_value",
        "\"token_request.headers.Host\" is a header that belongs to the connection",
    );
}

#[test]
fn broken_json_is_placed_and_not_quoted() {
    assert_error(
        &refused_json("{\"client_id\": \"a\",\n}"),
        "config.invalid_json",
        "the configuration is not valid JSON: trailing comma at line 2 column 1",
    );
    assert_error(
        &refused_json("{\"client_id\": \"a\", \"client_id\": \"b\"}"),
        "config.invalid_json",
        "the configuration is not valid JSON: two members with one name at line 1 column 30",
    );
}

#[test]
fn a_call_that_fails_changes_nothing() {
    let mut config = Config::new();
    config.set("client_id", "robot").unwrap();
    let before = format!("{config:?}");
    config
        .merge_json(r#"{"username": "ann", "timeouts": {"total": 5}}"#)
        .unwrap_err();
    config
        .merge_json(r#"{"username": "ann", "if_known": {"grant": "x"}}"#)
        .unwrap_err();
    config
        .load_profile("shop", Some(Path::new("/nonexistent")), false)
        .unwrap_err();
    assert_eq!(format!("{config:?}"), before);
}

#[test]
fn keys_under_if_known_are_applied_when_known_and_else_ignored() {
    let mut config = Config::new();
    let json = r#"{"if_known": {"client_id": "a", "later": {"x": 1}, "timeouts": {"idle_ms": 1}}}"#;
    config.merge_json(json).unwrap();
    assert_eq!(
        format!("{config:?}"),
        "Config { profile: None, keys: [\"client_id\"], .. }"
    );
    assert_error(
        &refused_json(r#"{"if_known": {"client_id": 5}}"#),
        "config.wrong_type",
        "\"client_id\" must be text",
    );
}

#[test]
fn no_value_is_in_an_error_or_in_debug_output() {
    let secrets = format!(
        r#""client_secret": "{CANARY}", "password": "{CANARY}", "refresh_token": "{CANARY}",
           "api_key": "{CANARY}", "username": "{CANARY}", "client_id": "{CANARY}",
           "token_request": {{"fields": {{"f": "{CANARY}"}}, "headers": {{"h": "{CANARY}"}}}}"#
    );
    let mut config = Config::new();
    config.merge_json(&format!("{{{secrets}}}")).unwrap();
    let mut said = format!("{config:?}");
    let mut hear = |error: Error| said += &format!("\n{error}\n{error:?}");

    for broken in [
        "\"x\": 1",
        "\"client_id\": 1",
        "\"if_known\": 1",
        "\"timeouts\": [",
        "",
    ] {
        hear(refused_json(&format!("{{{secrets}, {broken}}}")));
    }
    // A secret where something else belongs.
    for key in [
        "grant",
        "base_url",
        "token_endpoint",
        "client_auth",
        "token_request.format",
        "lifetime.max_s",
        "renew_on",
        "danger_allow_http",
        "allowed_urls",
        "timeouts",
        "token_request.fields",
        "client_secret.command",
        "client_secret.enw",
    ] {
        hear(refused(key, CANARY));
        let nested = key
            .split('.')
            .rev()
            .fold(format!("\"{CANARY}\""), |inner, name| {
                format!("{{\"{name}\": {inner}}}")
            });
        hear(refused_json(&nested));
    }
    for key in [
        "client_id",
        "api_key",
        "scope",
        "credential.header",
        "credential.scheme",
    ] {
        hear(refused(key, &format!("{CANARY}\n")));
    }
    hear(refused_json(CANARY));
    assert!(said.lines().count() > 60);
    assert!(!said.contains(CANARY), "{said}");
}

#[test]
fn the_reference_page_is_that_of_the_schema() {
    let rendered = authkeep::config_reference();
    page::assert_is("docs/config.md", &rendered, "config");
}

#[test]
fn each_example_of_the_reference_page_makes_a_client() {
    let page = authkeep::config_reference();
    let mut made = 0;
    for block in page.split("```json\n").skip(1) {
        let example = block.split("```").next().unwrap();
        if example.contains("\"profiles\"") || example.contains("\"needs\"") {
            continue;
        }
        let mut config = Config::new();
        config.merge_json(example).unwrap();
        Client::new(&config).unwrap_or_else(|error| panic!("{error}: {example}"));
        made += 1;
    }
    assert_eq!(made, 5);
}
