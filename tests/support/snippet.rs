//! The programs that the documentation shows, each ready to be run.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::compiler::{Linkage, Program, Standard};
use super::dotnet::Runtime;
use super::library::library;
use super::powershell::pwsh;
use super::python::interpreter;
use super::require;

/// A program that can be started as often as wanted.
pub type Start = Box<dyn Fn() -> Command>;

/// The code blocks of a language.
pub fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("```{language}\n");
    let blocks = page.split(&fence).skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap())
        .collect()
}

/// The code block of a language; there is one of each.
pub fn only<'p>(page: &'p str, language: &str) -> &'p str {
    let blocks = blocks(page, language);
    assert_eq!(blocks.len(), 1, "blocks of {language}");
    blocks[0]
}

/// The program of a language, compiled without a warning where it has to be:
/// once for each thing of this machine that runs it.
pub fn programs(page: &str, language: &str) -> Vec<Start> {
    let source = only(page, language).to_owned();
    match language {
        "c" => compiled(&source, Standard::C99),
        "cpp" => compiled(&source, Standard::Cxx17),
        "csharp" => [Runtime::Mono, Runtime::DotNet]
            .into_iter()
            .filter_map(|runtime| of_dotnet(&source, runtime))
            .collect(),
        "python" => in_python(source).into_iter().collect(),
        "powershell" => in_powershell(&source).into_iter().collect(),
        other => panic!("nothing runs {other}"),
    }
}

fn compiled(source: &str, standard: Standard) -> Vec<Start> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("snippet");
    fs::write(&file, source).unwrap();
    let program = Program::compile(standard, &[file], Linkage::Shared);
    let start = |program: Program| -> Start { Box::new(move || program.command()) };
    program.map(start).into_iter().collect()
}

fn of_dotnet(source: &str, runtime: Runtime) -> Option<Start> {
    let tools = runtime.tools()?;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Snippet.cs");
    fs::write(&file, source).unwrap();
    let program = tools.compile(&[file]);
    Some(Box::new(move || program.command()))
}

fn in_python(source: String) -> Option<Start> {
    let python = require::part("python", interpreter())?;
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("bindings/python");
    Some(Box::new(move || {
        let mut program = Command::new(&python);
        program
            .args(["-c", &source])
            .env("PYTHONPATH", &package)
            .env("AUTHKEEP_LIBRARY", &library().shared);
        program
    }))
}

fn in_powershell(source: &str) -> Option<Start> {
    let pwsh = pwsh()?;
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("snippet.ps1");
    fs::write(&script, source).unwrap();
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("bindings/powershell");
    Some(Box::new(move || {
        let mut program = Command::new(&pwsh);
        program
            .args(["-NoProfile", "-NonInteractive", "-File"])
            .arg(folder.path().join("snippet.ps1"))
            .env("PSModulePath", &modules)
            .env("AUTHKEEP_LIBRARY", &library().shared);
        program
    }))
}
