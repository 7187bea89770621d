//! The shared and the static library, built once per process.
//!
//! By the cargo command that the documentation names, so that the tests check
//! what a user would build, and never a stale file of an earlier build.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{env, io};

use serde_json::Value;

use super::cargo::{cargo, target_cargo};
use super::target;

/// The name by which programs ask the loader for the shared library. It
/// changes when linked programs can't work with a newer library, so never
/// within a first number of the version.
pub const SONAME: &str = "libauthkeep.so.1";

/// Where the built libraries are.
pub struct Library {
    /// `libauthkeep.so` or `authkeep.dll`.
    pub shared: PathBuf,
    /// `libauthkeep.a`.
    pub archive: PathBuf,
    /// What programs are linked with to get the shared library: itself, or
    /// `libauthkeep.dll.a`.
    pub import: PathBuf,
}

/// Makes a file of ours known by another name.
#[cfg(unix)]
pub fn link(file: &Path, name: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(file, name)
}

/// Makes a file of ours known by another name.
#[cfg(not(unix))]
pub fn link(file: &Path, name: &Path) -> io::Result<()> {
    std::fs::copy(file, name).map(drop)
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

/// The static library with AddressSanitizer's checks in its own code; takes a
/// minute to build, in a folder of its own, since every crate is another.
///
/// The sanitizer is an unstable option of the compiler, so a stable one must be
/// told that it may.
pub fn sanitized() -> &'static PathBuf {
    static ARCHIVE: OnceLock<PathBuf> = OnceLock::new();
    ARCHIVE.get_or_init(|| {
        let mut command = cargo("rustc");
        command
            .args(["--lib", "--features", "capi", "--crate-type", "staticlib"])
            // Else the flags concern build scripts too.
            .args(["--target", &host()])
            .arg("--target-dir")
            .arg(target_folder().join("sanitized"))
            .env("RUSTC_BOOTSTRAP", "1")
            .env(
                "RUSTFLAGS",
                "-Zsanitizer=address -Cforce-frame-pointers=yes",
            );
        named(&built(command), "libauthkeep.a")
    })
}

fn build(profile: &str) -> Library {
    let mut command = target_cargo("rustc");
    command.args(["--lib", "--features", "capi"]).args([
        "--profile",
        profile,
        "--crate-type",
        "cdylib,staticlib",
    ]);
    let files = built(command);
    let (shared, import) = if target::is_windows() {
        ("authkeep.dll", "libauthkeep.dll.a")
    } else {
        ("libauthkeep.so", "libauthkeep.so")
    };
    Library {
        shared: named(&files, shared),
        archive: named(&files, "libauthkeep.a"),
        import: named(&files, import),
    }
}

/// The files of ours that a cargo command leaves.
fn built(mut command: Command) -> Vec<PathBuf> {
    let output = command.output().expect("cargo runs");
    assert!(output.status.success(), "cargo can't build the C library");
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    messages.lines().flat_map(files_of_ours).collect()
}

fn named(files: &[PathBuf], name: &str) -> PathBuf {
    files
        .iter()
        .find(|file| file.ends_with(name))
        .unwrap_or_else(|| panic!("cargo built no {name}: {files:?}"))
        .clone()
}

/// The platform that the compiler runs on, and builds for.
fn host() -> String {
    let output = Command::new("rustc")
        .arg("-vV")
        .output()
        .expect("rustc runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("rustc says its host").to_owned()
}

/// Where cargo builds: this program is in `debug/deps` below.
pub fn target_folder() -> PathBuf {
    let program = env::current_exe().expect("a program knows its path");
    let folder = program
        .ancestors()
        .nth(3)
        .expect("it is three folders down");
    folder.to_owned()
}

fn files_of_ours(message: &str) -> Vec<PathBuf> {
    let message: Value = serde_json::from_str(message).expect("cargo speaks JSON");
    if message["reason"] != "compiler-artifact" || message["target"]["name"] != "authkeep" {
        return Vec::new();
    }
    let names = message["filenames"].as_array().into_iter().flatten();
    names.filter_map(Value::as_str).map(PathBuf::from).collect()
}
