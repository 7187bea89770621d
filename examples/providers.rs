//! The life of a credential at each system that the library knows by name, in
//! Rust, C, C++, Python and C#: `cargo run --example providers`.
//!
//! Each stage runs against an emulation of the system, which takes what the
//! vendor's pages show and counts. Below the table is what users read who got a
//! setting wrong.
#![allow(clippy::print_stdout, reason = "a program, and this is its output")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::process::ExitCode;

use support::drivers::Driver;
use support::mistakes::MISTAKES;
use support::server::TestServer;
use support::vendors::{STAGES, Stage, VENDORS, lives};

/// The stages at one system in one language.
struct Row {
    provider: &'static str,
    language: &'static str,
    stages: [Stage; 6],
}

fn main() -> ExitCode {
    println!("building the test server, the shared library and the programs ...");
    let server = TestServer::start();
    let drivers = [
        Some(Driver::rust()),
        Driver::c(),
        Driver::cpp(),
        Driver::python(),
        Driver::csharp(),
    ];
    let rows: Vec<Row> = drivers
        .iter()
        .flatten()
        .flat_map(|driver| rows(driver, &server))
        .collect();
    print_table(&rows);
    print_mistakes(&server);
    verdict(&rows)
}

fn rows(driver: &Driver, server: &TestServer) -> Vec<Row> {
    println!("the five systems in {} ...", driver.language);
    let lives = lives(driver, server).into_iter();
    lives
        .map(|(vendor, stages)| Row {
            provider: vendor.provider,
            language: driver.language,
            stages,
        })
        .collect()
}

fn print_table(rows: &[Row]) {
    println!(
        "\nAt each stage: requests to the API / requests for a token, as the system counts.\n"
    );
    print!("{:<17}  {:<8}", "provider", "language");
    for stage in STAGES {
        print!("  {stage:>12}");
    }
    println!("  verdict");
    for vendor in &VENDORS {
        for row in rows.iter().filter(|row| row.provider == vendor.provider) {
            print!("{:<17}  {:<8}", row.provider, row.language);
            for stage in &row.stages {
                let counts = format!("{} / {}", stage.requests, stage.token_requests);
                print!("  {counts:>12}");
            }
            let fails = row.stages.iter().any(|stage| !stage.faults.is_empty());
            println!("  {}", if fails { "FAILED" } else { "ok" });
        }
    }
}

fn print_mistakes(server: &TestServer) {
    println!("\nWhat the user reads; ORIGIN is that of the emulation.");
    for mistake in &MISTAKES {
        println!("\n{}: {}", mistake.provider, mistake.made);
        println!("    {}", mistake.happen(server));
    }
}

fn verdict(rows: &[Row]) -> ExitCode {
    let stages = rows.iter().flat_map(|row| &row.stages);
    let faults: Vec<&str> = stages
        .flat_map(|stage| &stage.faults)
        .map(String::as_str)
        .collect();
    if faults.is_empty() {
        println!("\nverdict: ok");
        return ExitCode::SUCCESS;
    }
    println!("\nverdict: FAILED\n{}", faults.join("\n"));
    ExitCode::FAILURE
}
