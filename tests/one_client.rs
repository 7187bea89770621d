//! Two languages in one process on one client: Python loads a C++ plug-in, and
//! one hands the other a handle as a pointer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::json;
use support::compiler::{Linkage, Program, Standard, checked, cpp_source};
use support::library::library;
use support::programs::registered;
use support::python::interpreter;
use support::require;
use support::server::TestServer;

#[test]
fn a_client_of_python_serves_a_cpp_plugin_with_one_token_request_for_both() {
    both_use_one_client("to");
}

#[test]
fn a_client_of_a_cpp_plugin_serves_python_with_one_token_request_for_both() {
    both_use_one_client("from");
}

fn both_use_one_client(direction: &str) {
    let Some(python) = require::part("python", interpreter()) else {
        return;
    };
    let source = [cpp_source("plugin.cpp")];
    let flags = ["-shared", "-fPIC"];
    let plugin = Program::compile_with(Standard::Cxx17, &source, Linkage::Shared, &flags);
    let Some(plugin) = plugin else { return };
    let server = TestServer::start();
    let config = registered(&server, json!({"client_id": "both"}));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/one_client.py");

    let output = Command::new(python)
        .arg(script)
        .arg(plugin.path())
        .args([&config, direction])
        .env("AUTHKEEP_LIBRARY", &library().shared)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();

    let answered: u64 = checked(output).trim().parse().unwrap();
    let stats = server.client_stats("both");
    assert_eq!(stats["api_ok"], answered);
    assert_eq!(stats["token_requests"], 1, "one for both languages");
}
