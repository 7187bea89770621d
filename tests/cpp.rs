//! The C++ binding: the programs of `tests/cpp`, compiled by g++ and by clang++
//! with every warning an error, against the built library and the test server.
//!
//! The programs check; here they get their server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod support;

use std::fs;

use serde_json::{Value, json};
use support::compiler::{Linkage, Program, Standard, checked, cpp_source, sanitizes};
use support::programs::{
    CANARY, listed_providers, prints_what_the_server_counted, refused_url, registered,
};
use support::server::TestServer;

// --- the header --------------------------------------------------------------

#[test]
fn the_headers_example_runs() {
    let server = TestServer::start();
    server.register(json!({"client_id": "robot", "client_secret": CANARY}));
    // The echo answers below its path as well, so that the target may stay.
    let mut example = headers_example();
    for (place, here) in [
        ("https://api.example/v1", "/api/echo"),
        ("https://id.example/oauth/token", "/oauth/token"),
    ] {
        assert_eq!(example.matches(place).count(), 1, "{place}");
        example = example.replace(place, &format!("{}{here}", server.url));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("example.cpp");
    fs::write(&file, example).unwrap();
    for program in by_each_compiler(&[file], &[]) {
        let mut command = program.command();
        let printed = checked(command.env("ROBOT_SECRET", CANARY).output().unwrap());

        let echo = printed.strip_prefix("200 ").expect("a 200");
        let echo: Value = serde_json::from_str(echo).unwrap();
        assert_eq!(echo["path"], "/api/echo/orders");
        assert_eq!(echo["query"], "limit=50");
        assert_eq!(echo["client_id"], "robot");
    }
}

/// The program in the prose of the header, without the comment's margin.
fn headers_example() -> String {
    let example: Vec<&str> = include_str!("../bindings/cpp/authkeep.hpp")
        .lines()
        .skip_while(|line| !line.contains(" *   #include <authkeep.hpp>"))
        .take_while(|line| !line.contains("This is authkeep.h"))
        .map(|line| line.strip_prefix(" *   ").unwrap_or(""))
        .collect();
    assert!(example.len() > 15, "the header has no example");
    example.join("\n")
}

#[test]
fn the_header_stands_alone_in_two_units() {
    let sources = [cpp_source("header.cpp"), cpp_source("header_again.cpp")];
    for program in by_each_compiler(&sources, &[]) {
        program.run([env!("CARGO_PKG_VERSION")]);
    }
}

// --- the nouns ---------------------------------------------------------------

#[test]
fn objects_move_handles_change_hands_and_outputs_live_on() {
    let server = TestServer::start();
    let config = registered(&server, json!({"client_id": "owner", "scope": "orders"}));
    for program in of_tests("ownership.cpp") {
        program.run([&config]);
    }
    assert_eq!(server.client_stats("owner")["api_401"], 0);
}

#[test]
fn the_providers_are_those_of_the_library() {
    for program in of_tests("provider.cpp") {
        // On Windows a C++ program ends its lines with two characters.
        let printed = program.run::<&str>([]).replace('\r', "");
        assert_eq!(printed, listed_providers());
    }
}

#[test]
fn what_fails_throws_the_class_of_its_status_with_every_fact() {
    what_fails_throws(&[]);
}

#[test]
fn what_fails_throws_without_rtti() {
    what_fails_throws(&["-fno-rtti"]);
}

fn what_fails_throws(flags: &[&str]) {
    for program in by_each_compiler(&[cpp_source("errors.cpp")], flags) {
        // One each: who was refused is remembered.
        let server = TestServer::start();
        for client_id in ["good", "html", "throttled"] {
            server.register(json!({"client_id": client_id, "client_secret": CANARY}));
        }
        server.register(json!({"client_id": "wrong", "client_secret": "another"}));
        let page = format!("<html><body>Sign in, {CANARY}</body></html>");
        let answer = json!({"error": "slow_down", "error_description": "too many"});
        for (client_id, fail) in [
            (
                "html",
                json!({"status": 200, "headers": {"Content-Type": "text/html"}, "body": page}),
            ),
            (
                "throttled",
                json!({"status": 429, "headers": {"Retry-After": "7"}, "body": answer}),
            ),
        ] {
            server.switch(json!({"client_id": client_id, "fail": fail}));
        }

        let table = program.run([&server.url, &refused_url(), &server.tls_url]);

        assert!(!table.contains(CANARY));
        assert_eq!(server.stats()["total"]["api_requests"], 0);
        // By one client, which is destroyed, by another, which may still have
        // heard of its failure, and after the reset.
        let requests = server.client_stats("wrong")["token_requests"].as_u64();
        assert!(matches!(requests, Some(2..=3)), "{requests:?}");
    }
}

#[test]
fn a_call_has_a_deadline_a_validity_and_a_byte_that_cancels() {
    let server = TestServer::start();
    let good = registered(
        &server,
        json!({"client_id": "good", "token_life_ms": 60_000}),
    );
    let hanging = registered(&server, json!({"client_id": "hangs"}));
    server.switch(json!({"client_id": "hangs", "hang": true}));
    for program in of_tests("call.cpp") {
        program.run([&good, &hanging]);
    }
}

#[test]
fn what_happens_is_told_explained_and_forgotten() {
    for program in of_tests("log.cpp") {
        let server = TestServer::start();
        program.run([registered(&server, json!({"client_id": "told"}))]);
    }
}

// --- threads -----------------------------------------------------------------

#[test]
fn sixteen_threads_share_one_client_while_its_tokens_expire() {
    for program in of_tests("threads.cpp") {
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
}

#[test]
fn a_log_outlives_the_calls_that_are_inside_of_it() {
    for program in of_tests("log_threads.cpp") {
        let server = TestServer::start();
        program.run([registered(&server, json!({"client_id": "told"}))]);
    }
}

#[test]
fn the_shared_session_program_prints_what_the_server_counted() {
    for program in of_tests("shared_session.cpp") {
        prints_what_the_server_counted(&program);
    }
}

// --- compilers ---------------------------------------------------------------

/// A program of `tests/cpp`, by each compiler.
fn of_tests(name: &str) -> Vec<Program> {
    by_each_compiler(&[cpp_source(name)], &[])
}

/// The same sources by g++ and by clang++, as far as the machine has them. The
/// sanitizers' library is that of g++ alone.
fn by_each_compiler(sources: &[std::path::PathBuf], flags: &[&str]) -> Vec<Program> {
    let compilers: &[Standard] = match sanitizes() {
        true => &[Standard::Cxx17],
        false => &[Standard::Cxx17, Standard::Cxx17Clang],
    };
    compilers
        .iter()
        .filter_map(|&compiler| Program::compile_with(compiler, sources, Linkage::Shared, flags))
        .collect()
}
