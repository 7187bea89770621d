//! What is sent: methods, headers, bodies.

use authkeep::{Call, Request, Status};
use serde_json::json;

use crate::shown;
use crate::support::clients::{client, config_at, key_client};
use crate::support::raw::{RawServer, answer};
use crate::support::server::TestServer;

fn request(method: &str) -> Request {
    Request::new(method, "/echo").unwrap()
}

#[test]
fn any_method_is_sent_as_it_is() {
    let server = TestServer::start();
    let client = client(&server, json!({}));
    for method in [
        "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE", "PROPFIND",
        "M-SEARCH", "get", "Custom!",
    ] {
        assert_eq!(shown(&client, &request(method))["method"], method);
    }
}

#[test]
fn a_method_that_could_split_the_request_is_refused() {
    for method in [
        "", " ", "GET ", "GET /x", "GET\r\n", "G\0T", "GÉT", "CONNECT", "connect",
    ] {
        let error = Request::new(method, "/echo").unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument, "{method:?}");
        assert_eq!(error.code(), "request.method", "{method:?}");
    }
}

#[test]
fn headers_are_sent_as_they_were_added_and_repeated_ones_stay() {
    let server = TestServer::start();
    let mut get = request("GET");
    for (name, value) in [
        ("Accept", "text/csv"),
        ("User-Agent", "nightly/1"),
        ("X-Many", "one"),
        ("x-many", "two"),
        ("X-Empty", ""),
        ("X-Tab", "a\tb"),
        ("X-Utf-8", "é"),
        ("Cookie", "a=b"),
    ] {
        get.add_header(name, value).unwrap();
    }
    let seen = shown(&client(&server, json!({})), &get);
    for (name, value) in [
        ("accept", "text/csv"),
        ("user-agent", "nightly/1"),
        ("x-many", "one, two"),
        ("x-empty", ""),
        ("x-tab", "a\tb"),
        ("x-utf-8", "é"),
        ("cookie", "a=b"),
    ] {
        assert_eq!(seen["headers"][name], value, "{name}");
    }
}

#[test]
fn without_headers_of_its_own_a_request_asks_for_no_compression_and_names_the_library() {
    let server = TestServer::start();
    let seen = shown(&client(&server, json!({})), &request("GET"));
    let headers = &seen["headers"];
    assert!(
        headers["user-agent"]
            .as_str()
            .unwrap()
            .starts_with("authkeep/"),
        "{seen}"
    );
    for absent in [
        "accept-encoding",
        "content-length",
        "transfer-encoding",
        "expect",
        "cookie",
    ] {
        assert!(headers[absent].is_null(), "{absent}: {seen}");
    }
}

#[test]
fn the_header_of_the_credential_is_refused_in_any_case_of_letters_and_nothing_is_sent() {
    let server = RawServer::silent();
    for (header, given) in [
        ("Authorization", "Authorization"),
        ("Authorization", "authorization"),
        ("Authorization", "aUTHORIZATION"),
        ("X-Api-Key", "x-api-KEY"),
    ] {
        let config = json!({"credential": {"header": header}});
        let client = authkeep::Client::new(&config_at(&server.url, config)).unwrap();
        let mut get = request("GET");
        get.add_header(given, "Bearer mine").unwrap();
        let error = client.perform(&get, &Call::new()).unwrap_err();
        assert_eq!(error.status(), Status::NotAllowed, "{given}");
        assert_eq!(error.code(), "request.credential_header");
        assert!(error.message().contains(header), "{error}");
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn headers_that_frame_the_message_are_refused_in_any_case_of_letters() {
    for name in [
        "Host",
        "hOST",
        "Content-Length",
        "content-length",
        "Transfer-Encoding",
        "TRANSFER-ENCODING",
        "Connection",
        "Expect",
        "Upgrade",
        "TE",
        "Trailer",
        "Keep-Alive",
        "Proxy-Connection",
    ] {
        let error = request("POST").add_header(name, "1").unwrap_err();
        assert_eq!(error.status(), Status::NotAllowed, "{name}");
        assert_eq!(error.code(), "request.framing_header", "{name}");
        assert!(error.message().contains(name), "{error}");
    }
}

#[test]
fn a_header_that_could_split_the_message_is_refused_without_quoting_its_value() {
    for value in [
        "a\r\nX: y",
        "a\nb",
        "a\rb",
        "a\0b",
        "\u{7f}",
        "\u{1}",
        "a\u{85}b",
    ] {
        let error = request("GET")
            .add_header("X-Note", &format!("canary{value}"))
            .unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument, "{value:?}");
        assert!(error.message().contains("X-Note") && !error.message().contains("canary"));
    }
    for name in ["", "X Note", "X-Note:", "X\r\nY", "X\0", "Ä", "X(Y)"] {
        let error = request("GET").add_header(name, "v").unwrap_err();
        assert_eq!(error.code(), "request.header_name", "{name:?}");
    }
    let error = request("POST")
        .set_body(b"x", Some("text/plain\r\nX: y"))
        .unwrap_err();
    assert_eq!(error.status(), Status::InvalidArgument);
}

#[test]
fn what_does_not_fit_a_line_of_http_is_named_and_nothing_is_sent() {
    let server = RawServer::silent();
    let refused = |config: serde_json::Value, target: &str| {
        let client = authkeep::Client::new(&config_at(&server.url, config)).unwrap();
        let error = client.get(target, &Call::new()).unwrap_err();
        assert_eq!(error.status(), Status::TooLarge, "{error}");
        assert!(!error.message().contains("xxxx"), "{error}");
        (error.code().to_owned(), error.message().to_owned())
    };
    let key = json!({"grant": "api_key", "api_key": "k"});
    for bytes in [40_000, 70_000] {
        let (code, message) = refused(key.clone(), &format!("/{}", "x".repeat(bytes)));
        assert_eq!(code, "request.target_too_large");
        assert!(message.contains("target has "), "{message}");
    }
    for (config, header) in [
        (
            json!({"grant": "api_key", "api_key": "x".repeat(60_000)}),
            "Authorization",
        ),
        (
            json!({"client_secret": "x".repeat(30_000)}),
            "Authorization",
        ),
        (
            json!({"token_request": {"headers": {"X-Gate": "x".repeat(60_000)}}}),
            "X-Gate",
        ),
    ] {
        let (code, message) = refused(config, "/");
        assert_eq!(code, "request.header_too_large");
        assert!(
            message.contains(&format!("header {header} has ")),
            "{message}"
        );
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn many_headers_are_sent_in_as_many_pieces_as_they_need() {
    let server = RawServer::answering(|sent| answer(200, &sent.head.len().to_string()));
    let mut get = Request::new("GET", "/").unwrap();
    for _ in 0..4 {
        get.add_header("X-Padding", &"x".repeat(16_000)).unwrap();
    }
    let client = key_client(&server.url, json!({}));
    let size: usize = client
        .perform(&get, &Call::new())
        .unwrap()
        .text()
        .parse()
        .unwrap();
    // Twice what fits the buffer.
    assert!(size > 64_000, "{size}");
}

#[test]
fn a_body_is_sent_byte_by_byte_with_its_length_and_type() {
    let server = TestServer::start();
    let client = client(&server, json!({}));
    let text = "line\r\n\r\né";
    let mut post = request("POST");
    post.set_body(text.as_bytes(), Some("text/plain; charset=utf-8"))
        .unwrap();
    let seen = shown(&client, &post);
    assert_eq!(
        (&seen["body"], &seen["body_size"]),
        (&json!(text), &json!(text.len()))
    );
    assert_eq!(seen["headers"]["content-type"], "text/plain; charset=utf-8");
    assert_eq!(seen["headers"]["content-length"], text.len().to_string());

    let large: Vec<u8> = (0..=255).cycle().take(3_000_001).collect();
    let mut put = request("PUT");
    put.set_body(&large, None).unwrap();
    let seen = shown(&client, &put);
    assert_eq!(seen["body_size"], large.len());
    assert!(seen["headers"]["content-type"].is_null());
}

#[test]
fn json_is_checked_and_sent_as_it_was_written() {
    let server = TestServer::start();
    let text = "{ \"b\": 1.0, \"a\": [null] }";
    let mut post = request("POST");
    post.add_header("content-type", "text/plain").unwrap();
    post.set_json(text).unwrap();
    let seen = shown(&client(&server, json!({})), &post);
    assert_eq!(seen["body"], text);
    assert_eq!(seen["headers"]["content-type"], "application/json");

    let error = request("POST").set_json("{\"canary\": }").unwrap_err();
    assert_eq!(
        (error.status(), error.code()),
        (Status::InvalidArgument, "request.json")
    );
    assert!(error.message().contains("column") && !error.message().contains("canary"));
}

#[test]
fn methods_that_mean_a_body_say_when_there_is_none() {
    let server = RawServer::answering(|sent| {
        let length = sent.header("content-length").unwrap_or("none");
        let chunked = sent.header("transfer-encoding").unwrap_or("none");
        answer(200, &format!("{length} {chunked}"))
    });
    let client = key_client(&server.url, json!({}));
    for (method, empty, expected) in [
        ("POST", false, "0 none"),
        ("PUT", false, "0 none"),
        ("PATCH", false, "0 none"),
        ("POST", true, "0 none"),
        ("GET", false, "none none"),
        ("DELETE", false, "none none"),
        ("OPTIONS", false, "none none"),
        ("PURGE", false, "none none"),
    ] {
        let mut request = request(method);
        if empty {
            request.set_body(b"", Some("text/plain")).unwrap();
        }
        let response = client.perform(&request, &Call::new()).unwrap();
        assert_eq!(response.text(), expected, "{method} {empty}");
    }
}

#[test]
fn any_method_may_have_a_body() {
    let server = TestServer::start();
    let client = client(&server, json!({}));
    for method in ["DELETE", "GET", "OPTIONS", "PURGE", "QUERY"] {
        let mut request = request(method);
        request.set_json("{\"ids\":[1]}").unwrap();
        let seen = shown(&client, &request);
        assert_eq!(seen["body"], "{\"ids\":[1]}", "{method}");
        assert_eq!(seen["headers"]["content-length"], "11", "{method}");
    }
}

#[test]
fn head_has_headers_and_no_body_and_leaves_the_connection_in_order() {
    let server = TestServer::start();
    let client = client(&server, json!({}));
    let head = Request::new("HEAD", "/bytes/5000").unwrap();
    for _ in 0..2 {
        let response = client.perform(&head, &Call::new()).unwrap();
        assert_eq!((response.status(), response.body().len()), (200, 0));
        assert_eq!(response.header("Content-Length"), Some("5000"));
        assert_eq!(shown(&client, &request("GET"))["method"], "GET");
    }
}

#[test]
fn one_request_may_be_sent_many_times() {
    let server = TestServer::start();
    let client = client(&server, json!({}));
    let mut post = request("POST");
    post.add_query("a", "1").set_json("[1]").unwrap();
    let first = shown(&client, &post);
    assert_eq!(first, shown(&client, &post));
    assert_eq!(first["body"], "[1]");
}
