//! The emulations of real systems take what their vendors' pages show, and
//! refuse the rest with a reason; what other tests prove rests on them.

#![allow(clippy::expect_used, reason = "a panic is how a test fails")]

#[path = "../support/mod.rs"]
mod support;

mod aprimo_dm;
mod cloudblue_connect;
mod control;
mod ingram_micro;
mod ingram_micro_reseller;
mod inventorypro;
mod shopware;
mod shopware_accounts;

use serde_json::{Value, json};
use support::server::{Answer, Emulation};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Posts a form, as an emulation's token endpoint takes it.
fn post_form(emulation: &Emulation, path: &str, form: &str) -> Answer {
    emulation.request("POST", path, &[FORM], form.as_bytes())
}

/// Sends what has no body, with an Authorization header of this value.
fn send(emulation: &Emulation, method: &str, target: &str, authorization: &str) -> Answer {
    emulation.request(method, target, &[("Authorization", authorization)], b"")
}

/// Sends a JSON body, with an Authorization header of this value.
fn send_json(
    emulation: &Emulation,
    method: &str,
    target: &str,
    authorization: &str,
    document: &Value,
) -> Answer {
    let headers = [JSON, ("Authorization", authorization)];
    emulation.request(method, target, &headers, document.to_string().as_bytes())
}

/// The value of an Authorization header with the token that an answer brought.
#[track_caller]
fn bearer(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    let token = answer.json()["access_token"].as_str().map(str::to_owned);
    format!("Bearer {}", token.expect("a token"))
}

/// The answer without the tokens, which are random.
fn without_tokens(answer: &Answer) -> Value {
    let mut document = answer.json();
    for name in ["access_token", "refresh_token"] {
        if let Some(token) = document.get_mut(name) {
            assert!(token.as_str().is_some_and(|token| token.len() > 100));
            *token = json!("…");
        }
    }
    document
}

/// Asserts a refusal: its status, the member of the body at `pointer`, and
/// the sentence that the log ends with.
#[track_caller]
fn refused(
    emulation: &Emulation,
    answer: &Answer,
    status: u16,
    (pointer, value): (&str, &str),
    reason: &str,
) {
    let log = emulation.stats()["log"].clone();
    let last = log.as_array().and_then(|log| log.last()).cloned();
    let last = last.expect("the log has a line");
    let logged = last["reason"].as_str().unwrap_or_default();
    assert!(
        logged.starts_with(reason),
        "{logged:?} instead of {reason:?}"
    );
    assert_eq!(
        (answer.status, &last["status"]),
        (status, &json!(status)),
        "{reason}"
    );
    let body = answer.json();
    assert_eq!(
        body.pointer(pointer),
        Some(&json!(value)),
        "{reason}: {body}"
    );
    for name in ["client_secret", "password", "api_key"] {
        let secret = emulation.settings[name].as_str().unwrap_or("\0");
        assert!(!logged.contains(secret), "the log tells the {name}");
    }
}
