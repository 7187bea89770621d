//! What comes in, wrong input included, and what goes out.

use serde_json::json;

use crate::support::compiler::Program;
use crate::support::programs::{listed_providers, refused_url};
use crate::support::require::say;
use crate::support::server::TestServer;
use crate::{CANARY, registered};

#[test]
fn null_is_an_error_that_names_the_argument_or_nothing_at_all() {
    if let Some(program) = Program::of_tests("null.c") {
        program.run::<&str>([]);
    }
}

#[test]
fn the_providers_are_those_of_the_library_and_nothing_is_past_the_last() {
    let Some(program) = Program::of_tests("provider.c") else {
        return;
    };
    // On Windows a C program ends its lines with two characters.
    let printed = program.run::<&str>([]).replace('\r', "");
    assert_eq!(printed, listed_providers());
}

#[test]
fn bad_input_has_a_status_a_code_and_a_message_without_a_secret() {
    let Some(program) = Program::of_tests("badinput.c") else {
        return;
    };
    let server = TestServer::start();
    for client_id in ["good", "html"] {
        server.register(json!({"client_id": client_id, "client_secret": CANARY}));
    }
    server.register(json!({"client_id": "wrong", "client_secret": "another"}));
    let page = format!("<html><body>Sign in, {CANARY}</body></html>");
    let html = json!({"status": 200, "headers": {"Content-Type": "text/html"}, "body": page});
    server.switch(json!({"client_id": "html", "fail": html}));

    let table = program.run([&server.url, &refused_url(), &server.tls_url]);

    say(&format!("bad input: status, code, message\n{table}"));
    assert!(!table.contains(CANARY));
    assert_eq!(server.stats()["total"]["api_requests"], 0);
}

#[test]
fn a_token_is_copied_whole_or_its_length_is_told() {
    let Some(program) = Program::of_tests("copy_token.c") else {
        return;
    };
    let server = TestServer::start();
    program.run([registered(&server, json!({"client_id": "copy"}))]);
    assert_eq!(server.client_stats("copy")["token_requests"], 1);
}

#[test]
fn inputs_are_copied_and_outputs_live_until_they_are_freed() {
    let Some(program) = Program::of_tests("ownership.c") else {
        return;
    };
    let server = TestServer::start();
    let good = registered(&server, json!({"client_id": "good", "scope": "orders"}));
    let throttled = registered(&server, json!({"client_id": "throttled"}));
    let answer = json!({"error": "slow_down", "error_description": "too many"});
    server.switch(json!({"client_id": "throttled", "fail":
        {"status": 429, "headers": {"Retry-After": "7"}, "body": answer}}));
    program.run([good, throttled]);
}

#[test]
fn what_happens_is_told_on_the_callers_thread_and_explained() {
    let Some(program) = Program::of_tests("log.c") else {
        return;
    };
    let server = TestServer::start();
    program.run([registered(&server, json!({"client_id": "told"}))]);
}
