//! Where a credential may go: decided before a byte is sent.

use authkeep::{Call, Client, Request, Status};
use serde_json::json;

use crate::shown;
use crate::support::clients::{client, config_at};
use crate::support::raw::RawServer;
use crate::support::server::TestServer;

#[test]
fn a_relative_target_is_appended_to_the_path_of_the_base_url() {
    let server = TestServer::start();
    let slashed = json!({"base_url": format!("{}/api/", server.url)});
    for client in [client(&server, json!({})), client(&server, slashed)] {
        for (target, query) in [
            ("echo", None),
            ("/echo", None),
            ("echo?x=1&y=%20", Some("x=1&y=%20")),
            (
                "/echo?next=http://evil.example/",
                Some("next=http://evil.example/"),
            ),
            ("/echo?", Some("")),
        ] {
            let seen = shown(&client, &Request::new("GET", target).unwrap());
            assert_eq!(seen["path"], "/api/echo", "{target}");
            assert_eq!(seen["query"], json!(query), "{target}");
        }
    }
}

#[test]
fn an_absolute_target_may_lie_under_the_base_url_or_an_allowed_url() {
    let server = TestServer::start();
    let upper = server.url.replace("http://", "HTTP://");
    let by_name = server.url.replace("127.0.0.1", "localhost");
    let allowed = json!({"allowed_urls": [format!("{}/open", server.url), by_name]});
    let client = client(&server, allowed);
    for (target, path) in [
        (format!("{}/api/echo", server.url), "/api/echo"),
        (format!("{upper}/api/echo?x"), "/api/echo"),
        (format!("{}/open/echo", server.url), "/open/echo"),
        (format!("{by_name}/open/echo"), "/open/echo"),
    ] {
        let seen = shown(&client, &Request::new("GET", &target).unwrap());
        assert_eq!(
            (&seen["path"], &seen["client_id"]),
            (&json!(path), &json!("demo"))
        );
    }
}

#[test]
fn query_pairs_are_form_encoded_and_follow_those_of_the_target() {
    let server = TestServer::start();
    let mut request = Request::new("GET", "/echo?x=1").unwrap();
    request
        .add_query("name", "a b&c=é+#/?")
        .add_query("na me", "")
        .add_query("name", "\r\n");
    let seen = shown(&client(&server, json!({})), &request);
    let expected = "x=1&name=a+b%26c%3D%C3%A9%2B%23%2F%3F&na+me=&name=%0D%0A";
    assert_eq!(seen["query"], expected);
}

/// Targets that lead, or could be read to lead, elsewhere.
fn strange_targets(url: &str) -> Vec<(String, Status)> {
    let authority = url.trim_start_matches("http://");
    let port = url.rsplit(':').next().unwrap();
    let not_allowed = [
        "https://evil.example/".to_owned(),
        "https://evil.example/api/x".to_owned(),
        format!("https://{authority}/api/x"),
        format!("http://localhost:{port}/api/x"),
        "http://127.0.0.1/api/x".to_owned(),
        format!("http://127.0.0.2:{port}/api/x"),
        url.to_owned(),
        format!("{url}/"),
        format!("{url}/apis"),
        format!("{url}/API/x"),
        format!("{url}/ap"),
        format!("{url}//api/x"),
        format!("{url}/%61pi/x"),
        format!("{url}/?/api/x"),
    ];
    let invalid = [
        "..".to_owned(),
        "../control/stats".to_owned(),
        "/../control/stats".to_owned(),
        "a/../../b".to_owned(),
        "./a".to_owned(),
        "a/%2e%2E/b".to_owned(),
        "a/.%2e/b".to_owned(),
        "a/%252e%252e/b".to_owned(),
        "a%2f..%2fb".to_owned(),
        "a%5C..%5Cb".to_owned(),
        "..;a/b".to_owned(),
        "//evil.example/x".to_owned(),
        "\\\\evil.example\\x".to_owned(),
        "a\\b".to_owned(),
        "a b".to_owned(),
        "a\tb".to_owned(),
        "a#fragment".to_owned(),
        "a\0".to_owned(),
        "a\r\nHost: evil.example".to_owned(),
        "ä".to_owned(),
        "ftp://evil.example/".to_owned(),
        "file:///etc/passwd".to_owned(),
        format!("http://user@{authority}/api/x"),
        format!("http://user:canary@{authority}/api/x"),
        format!("http://{authority}@evil.example/api/x"),
        format!("{url}/api/../control/stats"),
        format!("{url}/api/%2e%2e/control/stats"),
        format!("{url}\\@evil.example/api/x"),
        format!("{url}#@evil.example/api/x"),
        format!("http://127.1:{port}/api/x"),
        format!("http://2130706433:{port}/api/x"),
        format!("http://0x7f000001:{port}/api/x"),
        format!("http://0177.0.0.1:{port}/api/x"),
        "http://127.0.0.1:0/api/x".to_owned(),
        "http://127.0.0.1:99999/api/x".to_owned(),
        "http:///api/x".to_owned(),
        "https://[::1/api/x".to_owned(),
    ];
    let labelled = |list: Vec<String>, status| list.into_iter().map(move |one| (one, status));
    labelled(not_allowed.into(), Status::NotAllowed)
        .chain(labelled(invalid.into(), Status::InvalidArgument))
        .collect()
}

#[test]
fn every_other_target_is_refused_before_anything_is_sent() {
    let server = RawServer::silent();
    let client = Client::new(&config_at(&server.url, json!({}))).unwrap();
    for (target, status) in strange_targets(&server.url) {
        let error = client.get(&target, &Call::new()).unwrap_err();
        assert_eq!(error.status(), status, "{target:?}: {error}");
        let code = match status {
            Status::NotAllowed => "target.not_allowed",
            _ => "target.invalid",
        };
        assert_eq!(error.code(), code, "{target:?}");
        assert!(!error.message().contains("canary") && !error.message().contains(['\n', '\0']));
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn what_only_looks_like_a_url_stays_below_the_base_url() {
    let server = TestServer::start();
    let client = client(&server, json!({}));
    for target in [
        "javascript:alert(1)",
        "http:/evil.example/",
        "evil.example:80/x",
        "@evil/",
    ] {
        let response = client.get(target, &Call::new()).unwrap();
        assert_eq!(response.status(), 404, "{target}");
    }
}

#[test]
fn a_relative_target_without_a_base_url_says_what_is_missing() {
    let server = RawServer::silent();
    let config = json!({
        "base_url": null, "token_endpoint": format!("{}/token", server.url),
        "allowed_urls": [format!("{}/api", server.url)],
    });
    let client = Client::new(&config_at(&server.url, config)).unwrap();
    let error = client.get("/echo", &Call::new()).unwrap_err();
    assert_eq!(
        (error.status(), error.code()),
        (Status::InvalidConfig, "config.missing_key")
    );
    assert!(error.message().contains("\"base_url\""), "{error}");
    let error = client
        .get(&format!("{}/x", server.url), &Call::new())
        .unwrap_err();
    assert_eq!(error.status(), Status::NotAllowed);
    assert_eq!(server.connections(), 0);
}

#[test]
fn plain_http_is_for_this_machine_only_unless_danger_is_named() {
    for key in ["base_url", "token_endpoint", "allowed_urls"] {
        let mut config = json!({});
        config[key] = match key {
            "allowed_urls" => json!(["http://api.example/v1"]),
            _ => json!("http://api.example/v1"),
        };
        let mut config = config_at("https://id.example", config);
        let error = Client::new(&config).unwrap_err();
        assert_eq!(error.status(), Status::NotAllowed, "{key}");
        assert_eq!(error.code(), "config.http_not_allowed");
        assert!(error.message().contains(key) && error.message().contains("danger_allow_http"));
        config.set("danger_allow_http", "true").unwrap();
        Client::new(&config).unwrap();
    }
}
