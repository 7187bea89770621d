//! Every error code that the library and its bindings use is explained in
//! `docs/errors.md`, below its status, and no other is.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const PAGE: &str = include_str!("../docs/errors.md");
const KEYS: &str = include_str!("../docs/config.md");
/// What looks like a code, and is a file or a word of ours.
const NO_CODES: [&str; 7] = [
    "authkeep.dll",
    "inventorypro.json",
    "libauthkeep.dylib",
    "libauthkeep.so",
    "profiles.json",
    "shopware.json",
    "timeouts.token_request",
];
/// The keys of the configuration that are codes too.
const KEYS_AND_CODES: [&str; 1] = ["tls.ca_file"];

#[test]
fn each_code_is_explained_and_no_other() {
    let page: BTreeSet<&str> = rows().into_iter().map(|(_, code)| code).collect();
    let used = literals();
    let used: BTreeSet<&str> = used.iter().map(String::as_str).collect();
    let unexplained: Vec<_> = used.difference(&page).collect();
    let unused: Vec<_> = page.difference(&used).collect();
    assert!(
        unexplained.is_empty() && unused.is_empty(),
        "docs/errors.md lacks {unexplained:?}, and nothing uses {unused:?}"
    );
}

/// Where the sources name the status right before the code, as most do.
#[test]
fn each_code_is_below_its_status() {
    let mut below: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (status, code) in rows() {
        below.entry(code).or_default().push(status);
    }
    let mut checked = 0;
    for text in sources("src", "rs") {
        for part in text.split("Status::").skip(1) {
            let Some((status, rest)) = part.split_once(',') else {
                continue;
            };
            let Some(code) = rest.trim_start().strip_prefix('"') else {
                continue;
            };
            if !status.bytes().all(|byte| byte.is_ascii_alphabetic()) {
                continue;
            }
            let code = code.split('"').next().unwrap();
            if is_code(code) {
                checked += 1;
                assert!(
                    below[code].contains(&heading(status).as_str()),
                    "{code} is below {:?}, and is {status}",
                    below[code]
                );
            }
        }
    }
    assert!(checked > 40, "only {checked} were found");
}

/// `InvalidConfig` as the page has it, `INVALID_CONFIG`.
fn heading(status: &str) -> String {
    let mut heading = String::new();
    for letter in status.chars() {
        if letter.is_uppercase() && !heading.is_empty() {
            heading.push('_');
        }
        heading.push(letter.to_ascii_uppercase());
    }
    heading
}

/// The rows of the page: the heading that each is below, and the code.
fn rows() -> Vec<(&'static str, &'static str)> {
    let mut rows = Vec::new();
    for section in PAGE.split("\n## ").skip(1) {
        let status = section.split(['\n', ' ']).next().unwrap();
        for line in section.lines() {
            if let Some(row) = line.strip_prefix("| `") {
                rows.push((status, row.split('`').next().unwrap()));
            }
        }
    }
    rows
}

/// The codes among the texts of the sources.
fn literals() -> BTreeSet<String> {
    let mut sources_of_all = sources("src", "rs");
    for (folder, extension) in [
        ("bindings/cpp", "hpp"),
        ("bindings/python/authkeep", "py"),
        ("bindings/dotnet", "cs"),
        ("bindings/powershell/AuthKeep/cmdlets", "cs"),
    ] {
        sources_of_all.extend(sources(folder, extension));
    }
    let texts = sources_of_all
        .iter()
        .flat_map(|text| text.lines())
        .filter(|line| !line.trim_start().starts_with(['/', '*']))
        .flat_map(|line| line.split('"').skip(1).step_by(2));
    texts
        .filter(|text| is_code(text))
        .map(str::to_owned)
        .collect()
}

/// Two words with a dot between them, and no key of the configuration.
fn is_code(text: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    let is_key = || KEYS.contains(&format!("\n### `{text}`\n")) && !KEYS_AND_CODES.contains(&text);
    text.split_once('.')
        .is_some_and(|(group, name)| word(group) && word(name))
        && !NO_CODES.contains(&text)
        && !is_key()
}

/// The files of a folder and those in it, each without its tests.
fn sources(folder: &str, extension: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(folder).expect("the folder is there");
        let paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        for path in paths {
            let is_of_tests = path.file_stem().is_some_and(|stem| stem == "tests");
            if is_of_tests {
            } else if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                let text = fs::read_to_string(&path).unwrap();
                let own = text.split("#[cfg(test)]\nmod tests").next().unwrap();
                texts.push(own.to_owned());
            }
        }
    }
    assert!(!texts.is_empty(), "{folder} has no file");
    texts
}
