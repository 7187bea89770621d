//! Compiles C and C++ programs against the header and the library.
//!
//! With every warning an error: what a user's compiler would say about the
//! header, it says here first.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use super::library::{SONAME, library};
use super::require;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A language and its standard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standard {
    /// ISO C of 1999.
    C99,
    /// ISO C of 2011.
    C11,
    /// ISO C++ of 2017.
    Cxx17,
}

/// Which of the two libraries a program gets.
#[derive(Clone, Copy)]
pub enum Linkage {
    /// The loader finds the shared library.
    Shared,
    /// The static library is a part of the program.
    Static,
}

/// A compiled program, in a folder of its own that it is removed with.
pub struct Program {
    folder: TempDir,
}

impl Standard {
    /// The compiler, from the environment or by its usual name; `None` when
    /// the machine has none, and that may be.
    pub fn compiler(self) -> Option<String> {
        let (part, variable, usual) = match self {
            Standard::C99 | Standard::C11 => ("cc", "CC", "cc"),
            Standard::Cxx17 => ("cxx", "CXX", "c++"),
        };
        let name = env::var(variable).unwrap_or_else(|_| usual.to_owned());
        let available = match Command::new(&name).arg("--version").output() {
            Ok(output) if output.status.success() => Ok(name),
            _ => Err(format!(
                "there is no {name}; install one, or name it in {variable}"
            )),
        };
        require::part(part, available)
    }

    /// These files are of this language, whatever their names end in.
    fn flags(self) -> [&'static str; 3] {
        match self {
            Standard::C99 => ["-std=c99", "-x", "c"],
            Standard::C11 => ["-std=c11", "-x", "c"],
            Standard::Cxx17 => ["-std=c++17", "-x", "c++"],
        }
    }
}

impl Program {
    /// Compiles a program of `tests/c` as C99 with the shared library; `None`
    /// when there is no compiler.
    pub fn of_tests(name: &str) -> Option<Program> {
        Program::compile(Standard::C99, &[source(name)], Linkage::Shared)
    }

    /// Compiles sources into one program; `None` when there is no compiler.
    ///
    /// # Panics
    ///
    /// When the compiler has anything to say.
    pub fn compile(standard: Standard, sources: &[PathBuf], linkage: Linkage) -> Option<Program> {
        let compiler = standard.compiler()?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut command = Command::new(&compiler);
        command
            .args(["-Wall", "-Wextra", "-pedantic", "-Werror"])
            .args(["-O1", "-g", "-pthread", "-I"])
            .arg(Path::new(ROOT).join("include"))
            .args(standard.flags())
            .args(sources)
            .args(["-x", "none", "-o"])
            .arg(folder.path().join("program"));
        match linkage {
            Linkage::Shared => {
                let shared = folder.path().join(SONAME);
                std::os::unix::fs::symlink(&library().shared, &shared).expect("a symlink");
                command.arg(shared);
            }
            // And what Rust's standard library is made with.
            Linkage::Static => {
                command
                    .arg(&library().archive)
                    .args(["-ldl", "-lm", "-lgcc_s"]);
            }
        }
        let output = command.output().expect("the compiler starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success() && said.is_empty(),
            "{standard:?}: {said}"
        );
        Some(Program { folder })
    }

    /// The program, ready for its arguments.
    pub fn command(&self) -> Command {
        let mut command = Command::new(self.folder.path().join("program"));
        command.env("LD_LIBRARY_PATH", self.folder.path());
        command
    }

    /// Runs the program to its end and returns what it printed.
    ///
    /// # Panics
    ///
    /// When it fails, or prints anything to standard error.
    pub fn run<I: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> String {
        checked(
            self.command()
                .args(arguments)
                .output()
                .expect("the program starts"),
        )
    }
}

/// What a program printed that ended well.
///
/// # Panics
///
/// When it failed, or printed anything to standard error: the library never
/// does, and these programs only when a check fails.
pub fn checked(output: Output) -> String {
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && complaint.is_empty(),
        "the program ended with {}\n{complaint}{printed}",
        output.status
    );
    printed
}

/// A source in `tests/c`.
pub fn source(name: &str) -> PathBuf {
    Path::new(ROOT).join("tests/c").join(name)
}
