//! One list in every language: the functions, the statuses and the number of
//! the ABI.
//!
//! `tests/abi` holds the lists that were released. What differs from them
//! breaks a program somewhere, so each failure says what to do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::library::{SONAME, library};
use support::require;

const HEADER: &str = "include/authkeep.h";
const EXPORTS: &str = "include/authkeep.def";
const SYMBOLS: &str = "tests/abi/symbols.txt";
const STATUSES: &str = "tests/abi/statuses.txt";
const TABLE: &str = "bindings/python/authkeep/_native.py";
const CLASSES: &str = "bindings/python/authkeep/_errors.py";
const CPP: &str = "bindings/cpp/authkeep.hpp";
const DLL_IMPORTS: &str = "bindings/dotnet/Native.cs";
const ENUMERATION: &str = "bindings/dotnet/AuthKeepStatus.cs";
const LEVELS: &str = "bindings/dotnet/LogLevel.cs";

// --- functions ---------------------------------------------------------------

#[test]
fn the_header_declares_the_functions_that_were_released_and_new_ones_with_their_version() {
    assert_same(
        (HEADER, &header_functions()),
        (SYMBOLS, &released_functions()),
        "a function that is new gets a line with a new AUTHKEEP_ABI_VERSION (src/ffi/version.rs); \
         one that was there must come back, under its name and in its place",
    );
}

#[test]
fn the_library_exports_what_the_header_declares_and_nothing_else() {
    let nm = match Command::new("nm").arg("--version").output() {
        Ok(_) => Ok(()),
        Err(_) => Err("there is no nm; it comes with a C compiler".to_owned()),
    };
    if require::part("cc", nm).is_none() {
        return;
    }
    assert_same_set(
        ("the shared library", exported_symbols()),
        (HEADER, header_functions()),
        "a function needs #[unsafe(no_mangle)] pub extern \"C\", in a file that cbindgen reads",
    );
}

#[test]
fn the_export_list_for_msvc_has_every_function() {
    let names: Vec<String> = read(EXPORTS)
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .map(str::to_owned)
        .collect();
    assert_same(
        (EXPORTS, &names),
        (HEADER, &header_functions()),
        "list each function, in header order",
    );
}

#[test]
fn the_python_table_has_every_function_in_the_order_of_the_header() {
    assert_same(
        (TABLE, &python_functions()),
        (HEADER, &header_functions()),
        "give TABLE one row for each function, in header order",
    );
}

#[test]
fn the_cpp_header_uses_every_function() {
    let header = read(CPP);
    let words: Vec<&str> = header
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .collect();
    let missing: Vec<String> = header_functions()
        .into_iter()
        .filter(|name| !words.contains(&name.as_str()))
        .collect();
    assert!(missing.is_empty(), "no member in {CPP} uses {missing:?}");
}

#[test]
fn the_dotnet_table_has_every_function_with_its_arguments_in_the_order_of_the_header() {
    assert_same(
        (DLL_IMPORTS, &prototypes(&read(DLL_IMPORTS))),
        (HEADER, &prototypes(&without_comments(&read(HEADER)))),
        "give Native one DllImport for each function, in header order",
    );
}

#[test]
fn every_function_that_takes_a_pointer_is_tried_with_null() {
    let program = read("tests/c/null.c");
    let without_pointers = [
        "authkeep_version",
        "authkeep_abi_version",
        "authkeep_provider_",
        "authkeep_config_new",
        "authkeep_call_new",
    ];
    let missing: Vec<String> = header_functions()
        .into_iter()
        .filter(|name| !without_pointers.iter().any(|known| name.starts_with(known)))
        .filter(|name| !program.contains(&format!("{name}(")))
        .collect();
    assert!(missing.is_empty(), "add to tests/c/null.c: {missing:?}");
}

// --- statuses ----------------------------------------------------------------

#[test]
fn the_header_has_the_statuses_that_were_released() {
    assert_same(
        (HEADER, &header_statuses()),
        (STATUSES, &released_statuses()),
        "the list is closed: a new cause gets one of these statuses and a string code of its own",
    );
}

#[test]
fn python_has_an_exception_of_each_status_by_its_name() {
    let classes = python_statuses();
    let numbers: Vec<i32> = classes.iter().map(|(_, number)| *number).collect();
    let failures: Vec<(String, i32)> = header_statuses()
        .iter()
        .filter_map(|line| {
            let (name, number) = line.strip_prefix("AUTHKEEP_ERR_")?.split_once(' ')?;
            Some((name.replace('_', "").to_lowercase(), number.parse().ok()?))
        })
        .collect();
    let expected: Vec<i32> = failures.iter().map(|(_, number)| *number).collect();
    assert_eq!(
        numbers, expected,
        "{CLASSES} needs one class with each STATUS, in this order: {failures:?}"
    );
    for ((class, number), (name, _)) in classes.iter().zip(&failures) {
        assert!(
            class.to_lowercase().starts_with(name),
            "in {CLASSES}, STATUS {number} is of class {class}; the header calls it {name}"
        );
    }
}

#[test]
fn cpp_throws_the_class_that_python_has_for_each_status() {
    let header = read(CPP);
    let failures = header_statuses();
    for (class, number) in python_statuses() {
        let status = failures
            .iter()
            .find_map(|line| line.strip_suffix(&format!(" {number}")))
            .expect("Python has statuses of the header only");
        // The last one is for what a newer library may say, too.
        let case = match status {
            "AUTHKEEP_ERR_INTERNAL" => "default".to_owned(),
            _ => format!("case {status}"),
        };
        for line in [
            format!("    {case}: throw {class}{{error}};"),
            format!("class {class} : public Error"),
        ] {
            assert!(header.contains(&line), "{CPP} lacks \"{line}\"");
        }
    }
}

#[test]
fn dotnet_has_the_statuses_of_the_header_by_their_names() {
    let expected: Vec<String> = header_statuses()
        .iter()
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(name, number)| format!("{} = {number}", pascal_case(name)))
        .collect();
    assert_same(
        (ENUMERATION, &dotnet_values(ENUMERATION)),
        (HEADER, &expected),
        "give AuthKeepStatus one value for each status, in header order",
    );
}

#[test]
fn dotnet_has_the_log_levels_of_the_header_by_their_names() {
    let expected: Vec<String> = read(HEADER)
        .lines()
        .filter_map(|line| line.strip_prefix("#define AUTHKEEP_LOG_")?.split_once(' '))
        .map(|(name, number)| format!("{} = {number}", pascal_case(name)))
        .collect();
    assert_same(
        (LEVELS, &dotnet_values(LEVELS)),
        (HEADER, &expected),
        "give LogLevel one value for each level, in header order",
    );
}

// --- numbers -----------------------------------------------------------------

/// That the loaded library returns this number is checked by `header.c`.
#[test]
fn the_abi_version_is_that_of_the_newest_function() {
    let newest = released().iter().map(|(_, version)| *version).max();
    assert_eq!(
        newest,
        Some(header_abi_version()),
        "AUTHKEEP_ABI_VERSION (src/ffi/version.rs) grows with each function that is added, and \
         with nothing else; {SYMBOLS} says by which"
    );
}

#[test]
fn python_requires_no_newer_abi_than_there_is() {
    let library = "bindings/python/authkeep/_library.py";
    let required = number_after(&read(library), "REQUIRED_ABI = ");
    assert!(
        (1..=header_abi_version()).contains(&required),
        "REQUIRED_ABI in {library} is {required}; the library has {}",
        header_abi_version()
    );
}

#[test]
fn dotnet_requires_no_newer_abi_than_there_is() {
    let library = "bindings/dotnet/Library.cs";
    let required = number_after(&read(library), "RequiredAbi = ");
    assert!(
        (1..=header_abi_version()).contains(&required),
        "RequiredAbi in {library} is {required}; the library has {}",
        header_abi_version()
    );
}

#[test]
fn dotnet_looks_for_the_library_that_others_have_loaded_by_its_released_name() {
    let loader = "bindings/dotnet/NativeLoader.cs";
    assert!(
        read(loader).contains(&format!("\"{SONAME}\"")),
        "{loader} asks for another name than {SONAME}"
    );
}

#[test]
fn the_dotnet_package_has_the_version_of_the_library() {
    let version = env!("CARGO_PKG_VERSION");
    let project = "bindings/dotnet/AuthKeep.Net.csproj";
    assert!(
        read(project).contains(&format!("<Version>{version}</Version>")),
        "{project} has another version than Cargo.toml, {version}"
    );
}

#[test]
fn the_library_is_known_to_the_loader_by_the_name_that_was_released() {
    let bytes = fs::read(&library().shared).unwrap();
    let name = format!("\0{SONAME}\0");
    assert!(
        bytes
            .windows(name.len())
            .any(|window| window == name.as_bytes()),
        "build.rs gives the library another soname than {SONAME}; every program that was linked \
         with a released library would no longer start"
    );
}

// --- what each says ----------------------------------------------------------

/// Prototypes begin at the margin; what goes on or explains them doesn't.
fn header_functions() -> Vec<String> {
    read(HEADER)
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
        .filter_map(|line| line.split_once('('))
        .filter_map(|(before, _)| before.rsplit([' ', '*']).next())
        .filter(|name| name.starts_with("authkeep_"))
        .map(str::to_owned)
        .collect()
}

fn header_statuses() -> Vec<String> {
    read(HEADER)
        .lines()
        .filter_map(|line| line.strip_prefix("#define "))
        .filter(|line| line.starts_with("AUTHKEEP_OK ") || line.starts_with("AUTHKEEP_ERR_"))
        .map(str::to_owned)
        .collect()
}

fn header_abi_version() -> i32 {
    number_after(&read(HEADER), "#define AUTHKEEP_ABI_VERSION ")
}

fn released() -> Vec<(String, i32)> {
    lines(SYMBOLS)
        .iter()
        .map(|line| {
            let (name, version) = line.split_once(' ').expect("a name and a version");
            (name.to_owned(), version.parse().expect("a version"))
        })
        .collect()
}

fn released_functions() -> Vec<String> {
    released().into_iter().map(|(name, _)| name).collect()
}

fn released_statuses() -> Vec<String> {
    lines(STATUSES)
}

fn exported_symbols() -> Vec<String> {
    let output = Command::new("nm")
        .args(["-D", "--defined-only", "--format=posix"])
        .arg(&library().shared)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

fn python_functions() -> Vec<String> {
    read(TABLE)
        .lines()
        .filter_map(|line| line.strip_prefix("    (\""))
        .filter_map(|row| row.split_once('"'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn python_statuses() -> Vec<(String, i32)> {
    let source = read(CLASSES);
    let mut class = "";
    let mut statuses = Vec::new();
    for line in source.lines() {
        if let Some(rest) = line.strip_prefix("class ") {
            class = rest.split(['(', ':']).next().unwrap_or_default();
        } else if let Some(number) = line.strip_prefix("    STATUS = ") {
            statuses.push((class.to_owned(), number.parse().expect("a number")));
        }
    }
    statuses
}

/// Each function that is declared, and how many arguments it has.
fn prototypes(source: &str) -> Vec<String> {
    let one_line = source.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line
        .split(';')
        .filter(|declaration| !declaration.trim_start().starts_with("typedef "))
        .filter_map(|declaration| declaration.strip_suffix(')'))
        .filter_map(|declaration| declaration.rsplit_once('('))
        .filter_map(|(before, arguments)| {
            let name = before.rsplit([' ', '*']).next()?;
            let count = match arguments.trim() {
                "" | "void" => 0,
                some => some.split(',').count(),
            };
            name.starts_with("authkeep_")
                .then(|| format!("{name} with {count} arguments"))
        })
        .collect()
}

fn without_comments(source: &str) -> String {
    source
        .split("/*")
        .map(|part| part.split_once("*/").map_or(part, |(_, code)| code))
        .collect()
}

fn dotnet_values(enumeration: &str) -> Vec<String> {
    read(enumeration)
        .lines()
        .map(|line| line.trim().trim_end_matches(','))
        .filter(|line| line.contains(" = "))
        .map(str::to_owned)
        .collect()
}

/// `AUTHKEEP_ERR_TOO_LARGE` as `TooLarge`.
fn pascal_case(constant: &str) -> String {
    constant
        .trim_start_matches("AUTHKEEP_")
        .trim_start_matches("ERR_")
        .split('_')
        .flat_map(|word| {
            let (first, rest) = word.split_at(1);
            [first.to_owned(), rest.to_lowercase()]
        })
        .collect()
}

// --- how they are compared ---------------------------------------------------

fn assert_same(left: (&str, &[String]), right: (&str, &[String]), fix: &str) {
    let ((left_name, left), (right_name, right)) = (left, right);
    assert!(!left.is_empty() && !right.is_empty(), "nothing was read");
    if left == right {
        return;
    }
    let only = |here: &[String], there: &[String]| -> Vec<String> {
        here.iter()
            .filter(|name| !there.contains(name))
            .cloned()
            .collect()
    };
    let (in_left, in_right) = (only(left, right), only(right, left));
    let order = left.iter().zip(right).find(|(left, right)| left != right);
    match (in_left.is_empty(), in_right.is_empty(), order) {
        (true, true, Some((here, there))) => {
            panic!("{left_name} has {here} where {right_name} has {there}; {fix}")
        }
        _ => panic!("only in {left_name}: {in_left:?}; only in {right_name}: {in_right:?}; {fix}"),
    }
}

fn assert_same_set(left: (&str, Vec<String>), right: (&str, Vec<String>), fix: &str) {
    let sorted = |mut names: Vec<String>| {
        names.sort_unstable();
        names
    };
    let (left, right) = ((left.0, sorted(left.1)), (right.0, sorted(right.1)));
    assert_same((left.0, &left.1), (right.0, &right.1), fix);
}

fn number_after(text: &str, label: &str) -> i32 {
    let (_, rest) = text.split_once(label).expect("the label is there");
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
    digits
        .and_then(|digits| digits.parse().ok())
        .expect("a number")
}

/// Without the comments.
fn lines(path: &str) -> Vec<String> {
    read(path)
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(str::to_owned)
        .collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}
