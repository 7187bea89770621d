//! Requests and responses, and what the program prints.

use std::env;
use std::fmt::Write as _;
use std::io::Write;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authkeep::{Call, Client, Config, LogLevel, Request};

use crate::support::raw::{RawServer, answer, read_request};
use crate::{assert_clean, assert_debug_clean, assert_error_clean, every_secret};

/// A client whose token is a canary, at an API that answers with `api`.
pub fn client_with_token(api: Vec<u8>) -> Client {
    let server = RawServer::start(move |stream, _| {
        while let Some(sent) = read_request(stream)? {
            let token = r#"{"access_token":"canary-access","refresh_token":"canary-refresh"}"#;
            match sent.target() {
                "/token" => stream.write_all(&answer(200, token))?,
                _ if api.is_empty() => return Ok(()),
                _ => stream.write_all(&api)?,
            }
        }
        Ok(())
    });
    let mut config = Config::new();
    config
        .merge_json(&every_secret(&server.url).to_string())
        .unwrap();
    config.merge_json(r#"{"max_response_bytes": 500}"#).unwrap();
    Client::new(&config).unwrap()
}

fn secret_request() -> Request {
    let mut request = Request::new("PUT", "/orders/canary?key=canary").unwrap();
    request.add_query("q", "canary");
    request.add_header("X-Note", "canary").unwrap();
    request.add_header("Cookie", "session=canary").unwrap();
    request.set_json(r#"{"pin": "canary"}"#).unwrap();
    request
}

#[test]
fn no_secret_is_shown_whatever_the_api_answers() {
    let large = "canary".repeat(1000);
    let call = Call::new().timeout(Duration::from_millis(300));
    for api in [
        Vec::new(),
        answer(200, &large),
        b"canary canary canary\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\ncanary canary\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 canary\r\nContent-Length: canary\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncanary".to_vec(),
        format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "canary".repeat(20_000)).into_bytes(),
    ] {
        let client = client_with_token(api);
        let error = client.perform(&secret_request(), &call).unwrap_err();
        assert_error_clean("api", &error);
    }
    for status in [200, 307, 401, 500] {
        let client = client_with_token(answer(status, "canary"));
        let response = client.perform(&secret_request(), &Call::new()).unwrap();
        assert_eq!(
            (response.status(), response.text().as_ref()),
            (status, "canary")
        );
        assert_debug_clean("response", &response);
    }
}

#[test]
fn no_secret_is_shown_by_debug() {
    let client = client_with_token(answer(200, "canary"));
    let token = client.get_token(&Call::new()).unwrap();
    assert_eq!(token.access_token(), "canary-access");
    assert_debug_clean("token", &token);
    assert_debug_clean("client", &client);
    assert_debug_clean("request", &secret_request());
    assert_debug_clean("call", &Call::new());
}

#[test]
fn the_library_writes_nothing_to_the_output_of_its_host() {
    const NAME: &str = "exchanges::the_library_writes_nothing_to_the_output_of_its_host";
    if env::var_os("AUTHKEEP_TEST_CHILD").is_some() {
        no_secret_is_shown_whatever_the_api_answers();
        return;
    }
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", NAME])
        .args(["--nocapture", "--quiet"])
        .env("AUTHKEEP_TEST_CHILD", "1")
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(
        child.status.success() && said.contains("1 passed"),
        "{said}"
    );
    assert_clean("stdout", &said);
    assert_eq!(String::from_utf8_lossy(&child.stderr), "");
}

#[test]
fn no_secret_is_told_to_a_log_or_explained() {
    let told = Arc::new(Mutex::new(String::new()));
    for api in [Vec::new(), answer(200, "canary"), answer(401, "canary")] {
        let client = client_with_token(api);
        let to = told.clone();
        client.set_log(LogLevel::Debug, move |level, text| {
            writeln!(to.lock().unwrap(), "{level:?} {text}").unwrap();
        });
        let call = Call::new().timeout(Duration::from_millis(300));
        // Its error is looked at elsewhere; here it is what else was told.
        let _ = client.perform(&secret_request(), &call);
        client.forget();
        let _ = client.get_token(&call);
        client.reset();
        assert_clean("explain", &client.explain(&Call::new()));
        assert_debug_clean("counters", &client.counters());
    }
    let told = told.lock().unwrap();
    assert!(told.contains("a token was issued"), "{told}");
    // The path is the caller's own to keep free of secrets.
    assert_clean("log", &told.replace("/orders/canary", "/orders"));
}
