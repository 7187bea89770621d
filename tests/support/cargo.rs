//! The cargo that builds what the tests run.

use std::env;
use std::process::{Command, Stdio};

/// A cargo command on this package, with its messages as JSON on its output.
pub fn cargo(subcommand: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
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
