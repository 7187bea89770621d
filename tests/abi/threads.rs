//! Calls in many threads: shared, cancelled, and left behind.

use std::process::Stdio;

use serde_json::json;

use crate::registered;
use crate::support::compiler::Program;
use crate::support::programs::{go_on_when, prints_what_the_server_counted};
use crate::support::require::say;
use crate::support::server::TestServer;

#[test]
fn sixteen_threads_share_one_client_while_its_tokens_expire() {
    let Some(program) = Program::of_tests("threads.c") else {
        return;
    };
    let server = TestServer::start();
    let config = registered(
        &server,
        json!({"client_id": "threads", "token_life_ms": 1000}),
    );

    let requests: u64 = program.run([config]).trim().parse().unwrap();

    let stats = server.client_stats("threads");
    assert_eq!(stats["api_ok"], requests);
    assert_eq!(stats["api_401"], 0);
    assert_eq!(stats["in_flight_max"], 1, "one token request at a time");
}

#[test]
fn a_call_has_a_deadline_a_validity_and_a_byte_that_cancels() {
    let Some(program) = Program::of_tests("call.c") else {
        return;
    };
    let server = TestServer::start();
    let good = registered(
        &server,
        json!({"client_id": "good", "token_life_ms": 60_000}),
    );
    let hanging = registered(&server, json!({"client_id": "hangs"}));
    server.switch(json!({"client_id": "hangs", "hang": true}));
    program.run([good, hanging]);
}

#[test]
fn a_client_may_be_freed_while_others_use_it_and_twice() {
    let Some(program) = Program::of_tests("free.c") else {
        return;
    };
    let server = TestServer::start();
    let good = registered(&server, json!({"client_id": "good"}));
    let hanging = registered(&server, json!({"client_id": "hangs"}));
    server.switch(json!({"client_id": "hangs", "where": "api", "hang": true}));
    let mut command = program.command();
    command.args([good, hanging]).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();

    go_on_when(&mut child, || {
        server.client_stats("hangs")["api_requests"] == 1
    });
    assert!(child.wait().unwrap().success());
    assert_eq!(server.client_stats("good")["api_401"], 0);
}

#[test]
fn threads_get_perform_cancel_and_free_in_every_order() {
    let Some(program) = Program::of_tests("orders.c") else {
        return;
    };
    let server = TestServer::start();
    let config = registered(&server, json!({"client_id": "orders"}));
    // Slow enough to be cancelled.
    for place in ["token", "api"] {
        server.switch(json!({"client_id": "orders", "where": place, "delay_ms": 3}));
    }

    let printed = program.run([config]);

    let outcomes: Vec<u32> = printed
        .split_whitespace()
        .map(|count| count.parse().unwrap())
        .collect();
    assert_eq!(outcomes.iter().sum::<u32>(), 2 * 16 * 24, "{printed}");
    assert!(outcomes.iter().all(|count| *count > 0), "{printed}");
    say(&format!(
        "16 threads in 24 orders: {} calls succeeded, {} cancelled, {} told that the client is closed",
        outcomes[0], outcomes[1], outcomes[2]
    ));
}

#[test]
fn the_shared_session_program_prints_what_the_server_counted() {
    if let Some(program) = Program::of_tests("shared_session.c") {
        prints_what_the_server_counted(&program);
    }
}
