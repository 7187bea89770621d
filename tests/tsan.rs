//! Races on purpose, which ThreadSanitizer must report: in C, in the library's
//! own code, and in Rust by an ordering that is too weak.
//!
//! They prove that the detector was on when `.ci/tsan` ran the other tests; only
//! it builds for the detector, so here they are ignored.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod support;

use std::cell::UnsafeCell;
use std::env;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use support::compiler::Program;

/// Tells this program, run again, how to publish.
const PUBLISH: &str = "AUTHKEEP_PLANTED_PUBLICATION";
const REPORT: &str = "WARNING: ThreadSanitizer: data race";

#[test]
#[ignore = "only .ci/tsan builds for the detector"]
fn a_race_planted_in_a_program_is_reported() {
    is_reported("race", "in add_one");
}

#[test]
#[ignore = "only .ci/tsan builds for the detector"]
fn a_race_planted_in_the_librarys_own_code_is_reported() {
    is_reported("race_inside", "authkeep_request_add_query");
}

fn is_reported(race: &str, place: &str) {
    let program = Program::of_tests("planted.c").expect("a compiler");
    let said = |race: &str| said(program.command().arg(race));

    assert_eq!(said("nothing"), "");
    let said = said(race);
    assert!(said.contains(REPORT) && said.contains(place), "{said}");
}

#[test]
#[ignore = "only .ci/tsan builds for the detector"]
fn a_value_that_rust_publishes_with_a_relaxed_store_is_reported() {
    match env::var(PUBLISH).as_deref() {
        Ok("relaxed") => return publish(Ordering::Relaxed, Ordering::Relaxed),
        Ok(_) => return publish(Ordering::Release, Ordering::Acquire),
        Err(_) => {}
    }
    let this = "a_value_that_rust_publishes_with_a_relaxed_store_is_reported";
    let said = |how: &str| {
        let mut program = Command::new(env::current_exe().unwrap());
        said(
            program
                .args(["--ignored", "--exact", this])
                .env(PUBLISH, how),
        )
    };

    assert_eq!(said("ordered"), "");
    let said = said("relaxed");
    assert!(said.contains(REPORT), "{said}");
}

fn publish(store: Ordering, load: Ordering) {
    struct Published {
        value: UnsafeCell<u64>,
        ready: AtomicBool,
    }
    // SAFETY: with the right orderings it would be; finding out that they are
    // wrong is the purpose, and a word is read whole on every machine.
    unsafe impl Sync for Published {}
    static PUBLISHED: Published = Published {
        value: UnsafeCell::new(0),
        ready: AtomicBool::new(false),
    };
    let writer = thread::spawn(move || {
        // SAFETY: nobody reads before the flag is set.
        unsafe { *PUBLISHED.value.get() = 7 };
        PUBLISHED.ready.store(true, store);
    });
    while !PUBLISHED.ready.load(load) {
        thread::yield_now();
    }
    // SAFETY: nobody writes after the flag is set.
    let value = unsafe { *PUBLISHED.value.get() };
    assert_eq!(value, 7);
    writer.join().unwrap();
}

/// What the detector says of a program, here and not among the reports.
fn said(program: &mut Command) -> String {
    let options = env::var("TSAN_OPTIONS").unwrap_or_default();
    program.env("TSAN_OPTIONS", format!("{options} log_path=stderr"));
    let output = program.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.success(), said.is_empty(), "{said}");
    said
}
