//! The cargo that builds what the tests run.

use std::env;
use std::ffi::OsStr;
use std::process::{Command, Stdio};

use super::target;

/// A cargo command on this package, with its messages as JSON on its output.
pub fn cargo(subcommand: &str) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    cargo_of(&program, subcommand)
}

/// The same for what C programs are linked with; Windows may need another
/// cargo than the one that runs the tests.
pub fn target_cargo(subcommand: &str) -> Command {
    if !target::is_windows() {
        return cargo(subcommand);
    }
    let program = env::var_os("AUTHKEEP_TEST_CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = cargo_of(&program, subcommand);
    command.args(["--target", target::WINDOWS]);
    command
}

fn cargo_of(program: &OsStr, subcommand: &str) -> Command {
    let mut command = Command::new(program);
    forget_this_package(&mut command);
    command
        .args([
            subcommand,
            "--quiet",
            "--message-format=json-render-diagnostics",
        ])
        .arg("--manifest-path")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .stderr(Stdio::inherit());
    command
}

/// Removes what cargo told this test, for a command that runs cargo again.
///
/// Cargo tells a test the package that it belongs to by variables. Build
/// scripts of dependencies look at these, so a cargo inside a test that passed
/// them on would build those again, and so would the next one outside.
pub fn forget_this_package(command: &mut Command) {
    let of_this_package = [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
    ];
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name == "OUT_DIR" || of_this_package.iter().any(|known| name.starts_with(known)) {
            command.env_remove(name.as_ref());
        }
    }
}
