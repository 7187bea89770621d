//! Compiles C# programs with the .NET binding, and runs them on Mono and on
//! .NET.
//!
//! In the language of Windows PowerShell 5.1 (C# 5), with every warning an
//! error.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "shared by tests; each uses a part of it"
)]

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::library::{library, link};
use super::require;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Any .NET from this version on.
const RUNTIME: &str = r#"{"runtimeOptions": {"rollForward": "Major",
    "framework": {"name": "Microsoft.NETCore.App", "version": "8.0.0"}}}"#;

/// What runs C# programs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Runtime {
    /// The heir of .NET Framework.
    Mono,
    /// .NET, what PowerShell 7 runs on.
    DotNet,
}

/// The commands of a runtime.
pub struct Tools {
    runtime: Runtime,
    compiler: String,
    launcher: String,
}

/// A compiled program, in a folder of its own that it is removed with.
pub struct Program {
    tools: Tools,
    folder: TempDir,
}

impl Runtime {
    /// Its name, for a person and, in lower case, among the parts of the tests.
    pub fn name(self) -> &'static str {
        match self {
            Runtime::Mono => "Mono",
            Runtime::DotNet => "dotnet",
        }
    }

    /// Its commands; `None` when the machine lacks one, and that may be.
    pub fn tools(self) -> Option<Tools> {
        require::part(&self.name().to_lowercase(), self.find())
    }

    /// The first of the runtimes that is there: .NET, else Mono.
    pub fn any() -> Option<Tools> {
        match Runtime::DotNet.find() {
            Ok(tools) => Some(tools),
            Err(_) => Runtime::Mono.tools(),
        }
    }

    fn find(self) -> Result<Tools, String> {
        let (compiler, launcher) = match self {
            Runtime::Mono => (
                tool("AUTHKEEP_MCS", "mcs", "--version")?,
                tool("AUTHKEEP_MONO", "mono", "--version")?,
            ),
            Runtime::DotNet => (
                tool("AUTHKEEP_CSC", "csc", "-version")?,
                tool("AUTHKEEP_DOTNET", "dotnet", "--list-runtimes")?,
            ),
        };
        Ok(Tools {
            runtime: self,
            compiler,
            launcher,
        })
    }
}

fn tool(variable: &str, usual: &str, works: &str) -> Result<String, String> {
    let name = env::var(variable).unwrap_or_else(|_| usual.to_owned());
    match Command::new(&name).arg(works).output() {
        Ok(output) if output.status.success() => Ok(name),
        _ => Err(format!(
            "there is no {name}; install it, or name one in {variable}"
        )),
    }
}

impl Tools {
    /// Compiles the binding, and a program that uses it.
    ///
    /// # Panics
    ///
    /// When the compiler has anything to say.
    pub fn compile(self, sources: &[PathBuf]) -> Program {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let program = Program {
            tools: self,
            folder,
        };
        let binding = program.folder.path().join("AuthKeep.Net.dll");
        let documentation = program.folder.path().join("AuthKeep.Net.xml");
        program.run_compiler(
            &[
                "-target:library".into(),
                option("-doc:", &documentation),
                option("-out:", &binding),
            ],
            &sources_in("bindings/dotnet"),
        );
        program.run_compiler(
            &[
                option("-r:", &binding),
                option("-out:", &program.executable()),
            ],
            sources,
        );
        let settings = program.executable().with_extension("runtimeconfig.json");
        fs::write(settings, RUNTIME).expect("a file of our own folder");
        program
    }
}

impl Program {
    /// The program with the library in its folder, ready for its arguments.
    pub fn command(&self) -> Command {
        let beside = self.folder.path().join("libauthkeep.so");
        match link(&library().shared, &beside) {
            // Another thread has been here before.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => made.expect("a symlink"),
        }
        self.command_without_library()
    }

    /// The program, ready for its arguments; where the library is, is to be said.
    pub fn command_without_library(&self) -> Command {
        let mut command = Command::new(&self.tools.launcher);
        if self.tools.runtime == Runtime::DotNet {
            command.arg("exec");
        }
        command
            .arg(self.executable())
            // Optimised from the start, as in a program that runs for long: objects
            // are collected as soon as nothing uses them.
            .env("DOTNET_TieredCompilation", "0")
            .env_remove("AUTHKEEP_LIBRARY")
            // Cargo's own, with the library in it.
            .env_remove("LD_LIBRARY_PATH");
        command
    }

    /// The folder of the program.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn executable(&self) -> PathBuf {
        let extension = match self.tools.runtime {
            Runtime::Mono => "exe",
            Runtime::DotNet => "dll",
        };
        self.folder.path().join("Program").with_extension(extension)
    }

    fn run_compiler(&self, options: &[String], sources: &[PathBuf]) {
        let output = Command::new(&self.tools.compiler)
            .args(["-nologo", "-langversion:5", "-warnaserror", "-optimize"])
            .args(options)
            .args(sources)
            .output()
            .expect("the compiler starts");
        assert!(
            output.status.success(),
            "{:?}: {}{}",
            self.tools.runtime,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

fn option(name: &str, path: &Path) -> String {
    format!("{name}{}", path.display())
}

/// The C# files of a folder of this package.
pub fn sources_in(folder: &str) -> Vec<PathBuf> {
    let mut sources: Vec<PathBuf> = fs::read_dir(Path::new(ROOT).join(folder))
        .expect("the folder is there")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension() == Some(OsStr::new("cs")))
        .collect();
    sources.sort_unstable();
    sources
}
