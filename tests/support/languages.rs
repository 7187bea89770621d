//! The test programs of each language, ready to be told something.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::compiler::{Linkage, Program, Standard, cpp_source, source};
use super::dotnet::{Runtime, sources_in};
use super::library::library;
use super::python::interpreter;
use super::require;

/// Makes a command that runs a program, ready for its arguments.
pub type Start = Box<dyn Fn() -> Command + Send + Sync>;

/// A program of `tests/c`; `None` when there is no compiler.
pub fn c(name: &str) -> Option<Start> {
    let program = Program::compile(Standard::C99, &[source(name)], Linkage::Shared)?;
    Some(Box::new(move || program.command()))
}

/// A program of `tests/cpp`; `None` when there is no compiler.
pub fn cpp(name: &str) -> Option<Start> {
    let program = Program::compile(Standard::Cxx17, &[cpp_source(name)], Linkage::Shared)?;
    Some(Box::new(move || program.command()))
}

/// A program of `tests/python`; `None` when there is no Python.
pub fn python(name: &str) -> Option<Start> {
    let python = require::part("python", interpreter())?;
    let program = of_package("tests/python").join(name);
    let library = &library().shared;
    Some(Box::new(move || {
        let mut command = Command::new(&python);
        command
            .arg(&program)
            .env("AUTHKEEP_LIBRARY", library)
            .env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }))
}

/// A program of these files, on .NET, else on Mono; `None` when there is neither.
pub fn csharp(files: &[&str]) -> Option<Start> {
    compiled(files.iter().map(|file| of_package(file)).collect())
}

/// A program of these files with the cmdlets in a stand-in for PowerShell.
pub fn cmdlets(files: &[&str]) -> Option<Start> {
    let mut sources = sources_in("bindings/powershell/AuthKeep/cmdlets");
    sources.push(of_package("tests/powershell/host/Automation.cs"));
    sources.extend(files.iter().map(|file| of_package(file)));
    compiled(sources)
}

fn compiled(sources: Vec<PathBuf>) -> Option<Start> {
    let program = Runtime::any()?.compile(&sources);
    Some(Box::new(move || program.command()))
}

fn of_package(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
