//! Parts of the test suite that need something the machine may lack.
//!
//! A missing tool skips its part with a plain line, so that `cargo test` is
//! useful on any machine; the environment variable `AUTHKEEP_REQUIRE` names the
//! parts that may not be skipped, so that a CI run can't pass by testing less:
//! `cc,python`, or `all`, or `all,-pwsh` for all but one.
//! `.ci/run` looks for the word that begins the line.

use std::env;
use std::io::Write;
use std::sync::Mutex;

/// Every part, by the name that `AUTHKEEP_REQUIRE` has for it.
const PARTS: [&str; 12] = [
    "cc",      // a C compiler
    "cxx",     // g++
    "clang",   // clang++
    "names",   // a name server of the test's own: port 53, and unshare
    "asan",    // AddressSanitizer and LeakSanitizer
    "python",  // Python 3.9
    "oidc",    // Node.js with tests/oidc installed
    "mono",    // mcs and mono
    "dotnet",  // .NET and a C# compiler for it
    "cmdlets", // that compiler, and PowerShell's reference assembly
    "grammar", // tree-sitter-powershell, for Python
    "pwsh",    // PowerShell 7
];

/// What the part `name` needs, or `None` when it is to be skipped.
///
/// # Panics
///
/// When `AUTHKEEP_REQUIRE` names a part that is not available, or one that
/// doesn't exist.
pub fn part<T>(name: &str, available: Result<T, String>) -> Option<T> {
    assert!(PARTS.contains(&name), "\"{name}\" is not among {PARTS:?}");
    let required = required(name);
    match available {
        Ok(tool) => Some(tool),
        Err(reason) if required => {
            panic!("AUTHKEEP_REQUIRE names \"{name}\", which is not available: {reason}")
        }
        Err(reason) => {
            say_once(format!("skipped: {name} ({reason})"));
            None
        }
    }
}

/// Prints a line that the test harness shows for a passing test too: it
/// captures what the print macros write, and nothing else.
pub fn say(line: &str) {
    std::io::stdout()
        .write_all(format!("{line}\n").as_bytes())
        .expect("standard output can be written");
}

fn say_once(line: String) {
    static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut said = SAID.lock().expect("nothing panics under this lock");
    if !said.contains(&line) {
        say(&line);
        said.push(line);
    }
}

fn required(name: &str) -> bool {
    let list = env::var("AUTHKEEP_REQUIRE").unwrap_or_default();
    let mut required = false;
    for entry in list.split(',').map(str::trim).filter(|e| !e.is_empty()) {
        let part = entry.trim_start_matches('-');
        assert!(
            part == "all" || PARTS.contains(&part),
            "AUTHKEEP_REQUIRE names \"{part}\"; the parts are {PARTS:?} and \"all\""
        );
        if part == "all" || part == name {
            required = entry == part;
        }
    }
    required
}
