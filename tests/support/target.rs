//! The system that C and C++ programs are built for and run on: this one, or
//! Windows by way of Wine when `AUTHKEEP_TEST_TARGET` asks for it.

use std::env;
use std::path::Path;
use std::process::Command;

/// What cargo calls Windows with the GNU toolchain.
pub const WINDOWS: &str = "x86_64-pc-windows-gnu";

/// Whether the programs are for Windows.
///
/// # Panics
///
/// When `AUTHKEEP_TEST_TARGET` is another than Windows.
pub fn is_windows() -> bool {
    match env::var("AUTHKEEP_TEST_TARGET") {
        Ok(target) => {
            assert_eq!(target, WINDOWS, "AUTHKEEP_TEST_TARGET");
            true
        }
        Err(_) => false,
    }
}

/// A command that runs a program of the target.
pub fn run(program: &Path) -> Command {
    if !is_windows() {
        return Command::new(program);
    }
    let mut command = Command::new(env::var_os("WINE").unwrap_or_else(|| "wine64".into()));
    command.arg(program);
    command
}
