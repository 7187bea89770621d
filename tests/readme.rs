//! The README's snippets are programs: compiled, run, and right.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

mod support;
use support::compiler::{Linkage, Program, Standard};
use support::dotnet::Runtime;
use support::library::library;
use support::powershell::pwsh;
use support::python::interpreter;
use support::require;
use support::server::TestServer;

const README: &str = include_str!("../README.md");

/// The code block of a language; there is one of each.
fn snippet(language: &str) -> String {
    let fence = format!("```{language}\n");
    let mut blocks = README.split(&fence).skip(1);
    let block = blocks.next().unwrap_or_else(|| panic!("no {fence}"));
    assert!(blocks.next().is_none(), "two blocks of {language}");
    block.split("```").next().unwrap().to_owned()
}

/// A home with the README's profile in it, for a server of ours.
fn home(server: &TestServer) -> tempfile::TempDir {
    server.register(json!({"client_id": "robot", "client_secret": "from the environment"}));
    let profile = snippet("json")
        .replace(
            "https://api.example/v1",
            &format!("{}/api/echo", server.url),
        )
        .replace(
            "https://id.example/oauth/token",
            &format!("{}/token", server.url),
        );
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("authkeep");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("profiles.json"), profile).unwrap();
    home
}

fn run(mut program: Command, home: &Path) -> String {
    let output = program
        .env("XDG_CONFIG_HOME", home)
        .env("ROBOT_SECRET", "from the environment")
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}{errors}");
    assert_eq!(errors, "");
    printed
}

#[test]
fn the_c_program_compiles_without_a_warning_and_prints_the_orders() {
    the_program_compiles_and_prints_the_orders("c", Standard::C99);
}

#[test]
fn the_cpp_program_compiles_without_a_warning_and_prints_the_orders() {
    the_program_compiles_and_prints_the_orders("cpp", Standard::Cxx17);
}

fn the_program_compiles_and_prints_the_orders(language: &str, standard: Standard) {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("orders");
    fs::write(&source, snippet(language)).unwrap();
    let Some(program) = Program::compile(standard, &[source], Linkage::Shared) else {
        return;
    };
    let server = TestServer::start();
    let home = home(&server);
    check(&run(program.command(), home.path()));
}

#[test]
fn the_python_program_prints_the_orders() {
    let Some(python) = require::part("python", interpreter()) else {
        return;
    };
    let server = TestServer::start();
    let home = home(&server);
    let mut program = Command::new(python);
    program
        .args(["-c", &snippet("python")])
        .env(
            "PYTHONPATH",
            concat!(env!("CARGO_MANIFEST_DIR"), "/bindings/python"),
        )
        .env("AUTHKEEP_LIBRARY", &library().shared);
    check(&run(program, home.path()));
}

#[test]
fn the_csharp_program_compiles_without_a_warning_and_prints_the_orders() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("Orders.cs");
    fs::write(&source, snippet("csharp")).unwrap();
    for runtime in [Runtime::Mono, Runtime::DotNet] {
        let Some(tools) = runtime.tools() else {
            continue;
        };
        let program = tools.compile(std::slice::from_ref(&source));
        let server = TestServer::start();
        let home = home(&server);
        check(&run(program.command(), home.path()));
    }
}

#[test]
fn the_powershell_script_prints_the_orders() {
    let Some(pwsh) = pwsh() else { return };
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("orders.ps1");
    fs::write(&script, snippet("powershell")).unwrap();
    let server = TestServer::start();
    let home = home(&server);
    let mut program = Command::new(pwsh);
    program
        .args(["-NoProfile", "-NonInteractive", "-File"])
        .arg(script)
        .env(
            "PSModulePath",
            concat!(env!("CARGO_MANIFEST_DIR"), "/bindings/powershell"),
        )
        .env("AUTHKEEP_LIBRARY", &library().shared);
    check(&run(program, home.path()));
}

#[test]
fn the_program_of_the_dotnet_binding_compiles_without_a_warning() {
    let readme = include_str!("../bindings/dotnet/README.md");
    let program = readme.split("```csharp\n").nth(1).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("Products.cs");
    fs::write(&source, program.split("```").next().unwrap()).unwrap();
    for runtime in [Runtime::Mono, Runtime::DotNet] {
        if let Some(tools) = runtime.tools() {
            tools.compile(std::slice::from_ref(&source));
        }
    }
}

fn check(printed: &str) {
    let (status, body) = printed.split_once(' ').unwrap();
    assert_eq!(status, "200");
    let echo: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(echo["query"], "limit=50", "{echo}");
    assert_eq!(echo["client_id"], "robot", "{echo}");
}

#[test]
fn the_readme_names_the_command_that_builds_the_library() {
    let command = "cargo rustc --lib --features capi --profile dist --crate-type cdylib,staticlib";
    assert!(README.contains(command));
    assert!(
        include_str!("../Cargo.toml").contains(command),
        "said twice, once otherwise"
    );
}
