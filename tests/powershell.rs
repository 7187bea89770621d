//! The PowerShell module, as far as a machine goes: with PowerShell itself the
//! tests in `tests/powershell`; without, its cmdlets compiled as Windows
//! PowerShell 5.1 would and run in a stand-in, its scripts and examples put
//! through a grammar, and its help compared with what there is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod support;

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::dotnet::{Runtime, sources_in};
use support::library::library;
use support::powershell::pwsh;
use support::python::interpreter;
use support::{require, server};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const MODULE: &str = "bindings/powershell/AuthKeep";
const CMDLETS: &str = "bindings/powershell/AuthKeep/cmdlets";
const HELP: &str = "bindings/powershell/AuthKeep/en-US/AuthKeep-Help.xml";

// --- the module itself -------------------------------------------------------

#[test]
fn the_module_passes_its_own_tests() {
    let Some(pwsh) = pwsh() else { return };
    let output = Command::new(pwsh)
        .args([
            "-NoProfile",
            "-NonInteractive",
            "-File",
            "tests/powershell/run.ps1",
        ])
        .current_dir(ROOT)
        .env("AUTHKEEP_LIBRARY", &library().shared)
        .env("AUTHKEEP_TEST_SERVER", server::program())
        .output()
        .unwrap();
    let printed = succeeded(&output);
    require::say(&format!("PowerShell: {}", last_line(&printed)));
}

/// One folder has all, and the compilers of Windows PowerShell 5.1 and of
/// PowerShell 7 would take it; a reference assembly says what PowerShell has.
#[test]
fn a_packed_module_compiles_as_in_both_powershells() {
    let Some((compiler, reference)) = require::part("cmdlets", powershell_compiler()) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let pack = Command::new(Path::new(ROOT).join("bindings/powershell/pack.sh"))
        .arg(&library().shared)
        .arg(folder.path())
        .output()
        .unwrap();
    succeeded(&pack);
    let module = folder.path().join("AuthKeep");
    assert!(module.join("libauthkeep.so").is_file());
    assert!(module.join("en-US/AuthKeep-Help.xml").is_file());
    // PowerShell 7 compiles it as the newest C#.
    for language in ["5", "latest"] {
        let output = Command::new(&compiler)
            .args(["-nologo", "-warnaserror", "-target:library"])
            .arg(format!("-langversion:{language}"))
            .arg("-out:AuthKeep.PowerShell.dll")
            .arg(format!("-r:{}", reference.display()))
            .args(files(&module.join("dotnet"), "cs"))
            .args(files(&module.join("cmdlets"), "cs"))
            .current_dir(&module)
            .output()
            .unwrap();
        succeeded(&output);
    }
}

#[test]
fn the_cmdlets_work_in_a_stand_in_on_dotnet() {
    the_cmdlets_work_in_a_stand_in(Runtime::DotNet);
}

#[test]
fn the_cmdlets_work_in_a_stand_in_on_mono() {
    the_cmdlets_work_in_a_stand_in(Runtime::Mono);
}

fn the_cmdlets_work_in_a_stand_in(runtime: Runtime) {
    let Some(tools) = runtime.tools() else { return };
    let program = tools.compile(&stand_in_sources());
    let output = program
        .command()
        .env("AUTHKEEP_TEST_SERVER", server::program())
        .output()
        .unwrap();
    let printed = succeeded(&output);
    let name = runtime.name();
    require::say(&format!("cmdlets on {name}: {}", last_line(&printed)));
}

/// `Add-Type` of Windows PowerShell 5.1 refers to nothing else by itself.
#[test]
fn the_module_compiles_with_mscorlib_and_system_alone() {
    if Runtime::Mono.tools().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let compiler = env::var("AUTHKEEP_MCS").unwrap_or_else(|_| "mcs".to_owned());
    let output = Command::new(compiler)
        .args(["-noconfig", "-langversion:5", "-warnaserror", "-r:System"])
        .arg("-target:library")
        .arg(format!(
            "-out:{}",
            folder.path().join("Module.dll").display()
        ))
        .args(sources_in("bindings/dotnet"))
        .args(sources_in(CMDLETS))
        .arg(Path::new(ROOT).join("tests/powershell/host/Automation.cs"))
        .output()
        .unwrap();
    succeeded(&output);
}

// --- scripts and help --------------------------------------------------------

#[test]
fn scripts_and_examples_are_powershell() {
    let Some(python) = require::part("grammar", interpreter().and_then(with_grammar)) else {
        return;
    };
    let root = Path::new(ROOT);
    let output = Command::new(python)
        .arg(root.join("tests/powershell/grammar.py"))
        .args(files(&root.join("tests/powershell"), "ps1"))
        .args(files(&root.join(MODULE), "psm1"))
        .args(files(&root.join(MODULE), "psd1"))
        .args(files(&root.join(MODULE).join("en-US"), "xml"))
        .args(files(&root.join(MODULE).join("en-US"), "txt"))
        .arg(root.join("bindings/powershell/README.md"))
        .arg(root.join("README.md"))
        .args(files(&root.join("docs/providers"), "md"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let printed = succeeded(&output);
    require::say(&format!("PowerShell's grammar: {}", last_line(&printed)));
}

/// Windows PowerShell takes a file without a byte order mark for the code page
/// of the machine.
#[test]
fn scripts_and_sources_are_ascii() {
    let root = Path::new(ROOT);
    let mut paths = sources_in("bindings/dotnet");
    paths.extend(sources_in(CMDLETS));
    paths.extend(files(&root.join("tests/powershell"), "ps1"));
    paths.extend(files(&root.join(MODULE), "psm1"));
    paths.extend(files(&root.join(MODULE), "psd1"));
    paths.extend(files(&root.join(MODULE).join("en-US"), "txt"));
    for path in paths {
        assert!(fs::read(&path).unwrap().is_ascii(), "{}", path.display());
    }
}

#[test]
fn the_manifest_exports_each_cmdlet_in_the_version_of_the_package() {
    let manifest = read(&format!("{MODULE}/AuthKeep.psd1"));
    let list = between(&manifest, "CmdletsToExport      = @(", ")").expect("a list");
    let exported: Vec<&str> = list.split('\'').skip(1).step_by(2).collect();
    let cmdlets = cmdlets();
    assert_eq!(exported, cmdlets.keys().collect::<Vec<_>>());
    let version = format!("ModuleVersion        = '{}'", env!("CARGO_PKG_VERSION"));
    assert!(manifest.contains(&version), "the manifest needs {version}");
}

#[test]
fn help_and_readme_have_each_parameter_of_each_cmdlet() {
    let help = read(HELP);
    let readme = read("bindings/powershell/README.md");
    let commands = help.matches("<command:command ").count();
    let cmdlets = cmdlets();
    assert_eq!(commands, cmdlets.len());
    for (cmdlet, parameters) in cmdlets {
        let start = format!("<command:name>{cmdlet}</command:name>");
        let of_cmdlet = between(&help, &start, "</command:command>")
            .unwrap_or_else(|| panic!("{HELP} lacks {cmdlet}"));
        let described = between(of_cmdlet, "<command:parameters>", "</command:parameters>");
        assert_eq!(names(described.unwrap()), parameters, "{cmdlet} in {HELP}");

        let syntax = between(of_cmdlet, "<command:syntax>", "</command:syntax>").unwrap();
        let own = ["WhatIf", "Confirm"];
        for parameter in parameters
            .iter()
            .filter(|name| !own.contains(&name.as_str()))
        {
            let name = format!("<maml:name>{parameter}</maml:name>");
            assert!(
                syntax.contains(&name),
                "the syntax of {cmdlet} lacks {name}"
            );
        }

        let row = between(&readme, &format!("| `{cmdlet}` | "), " |\n").expect("a row");
        let mut listed: Vec<&str> = row
            .split(['`', '-'])
            .filter(|part| !part.is_empty())
            .collect();
        listed.retain(|part| *part != ", ");
        listed.sort_unstable();
        assert_eq!(listed, parameters, "{cmdlet} in the README");
    }
}

// --- what there is -----------------------------------------------------------

/// The parameters of each cmdlet, in the order of the alphabet.
fn cmdlets() -> BTreeMap<String, Vec<String>> {
    let of_base = |name: &str| parameters(&read(&format!("{CMDLETS}/{name}.cs")));
    let (uses, calls) = (of_base("ListeningCommand"), of_base("ClientCommand"));
    let mut cmdlets = BTreeMap::new();
    for path in sources_in(CMDLETS) {
        let source = fs::read_to_string(&path).unwrap();
        let Some(attribute) = between(&source, "[Cmdlet(", ")]") else {
            continue;
        };
        let verb = between(attribute, ".", ",").expect("a verb");
        let noun = between(attribute, "\"", "\"").expect("a noun");
        assert_eq!(
            path.file_stem().and_then(OsStr::to_str),
            Some(format!("{verb}{noun}").as_str())
        );
        let mut names = parameters(&source);
        let does_call = source.contains(" : ClientCommand");
        if does_call {
            names.extend(calls.iter().cloned());
        }
        if does_call || source.contains(" : ListeningCommand") {
            names.extend(uses.iter().cloned());
        }
        if attribute.contains("SupportsShouldProcess = true") {
            names.extend(["WhatIf".to_owned(), "Confirm".to_owned()]);
        }
        names.sort_unstable();
        cmdlets.insert(format!("{verb}-{noun}"), names);
    }
    assert_eq!(cmdlets.len(), 8);
    cmdlets
}

/// The properties that follow a `[Parameter]`.
fn parameters(source: &str) -> Vec<String> {
    let after = source.split("[Parameter").skip(1);
    after
        .filter_map(|text| between(text, "public ", " { get; set; }"))
        .filter_map(|property| property.rsplit(' ').next())
        .map(str::to_owned)
        .collect()
}

/// The parameters that a part of the help describes.
fn names(help: &str) -> Vec<String> {
    let after = help.split("<command:parameter ").skip(1);
    let mut names: Vec<String> = after
        .filter_map(|text| between(text, "<maml:name>", "</maml:name>"))
        .map(str::to_owned)
        .collect();
    names.sort_unstable();
    names
}

// --- tools -------------------------------------------------------------------

fn stand_in_sources() -> Vec<PathBuf> {
    let of_binding = |name: &str| Path::new(ROOT).join("tests/dotnet").join(name);
    let mut sources = sources_in("tests/powershell/host");
    sources.extend(sources_in(CMDLETS));
    sources.extend(["Account.cs", "Check.cs", "Program.cs", "TestServer.cs"].map(of_binding));
    sources
}

fn powershell_compiler() -> Result<(String, PathBuf), String> {
    let reference = env::var_os("AUTHKEEP_POWERSHELL_REFERENCE")
        .map(PathBuf::from)
        .filter(|path| path.is_file())
        .ok_or("AUTHKEEP_POWERSHELL_REFERENCE names no System.Management.Automation.dll")?;
    let compiler = env::var("AUTHKEEP_CSC").unwrap_or_else(|_| "csc".to_owned());
    match Command::new(&compiler).arg("-version").output() {
        Ok(output) if output.status.success() => Ok((compiler, reference)),
        _ => Err(format!(
            "there is no {compiler}; install it, or name one in AUTHKEEP_CSC"
        )),
    }
}

fn with_grammar(python: String) -> Result<String, String> {
    let import = "import tree_sitter, tree_sitter_powershell";
    match Command::new(&python).args(["-c", import]).output() {
        Ok(output) if output.status.success() => Ok(python),
        _ => Err(format!(
            "{python} has no tree-sitter-powershell; see tests/python/requirements.txt"
        )),
    }
}

/// What a program printed that ended well.
fn succeeded(output: &Output) -> String {
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{printed}{complaint}");
    printed
}

fn last_line(printed: &str) -> &str {
    printed.trim_end().lines().last().unwrap_or_default()
}

/// What stands between the first `start` and the `end` after it.
fn between<'text>(text: &'text str, start: &str, end: &str) -> Option<&'text str> {
    let (_, after) = text.split_once(start)?;
    after.split_once(end).map(|(found, _)| found)
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension() == Some(OsStr::new(extension)))
        .collect();
    assert!(!files.is_empty(), "no .{extension} in {}", folder.display());
    files.sort_unstable();
    files
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
