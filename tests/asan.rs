//! AddressSanitizer and LeakSanitizer over the C and C++ programs, and over the
//! library's own code with them.
//!
//! The tests in `abi` and `cpp` run once more with every program and the
//! library compiled for it; programs with faults on purpose show that it was on.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod support;

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;
use support::cargo::cargo;
use support::compiler::{Linkage, Program, Standard, source};
use support::{require, server};

/// Whether gcc can make such programs, and they run.
fn available() -> Option<()> {
    let folder = tempfile::tempdir().unwrap();
    let (source, program) = (folder.path().join("a.c"), folder.path().join("a"));
    std::fs::write(&source, "int main(void) { return 0; }\n").unwrap();
    let compiler = Standard::C99.compiler()?;
    let compiled = Command::new(&compiler)
        .arg("-fsanitize=address")
        .arg(&source)
        .arg("-o")
        .arg(&program)
        .output();
    let runs = compiled.is_ok_and(|output| output.status.success())
        && Command::new(&program)
            .env("ASAN_OPTIONS", "detect_leaks=1")
            .output()
            .is_ok_and(|output| output.status.success());
    let available = match runs {
        true => Ok(()),
        false => Err(format!(
            "a program of {compiler} -fsanitize=address doesn't run here"
        )),
    };
    require::part("asan", available)
}

#[test]
fn the_c_and_cpp_programs_run_without_a_memory_fault_or_a_leak() {
    if available().is_none() {
        return;
    }
    for test in test_programs() {
        let output = Command::new(&test)
            .env("AUTHKEEP_SANITIZE", "address")
            .env("AUTHKEEP_TEST_SERVER", server::program())
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{}\n{printed}", test.display());
        for line in printed.lines() {
            if line.contains("under ASan") || line.starts_with("test result") {
                require::say(&format!("sanitized: {line}"));
            }
        }
    }
}

/// The tests that run C and C++ programs.
fn test_programs() -> Vec<PathBuf> {
    let names = ["abi", "cancellation", "cpp"];
    let mut command = cargo("test");
    for name in names {
        command.args(["--test", name]);
    }
    let output = command.arg("--no-run").output().expect("cargo runs");
    assert!(output.status.success(), "cargo can't build {names:?}");
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let programs: Vec<PathBuf> = messages
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("cargo speaks JSON"))
        .filter(|message| names.iter().any(|name| message["target"]["name"] == *name))
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .collect();
    assert_eq!(programs.len(), names.len(), "{programs:?}");
    programs
}

#[test]
fn a_planted_leak_of_the_librarys_memory_is_reported() {
    is_reported("leak", "LeakSanitizer: detected memory leaks");
}

#[test]
fn a_planted_overflow_of_the_programs_memory_is_reported() {
    is_reported("overflow", "AddressSanitizer: heap-buffer-overflow");
}

#[test]
fn a_planted_use_of_freed_memory_is_reported() {
    is_reported("use_after_free", "AddressSanitizer: heap-use-after-free");
}

#[test]
fn an_overflow_planted_in_the_librarys_own_code_is_reported() {
    is_reported("overflow_inside", "AddressSanitizer: heap-buffer-overflow");
}

fn is_reported(fault: &str, report: &str) {
    if available().is_none() {
        return;
    }
    let sources = [source("planted.c")];
    let Some(program) = Program::compile(Standard::C99, &sources, Linkage::Sanitized) else {
        return;
    };
    let run = |fault: &str| -> Output { program.command().arg(fault).output().unwrap() };
    let sound = run("nothing");
    assert!(sound.status.success() && sound.stderr.is_empty());

    let output = run(fault);

    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains(report), "{said}");
}
