//! Runs the C# tests in `tests/dotnet` on Mono and on .NET, with the library
//! and the test server that cargo built; and what takes a process each: where
//! the library is found.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod support;

use std::fs;
use std::process::Command;

use support::dotnet::{Program, Runtime, sources_in};
use support::library::{SONAME, library};
use support::{require, server};

#[test]
fn the_dotnet_binding_passes_its_own_tests_on_mono() {
    passes_its_own_tests(Runtime::Mono);
}

#[test]
fn the_dotnet_binding_passes_its_own_tests_on_dotnet() {
    passes_its_own_tests(Runtime::DotNet);
}

#[test]
fn the_library_is_found_or_said_to_be_missing_on_mono() {
    the_library_is_found_or_said_to_be_missing(Runtime::Mono);
}

#[test]
fn the_library_is_found_or_said_to_be_missing_on_dotnet() {
    the_library_is_found_or_said_to_be_missing(Runtime::DotNet);
}

fn program(runtime: Runtime) -> Option<Program> {
    Some(runtime.tools()?.compile(&sources_in("tests/dotnet")))
}

fn passes_its_own_tests(runtime: Runtime) {
    let Some(program) = program(runtime) else {
        return;
    };
    let output = program
        .command()
        .env("AUTHKEEP_TEST_SERVER", server::program())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && complaint.is_empty(),
        "{printed}{complaint}"
    );
    let summary = printed.trim_end().lines().last().unwrap_or_default();
    require::say(&format!("C# on {}: {summary}", runtime.name()));
}

fn the_library_is_found_or_said_to_be_missing(runtime: Runtime) {
    let Some(program) = program(runtime) else {
        return;
    };
    let shared = &library().shared;
    let elsewhere = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(shared, elsewhere.path().join(SONAME)).unwrap();

    let mut missing = program.command_without_library();
    let said = origin(&mut missing, false);
    assert!(
        said.contains("libauthkeep.so")
            && said.contains(program.folder().to_str().unwrap())
            && said.contains("AUTHKEEP_LIBRARY"),
        "{said}"
    );

    let mut named = program.command_without_library();
    let said = origin(named.env("AUTHKEEP_LIBRARY", shared), true);
    assert!(said.contains("named by AUTHKEEP_LIBRARY"), "{said}");

    let beside = program.folder().join("libauthkeep.so");
    fs::write(&beside, "no library").unwrap();
    let mut preferred = program.command_without_library();
    let said = origin(preferred.env("AUTHKEEP_LIBRARY", shared), true);
    assert!(said.contains("named by AUTHKEEP_LIBRARY"), "{said}");
    fs::remove_file(beside).unwrap();

    let mut named_wrongly = program.command_without_library();
    let said = origin(named_wrongly.env("AUTHKEEP_LIBRARY", "/no/such.so"), false);
    assert!(said.contains("there is no file /no/such.so"), "{said}");

    let text = elsewhere.path().join("text.so");
    fs::write(&text, "no library").unwrap();
    let mut no_library = program.command_without_library();
    let said = origin(no_library.env("AUTHKEEP_LIBRARY", &text), false);
    assert!(said.contains("cannot load"), "{said}");

    let mut installed = program.command_without_library();
    let said = origin(installed.env("LD_LIBRARY_PATH", elsewhere.path()), true);
    assert!(said.contains("installed in the system"), "{said}");

    let mut loaded = program.command();
    let said = origin(loaded.env("LD_PRELOAD", shared), true);
    assert!(said.contains("loaded by this process"), "{said}");

    let said = origin(&mut program.command(), true);
    assert!(said.contains("found beside the program"), "{said}");
}

/// Where a program says that it found the library, or why it didn't.
fn origin(command: &mut Command, is_found: bool) -> String {
    let output = command.arg("--origin").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.success(), is_found, "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    said
}
