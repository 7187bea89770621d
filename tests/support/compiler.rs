//! Compiles C and C++ programs against the header and the library.
//!
//! With every warning an error: what a user's compiler would say about the
//! header, it says here first. `AUTHKEEP_SANITIZE=address` puts programs and
//! library under AddressSanitizer and LeakSanitizer, whichever test it is that
//! runs them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use tempfile::TempDir;

use super::library::{SONAME, library, link, sanitized};
use super::{require, target};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const PROGRAM: &str = "program.exe";

/// A language, its standard, and who compiles it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standard {
    /// ISO C of 1999.
    C99,
    /// ISO C of 2011.
    C11,
    /// ISO C++ of 2017.
    Cxx17,
    /// The same by clang++.
    Cxx17Clang,
}

/// Which of the two libraries a program gets.
#[derive(Clone, Copy)]
pub enum Linkage {
    /// The loader finds the shared library.
    Shared,
    /// The static library is a part of the program.
    Static,
    /// The static library, and all of it under the sanitizers.
    Sanitized,
}

/// A compiled program, in a folder of its own that it is removed with.
pub struct Program {
    folder: TempDir,
}

impl Standard {
    /// The compiler, from the environment or by its usual name; `None` when
    /// the machine has none, and that may be.
    pub fn compiler(self) -> Option<String> {
        let (part, variable, usual, for_windows) = match self {
            Standard::C99 | Standard::C11 => ("cc", "CC", "cc", "x86_64-w64-mingw32-gcc"),
            // The variant whose standard library has threads.
            Standard::Cxx17 => ("cxx", "CXX", "c++", "x86_64-w64-mingw32-g++-posix"),
            // It builds for this system alone.
            Standard::Cxx17Clang if target::is_windows() => return None,
            Standard::Cxx17Clang => ("clang", "CLANGXX", "clang++", ""),
        };
        let name = if target::is_windows() {
            for_windows.to_owned()
        } else {
            env::var(variable).unwrap_or_else(|_| usual.to_owned())
        };
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
            Standard::Cxx17 | Standard::Cxx17Clang => ["-std=c++17", "-x", "c++"],
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
        Program::compile_with(standard, sources, linkage, &[])
    }

    /// The same with further flags.
    pub fn compile_with(
        standard: Standard,
        sources: &[PathBuf],
        linkage: Linkage,
        flags: &[&str],
    ) -> Option<Program> {
        let compiler = standard.compiler()?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let program = folder.path().join(PROGRAM);
        let mut command = Command::new(&compiler);
        command
            .args(["-Wall", "-Wextra", "-pedantic", "-Werror"])
            .args(["-O1", "-g", "-pthread", "-I"])
            .arg(Path::new(ROOT).join("include"))
            .arg("-I")
            .arg(Path::new(ROOT).join("bindings/cpp"))
            .args(flags)
            .args(standard.flags())
            .args(sources)
            .args(["-x", "none", "-o"])
            .arg(&program);
        if target::is_windows() {
            // Of the compiler's own libraries, so that authkeep.dll is the only
            // one that the program has to find.
            command.arg("-static");
        }
        let of_rust = libraries_of_rust().split(' ');
        let linkage = if sanitizes() {
            Linkage::Sanitized
        } else {
            linkage
        };
        match linkage {
            Linkage::Shared => {
                command.arg(shared_beside(folder.path()));
            }
            Linkage::Static => {
                command.arg(&library().archive).args(of_rust);
            }
            Linkage::Sanitized => {
                command
                    .args(["-fsanitize=address", "-fno-omit-frame-pointer"])
                    .arg(sanitized())
                    .args(of_rust);
            }
        }
        if target::is_windows() {
            command.arg("-lws2_32"); // of channel.h
        }
        let output = command.output().expect("the compiler starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success() && said.is_empty(),
            "{standard:?}: {said}"
        );
        if matches!(linkage, Linkage::Sanitized) {
            let bytes = fs::read(&program).expect("the program was written");
            let begins = b"__asan_init";
            assert!(
                bytes.windows(begins.len()).any(|part| part == begins),
                "{sources:?} is not under AddressSanitizer"
            );
        }
        Some(Program { folder })
    }

    /// Where it is, for one that is loaded and not run.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join(PROGRAM)
    }

    /// The program, ready for its arguments.
    pub fn command(&self) -> Command {
        let mut command = target::run(&self.path());
        command
            .env("LD_LIBRARY_PATH", self.folder.path())
            // A leak is looked for, whatever the environment says.
            .env("ASAN_OPTIONS", "detect_leaks=1");
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

/// What Rust's standard library is made with, by `rustc --print
/// native-static-libs`.
fn libraries_of_rust() -> &'static str {
    if target::is_windows() {
        "-lbcrypt -lcrypt32 -lntdll -luserenv -lws2_32"
    } else {
        "-ldl -lm -lgcc_s"
    }
}

/// Puts the shared library where the loader finds it for a program in
/// `folder`; returns what to link the program with.
fn shared_beside(folder: &Path) -> PathBuf {
    let library = library();
    if target::is_windows() {
        fs::copy(&library.shared, folder.join("authkeep.dll")).expect("a copy");
        return library.import.clone();
    }
    let shared = folder.join(SONAME);
    link(&library.shared, &shared).expect("a symlink");
    shared
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

/// Whether programs are compiled for the sanitizers.
pub fn sanitizes() -> bool {
    env::var_os("AUTHKEEP_SANITIZE").is_some_and(|which| which == "address")
}

/// A source in `tests/cpp`.
pub fn cpp_source(name: &str) -> PathBuf {
    Path::new(ROOT).join("tests/cpp").join(name)
}

/// A source in `tests/c`.
pub fn source(name: &str) -> PathBuf {
    Path::new(ROOT).join("tests/c").join(name)
}
