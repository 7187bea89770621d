//! The shared and the static library, built once per process.
//!
//! By the cargo command that the documentation names, so that the tests check
//! what a user would build, and never a stale file of an earlier build.

use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::Value;

use super::cargo::cargo;

/// The name by which programs ask the loader for the shared library. It
/// changes when linked programs can't work with a newer library, so never
/// within a first number of the version.
pub const SONAME: &str = "libauthkeep.so.1";

/// Where the built libraries are.
pub struct Library {
    /// `libauthkeep.so`.
    pub shared: PathBuf,
    /// `libauthkeep.a`.
    pub archive: PathBuf,
}

/// Builds the library, the first time.
pub fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| build("dev"))
}

/// The library as it is shipped, optimised as a whole; takes a minute to build.
pub fn shipped() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| build("dist"))
}

fn build(profile: &str) -> Library {
    let output = cargo("rustc")
        .args(["--lib", "--features", "capi"])
        .args(["--profile", profile, "--crate-type", "cdylib,staticlib"])
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo can't build the C library");
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let files: Vec<PathBuf> = messages.lines().flat_map(files_of_ours).collect();
    let of_kind = |kind: &str| {
        files
            .iter()
            .find(|file| file.extension().is_some_and(|extension| extension == kind))
            .unwrap_or_else(|| panic!("cargo built no .{kind}: {files:?}"))
            .clone()
    };
    Library {
        shared: of_kind("so"),
        archive: of_kind("a"),
    }
}

fn files_of_ours(message: &str) -> Vec<PathBuf> {
    let message: Value = serde_json::from_str(message).expect("cargo speaks JSON");
    if message["reason"] != "compiler-artifact" || message["target"]["name"] != "authkeep" {
        return Vec::new();
    }
    let names = message["filenames"].as_array().into_iter().flatten();
    names.filter_map(Value::as_str).map(PathBuf::from).collect()
}
