//! The tests of all programs and languages, found in their sources.

use std::fs;
use std::path::{Path, PathBuf};

pub fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The file that has `test`, from the root of the sources. Panics if none has it.
pub fn file_of(test: &str) -> String {
    let (program, name) = test.split_once(' ').expect("a program and a name");
    let file = match program {
        "lib" => of_library(name),
        "c" | "cpp" => of_programs(program, name),
        "python" => in_file(program, name, "def "),
        "dotnet" => in_file(program, name, "public static void "),
        _ => of_test_program(program, name),
    };
    file.unwrap_or_else(|| panic!("there is no test {test}"))
}

/// `a::b::tests::name`: in a module of the library, or in its `mod tests`.
fn of_library(name: &str) -> Option<String> {
    let (module, name) = name.rsplit_once("::")?;
    let path = module.replace("::", "/");
    let own = path.strip_suffix("/tests").unwrap_or(&path);
    let files = [
        format!("src/{path}.rs"),
        format!("src/{path}/mod.rs"),
        format!("src/{own}.rs"),
        format!("src/{own}/mod.rs"),
    ];
    let mut there = files.into_iter().filter(|file| is_there(file));
    there.find(|file| has_test(file, name))
}

/// `name` or `module::name`: in `tests/program.rs`, or in `tests/program/`.
fn of_test_program(program: &str, name: &str) -> Option<String> {
    let (module, name) = name.rsplit_once("::").unwrap_or(("main", name));
    let files = [
        format!("tests/{program}/{}.rs", module.replace("::", "/")),
        format!("tests/{program}.rs"),
    ];
    let mut there = files.into_iter().filter(|file| is_there(file));
    there.find(|file| has_test(file, name))
}

/// `file::name`, the name after what begins a function of that language.
fn in_file(folder: &str, test: &str, before: &str) -> Option<String> {
    let (file, name) = test.split_once("::")?;
    let file = format!("tests/{folder}/{file}");
    let begin = format!("{before}{name}(");
    let text = is_there(&file).then(|| read(&file))?;
    let mut lines = text.lines().map(str::trim_start);
    lines.any(|line| line.starts_with(&begin)).then_some(file)
}

/// A whole program, which a test of Rust's runs.
fn of_programs(folder: &str, name: &str) -> Option<String> {
    let file = format!("tests/{folder}/{name}");
    let quoted = format!("\"{name}\"");
    let is_run = || rust_tests().iter().any(|test| test.contains(&quoted));
    (is_there(&file) && is_run()).then_some(file)
}

/// Whether `file` has a function `name` that is a test, and not an ignored one.
fn has_test(file: &str, name: &str) -> bool {
    let text = read(file);
    let begin = format!("fn {name}(");
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    lines.iter().enumerate().any(|(index, line)| {
        let above = lines[..index].iter().rev();
        let attributes: Vec<_> = above.take_while(|line| line.starts_with("#[")).collect();
        let is_ignored = attributes.iter().any(|line| line.starts_with("#[ignore"));
        line.starts_with(&begin) && attributes.contains(&&"#[test]") && !is_ignored
    })
}

fn is_there(file: &str) -> bool {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file).is_file()
}

/// The texts of the files below `tests` in Rust.
fn rust_tests() -> Vec<String> {
    let mut texts = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(folder).unwrap();
        let paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        for path in paths {
            if path.extension().is_some_and(|extension| extension == "rs") {
                texts.push(fs::read_to_string(path).unwrap());
            } else if path.is_dir() && !path.ends_with("node_modules") {
                folders.push(path);
            }
        }
    }
    texts
}
