//! Every call ends within 250 ms of its cancellation and of its deadline, in
//! each language and wherever it waits.
//!
//! A program of each language makes calls that hang at one place; it goes on
//! when that place has seen them. What it prints ends in one table. A measurement
//! that comes out late is made again, since another program may have had the
//! processor, and the table tells how often; one that comes out wrong is not.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "../support/mod.rs"]
mod support;

mod measure;
mod names;
mod places;
mod rust;
mod table;

use std::thread;

use support::compiler::sanitizes;
use support::languages::{self, Start};
use support::{require, target};

use measure::{Cell, cell};
use names::SilentNames;
use places::PLACES;
use table::table;

const THIS: &str = "each_call_ends_in_time_in_each_language_wherever_it_waits";

/// A language, and the ways in which its calls end.
struct Language {
    name: &'static str,
    ways: &'static [&'static str],
    start: fn() -> Option<Start>,
}

const LANGUAGES: [Language; 6] = [
    Language {
        name: "Rust",
        ways: &["cancel", "deadline"],
        start: || Some(Box::new(|| rust::program(THIS))),
    },
    Language {
        name: "C",
        ways: &["cancel", "deadline"],
        start: || languages::c("wait.c"),
    },
    Language {
        name: "C++",
        ways: &["cancel", "deadline"],
        start: || languages::cpp("wait.cpp"),
    },
    Language {
        name: "Python",
        ways: &["cancel", "ctrl-c", "deadline"],
        start: || languages::python("wait.py"),
    },
    Language {
        name: "C#",
        ways: &["cancel", "token", "deadline"],
        start: || {
            languages::csharp(&[
                "tests/dotnet/programs/Wait.cs",
                "tests/dotnet/programs/Callers.cs",
                "tests/dotnet/Check.cs",
            ])
        },
    },
    Language {
        name: "PowerShell",
        ways: &["ctrl-c", "deadline"],
        start: || {
            languages::cmdlets(&[
                "tests/powershell/programs/Wait.cs",
                "tests/dotnet/programs/Callers.cs",
                "tests/dotnet/Check.cs",
            ])
        },
    },
];

#[test]
fn each_call_ends_in_time_in_each_language_wherever_it_waits() {
    if let Some(told) = rust::told() {
        return rust::wait(&told);
    }
    let names = (!target::is_windows())
        .then(|| require::part("names", SilentNames::serve()))
        .flatten();
    let known = LANGUAGES.iter().filter(|language| is_here(language));
    let rows: Vec<(&Language, Vec<Option<Cell>>)> = thread::scope(|scope| {
        let rows = known.map(|language| {
            let names = names.as_ref();
            (language, scope.spawn(move || row(language, names)))
        });
        let rows: Vec<_> = rows.collect();
        let ended = rows.into_iter();
        ended
            .filter_map(|(language, row)| Some((language, row.join().unwrap()?)))
            .collect()
    });

    require::say(&table(&rows));
    let cells = rows.iter().flat_map(|(_, cells)| cells.iter().flatten());
    let faults: Vec<&String> = cells.filter_map(|cell| cell.fault.as_ref()).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(!rows.is_empty());
}

/// Another system and the sanitizers concern compiled programs alone.
fn is_here(language: &Language) -> bool {
    let is_compiled = ["C", "C++"].contains(&language.name);
    is_compiled || !target::is_windows() && !sanitizes()
}

/// One language at each place; `None` when the machine lacks it.
fn row(language: &Language, names: Option<&SilentNames>) -> Option<Vec<Option<Cell>>> {
    let start = (language.start)()?;
    let cells = PLACES.iter().map(|place| {
        let names = match (place.needs_names, names) {
            (true, None) => return None,
            (needs, names) => names.filter(|_| needs),
        };
        Some(cell(language, place, &start, names))
    });
    Some(cells.collect())
}
