//! The rows of other languages: programs of their own, which print a line for
//! each thing that they have done again and again.

use std::path::Path;
use std::process::Command;

use super::support::dotnet::Runtime;
use super::support::{python, require};

pub fn python(config: &str, shared: &Path) {
    let Some(interpreter) = require::part("python", python::interpreter()) else {
        return;
    };
    let mut program = Command::new(interpreter);
    program
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/token/figures.py"))
        .arg(config);
    print("Python", program, shared);
}

pub fn dotnet(config: &str, shared: &Path) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/token/Figures.cs");
    for runtime in [Runtime::DotNet, Runtime::Mono] {
        let Some(tools) = runtime.tools() else {
            continue;
        };
        let compiled = tools.compile(std::slice::from_ref(&source));
        let mut program = compiled.command_without_library();
        program.arg(config);
        print(&format!("C# on {}", runtime.name()), program, shared);
    }
}

fn print(language: &str, mut program: Command, shared: &Path) {
    let output = program.env("AUTHKEEP_LIBRARY", shared).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let (what, figures) = line.split_once('\t').unwrap();
        print!("{:<40}", format!("{language} {what}"));
        for figure in figures.split('\t') {
            print!(" {:>7.1}       ", figure.parse::<f64>().unwrap());
        }
        println!();
    }
}
