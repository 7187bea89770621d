//! The header: its example, and that it needs nothing else.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::CANARY;
use crate::support::compiler::{Linkage, Program, Standard, checked, source};
use crate::support::server::TestServer;

#[test]
fn the_headers_example_runs_as_c99() {
    the_headers_example_runs(Standard::C99, Linkage::Shared);
}

#[test]
fn the_headers_example_runs_as_cxx17() {
    the_headers_example_runs(Standard::Cxx17, Linkage::Shared);
}

#[test]
fn the_headers_example_runs_with_the_static_library() {
    the_headers_example_runs(Standard::C99, Linkage::Static);
}

#[test]
fn the_header_stands_alone_in_c99() {
    the_header_stands_alone(Standard::C99);
}

#[test]
fn the_header_stands_alone_in_c11() {
    the_header_stands_alone(Standard::C11);
}

#[test]
fn the_header_stands_alone_in_cxx17() {
    the_header_stands_alone(Standard::Cxx17);
}

fn the_headers_example_runs(standard: Standard, linkage: Linkage) {
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
    let file = folder.path().join("example.c");
    fs::write(&file, example).unwrap();
    let Some(program) = Program::compile(standard, &[file], linkage) else {
        return;
    };

    let printed = checked(
        program
            .command()
            .env("ROBOT_SECRET", CANARY)
            .output()
            .unwrap(),
    );

    let echo: Value = serde_json::from_str(printed.strip_prefix("200 ").expect("a 200")).unwrap();
    assert_eq!(echo["path"], "/api/echo/orders");
    assert_eq!(echo["query"], "limit=50");
    assert_eq!(echo["client_id"], "robot");
}

/// The program in the prose of the header, without the comment's margin.
fn headers_example() -> String {
    let prose =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ffi/header.txt"))
            .unwrap();
    let lines = prose
        .lines()
        .skip_while(|line| !line.contains("#include <authkeep.h>"))
        .take_while(|line| !line.contains("Ownership."));
    let example: Vec<&str> = lines
        .map(|line| line.strip_prefix(" *   ").unwrap_or(""))
        .collect();
    assert!(example.len() > 20, "src/ffi/header.txt has no example");
    example.join("\n")
}

fn the_header_stands_alone(standard: Standard) {
    let sources = [source("header.c"), source("header_again.c")];
    if let Some(program) = Program::compile(standard, &sources, Linkage::Shared) {
        program.run([env!("CARGO_PKG_VERSION")]);
    }
}
