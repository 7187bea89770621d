//! Runs pytest over `tests/python`, with the library and the test server that
//! cargo built, so that `cargo test` is the one command for every language.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod support;

use std::path::Path;
use std::process::Command;

use support::library::library;
use support::python::interpreter;
use support::{require, server};

#[test]
fn the_python_binding_passes_its_own_tests() {
    let Some(python) = require::part("python", interpreter().and_then(with_pytest)) else {
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(&python)
        .args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider"])
        .arg("tests/python")
        .current_dir(root)
        .env("AUTHKEEP_LIBRARY", &library().shared)
        .env("AUTHKEEP_TEST_SERVER", server::program())
        .env("PYTHONPATH", root.join("bindings/python"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{printed}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let summary = printed.trim_end().lines().last().unwrap_or_default();
    require::say(&format!("pytest: {summary}"));
}

fn with_pytest(python: String) -> Result<String, String> {
    let output = Command::new(&python).args(["-c", "import pytest"]).output();
    match output {
        Ok(output) if output.status.success() => Ok(python),
        _ => Err(format!(
            "{python} has no pytest; see tests/python/requirements.txt"
        )),
    }
}
