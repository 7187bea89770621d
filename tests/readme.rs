//! The README's snippets are programs: compiled, run, and right.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

mod support;
use support::cargo;
use support::compiler::Standard;
use support::dotnet::Runtime;
use support::library::target_folder;
use support::server::TestServer;
use support::snippet::{only, programs};

const README: &str = include_str!("../README.md");

/// A home with the README's profile in it, for a server of ours.
fn home(server: &TestServer) -> tempfile::TempDir {
    server.register(json!({"client_id": "robot", "client_secret": "from the environment"}));
    let profile = only(README, "json")
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

fn the_program_prints_the_orders(language: &str) {
    for program in programs(README, language) {
        let server = TestServer::start();
        let home = home(&server);
        let output = in_home(program(), home.path()).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && errors.is_empty(), "{errors}");
        check(&String::from_utf8(output.stdout).unwrap());
        // And without a profile it fails, and says so.
        let output = in_home(program(), Path::new("/nonexistent")).output();
        let output = output.unwrap();
        assert!(!(output.stderr.is_empty() && output.stdout.is_empty()));
        if language != "powershell" {
            assert_eq!(output.status.code(), Some(1));
        }
    }
}

fn in_home(mut program: Command, home: &Path) -> Command {
    program
        .env("XDG_CONFIG_HOME", home)
        .env("ROBOT_SECRET", "from the environment");
    program
}

fn check(printed: &str) {
    let (status, body) = printed.split_once(' ').unwrap();
    assert_eq!(status, "200");
    let echo: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(echo["query"], "limit=50", "{echo}");
    assert_eq!(echo["client_id"], "robot", "{echo}");
}

#[test]
fn the_c_program_compiles_without_a_warning_and_prints_the_orders() {
    the_program_prints_the_orders("c");
}

#[test]
fn the_cpp_program_compiles_without_a_warning_and_prints_the_orders() {
    the_program_prints_the_orders("cpp");
}

#[test]
fn the_python_program_prints_the_orders() {
    the_program_prints_the_orders("python");
}

#[test]
fn the_csharp_program_compiles_without_a_warning_and_prints_the_orders() {
    the_program_prints_the_orders("csharp");
}

#[test]
fn the_powershell_script_prints_the_orders() {
    the_program_prints_the_orders("powershell");
}

/// The commands are those of the README, but for the profile, whose name is
/// also that of a folder: the one that ships takes a minute to build.
#[test]
fn the_commands_build_the_c_program_and_run_it() {
    if Standard::C99.compiler().is_none() {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("orders.c"), only(README, "c")).unwrap();
    for (name, place) in [
        ("include", root.join("include")),
        ("target", target_folder()),
    ] {
        std::os::unix::fs::symlink(place, folder.path().join(name)).unwrap();
    }
    let commands = only(README, "sh")
        .replace("--profile dist", "--profile dev")
        .replace("target/dist", "target/debug");
    // The package is elsewhere, so that nothing is written beside its sources.
    let script = format!(
        "set -e\ncargo() {{ command cargo \"$@\" --quiet --manifest-path '{}' --target-dir target; \
         }}\n{commands}",
        root.join("Cargo.toml").display()
    );
    let server = TestServer::start();
    let home = home(&server);
    let mut shell = Command::new("sh");
    cargo::forget_this_package(&mut shell);
    shell
        .args(["-c", &script])
        .current_dir(folder.path())
        // Cargo's own, with the library in it.
        .env_remove("LD_LIBRARY_PATH");
    let output = in_home(shell, home.path()).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    check(&String::from_utf8(output.stdout).unwrap());
}

#[test]
fn the_program_of_the_dotnet_binding_compiles_without_a_warning() {
    let source = only(include_str!("../bindings/dotnet/README.md"), "csharp");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Products.cs");
    fs::write(&file, source).unwrap();
    for runtime in [Runtime::Mono, Runtime::DotNet] {
        if let Some(tools) = runtime.tools() {
            tools.compile(std::slice::from_ref(&file));
        }
    }
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
