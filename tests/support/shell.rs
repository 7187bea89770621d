//! Commands for a secret, in the words of the system that the test runs on.

use std::path::Path;

use serde_json::{Value, json};

/// Something that is no regular file.
pub const DEVICE: &str = if cfg!(windows) {
    r"\\.\NUL"
} else {
    "/dev/null"
};

/// A script of the system's shell.
pub fn script(unix: &str, windows: &str) -> Value {
    if cfg!(windows) {
        json!(["cmd", "/c", windows])
    } else {
        json!(["/bin/sh", "-c", unix])
    }
}

/// Prints a file.
pub fn print(file: &Path) -> Value {
    if cfg!(windows) {
        json!(["cmd", "/c", "type", file])
    } else {
        json!(["cat", file])
    }
}
