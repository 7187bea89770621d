//! Token endpoints that echo what they were told.

use std::io::Write;
use std::sync::Arc;

use authkeep::{Call, Client, Config, ManualClock};
use serde_json::{Value, json};

use crate::support::raw::{RawServer, Sent, answer, read_request};
use crate::{assert_debug_clean, assert_error_clean, every_secret};

fn configs(url: &str) -> Vec<Config> {
    let mut configs = Vec::new();
    for grant in ["client_credentials", "password", "refresh_token"] {
        for auth in ["basic", "basic_raw", "body"] {
            for format in ["form", "json"] {
                let mut config = Config::new();
                // A seed of its own for each, or they would share its fate.
                let seed = format!("canary refresh/+é {grant} {auth} {format}");
                let more = json!({
                    "grant": grant, "client_auth": auth, "token_request": {"format": format},
                    "refresh_token": seed,
                });
                for layer in [every_secret(url), more] {
                    config.merge_json(&layer.to_string()).unwrap();
                }
                configs.push(config);
            }
        }
    }
    configs
}

fn json_answer(status: u16, document: &Value) -> Vec<u8> {
    answer(status, &document.to_string())
}

type Answer = fn(&Sent) -> Vec<u8>;

/// The whole request as text, and its form decoded.
fn echo(sent: &Sent) -> String {
    let body = String::from_utf8_lossy(&sent.body);
    // What matters first: a description is cut.
    match sent.header("content-type") {
        Some("application/json") => format!("{body} {}", sent.head),
        _ => {
            let spaced = body.replace('+', " ");
            let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy();
            format!("{decoded} {body} {}", sent.head)
        }
    }
}

/// Token endpoints that say what they were told, or what nobody may see.
const TOKEN_ANSWERS: [(&str, Answer); 18] = [
    ("description, 400", |sent| {
        json_answer(
            400,
            &json!({"error": "invalid_grant", "error_description": echo(sent)}),
        )
    }),
    ("description, 401", |sent| {
        json_answer(
            401,
            &json!({"error": "invalid_client", "error_description": echo(sent)}),
        )
    }),
    ("headers", |sent| {
        json_answer(
            400,
            &json!({"error": "invalid_scope", "error_description": sent.head}),
        )
    }),
    ("one header", |sent| {
        let header = sent.header("authorization").unwrap_or("none");
        json_answer(
            400,
            &json!({"error": "invalid_client", "error_description": header}),
        )
    }),
    ("code", |sent| {
        json_answer(400, &json!({"error": echo(sent)}))
    }),
    ("code with padding", |sent| {
        json_answer(
            400,
            &json!({"error": format!("{}{}", "x".repeat(150), echo(sent))}),
        )
    }),
    ("code, 502", |sent| {
        json_answer(502, &json!({"error": echo(sent)}))
    }),
    ("description, 503", |sent| {
        json_answer(
            503,
            &json!({"error": "busy", "error_description": echo(sent)}),
        )
    }),
    ("error in a 200", |sent| {
        json_answer(
            200,
            &json!({"error": "no", "error_description": echo(sent)}),
        )
    }),
    ("web page", |sent| {
        answer(200, &format!("<html>{}", echo(sent)))
    }),
    ("text, 500", |sent| answer(500, &echo(sent))),
    ("duplicate", |_| {
        answer(
            200,
            r#"{"access_token":"canary-1","access_token":"canary-2"}"#,
        )
    }),
    ("type", |_| {
        answer(200, r#"{"access_token":"canary","token_type":"canary"}"#)
    }),
    ("life", |_| {
        answer(200, r#"{"access_token":"canary","expires_in":"canary"}"#)
    }),
    ("split token", |_| {
        answer(200, r#"{"access_token":"canary\r\nX: canary"}"#)
    }),
    ("redirect", |_| {
        b"HTTP/1.1 307 canary\r\nLocation: https://id.example/canary?canary=1\r\n\
          Content-Length: 0\r\n\r\n"
            .to_vec()
    }),
    ("no HTTP", |sent| {
        format!("canary {}", echo(sent)).into_bytes()
    }),
    ("cut", |_| {
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nX: canary\r\n\r\n{\"canary".to_vec()
    }),
];

#[test]
fn no_secret_is_shown_whatever_the_token_endpoint_answers() {
    for (name, make) in TOKEN_ANSWERS {
        let server = RawServer::start(move |stream, _| {
            if let Some(sent) = read_request(stream)? {
                stream.write_all(&make(&sent))?;
            }
            Ok(())
        });
        for config in configs(&server.url) {
            assert_debug_clean("config", &config);
            // A clock that lets pauses pass at once.
            let clock = Arc::new(ManualClock::new(1_900_000_000_000));
            let client = Client::with_clock(&config, clock).unwrap();
            for _ in 0..2 {
                assert_error_clean(name, &client.get_token(&Call::new()).unwrap_err());
                assert_error_clean(name, &client.get("/x", &Call::new()).unwrap_err());
                client.reset();
            }
            assert_debug_clean("client", &client);
        }
    }
}
