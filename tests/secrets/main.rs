//! No secret in anything that is shown: every secret has the word `canary` in
//! it, and no error, no `Debug` and no output of the program may have it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "../support/mod.rs"]
mod support;

mod exchanges;
mod refusals;
mod token_endpoint;

use std::fmt::Debug;

use authkeep::Error;
use serde_json::{Value, json};

/// `canary` as it is, and in base64 wherever it may begin.
const TRACES: [&str; 4] = ["canary", "Y2FuYXJ5", "NhbmFye", "jYW5hcn"];

fn assert_clean(what: &str, text: &str) {
    for trace in TRACES {
        assert!(
            !text.to_lowercase().contains(&trace.to_lowercase()),
            "{what}: {text}"
        );
    }
}

fn assert_debug_clean(what: &str, value: &impl Debug) {
    assert_clean(what, &format!("{value:?} {value:#?}"));
}

/// Everything that an error shows, and whether it shows enough.
fn assert_error_clean(what: &str, error: &Error) {
    assert_debug_clean(what, error);
    let facts = [error.oauth_error(), error.oauth_description()].map(Option::unwrap_or_default);
    let shown = format!(
        "{error} {} {} {}",
        error.message(),
        error.code(),
        facts.join(" ")
    );
    assert_clean(what, &shown);
    assert!(
        !error.message().is_empty() && !error.message().contains('\n'),
        "{shown}"
    );
}

/// Every secret of a config, each with a place where it goes.
fn every_secret(url: &str) -> Value {
    json!({
        "base_url": format!("{url}/api"),
        "token_endpoint": format!("{url}/token"),
        "client_id": "robot",
        "client_secret": "canary secret/+é\"&\\",
        "username": "me",
        "password": "canary pass/+é\"&\\",
        "token_request": {
            "fields": {"pin": "canary-pin", "pin2": "canary-pin-and-more"},
            "headers": {"X-Gate": "canary-gate"},
        },
    })
}
