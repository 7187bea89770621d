//! The systems that the library knows by name, from the first token to the
//! last refusal, against their emulations.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod ingram_micro;
mod inventorypro;
mod shopware;

use std::sync::Arc;

use authkeep::{Call, Client, Config, ManualClock};
use serde_json::Value;
use support::drivers::Driver;
use support::mistakes::MISTAKES;
use support::server::{Emulation, TestServer};
use support::vendors::lives;

/// A client on a clock of the test's own.
fn client(config: &Value) -> (Client, Arc<ManualClock>) {
    let mut keys = Config::new();
    keys.merge_json(&config.to_string()).unwrap();
    let clock = Arc::new(ManualClock::new(1_900_000_000_000));
    let client = Client::with_clock(&keys, clock.clone()).unwrap();
    (client, clock)
}

fn get(client: &Client, target: &str) -> u16 {
    client.get(target, &Call::new()).unwrap().status()
}

fn message_of(client: &Client, target: &str) -> String {
    let error = client.get(target, &Call::new()).unwrap_err();
    error.message().to_owned()
}

/// Why the emulation refused what it refused, in order.
fn refusals(emulation: &Emulation) -> Vec<String> {
    let stats = emulation.stats();
    let log = stats["log"].as_array().unwrap().iter();
    log.map(|line| line["reason"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_credential_lives_at_each_system_as_it_should_in_rust() {
    a_credential_lives_as_it_should(Some(Driver::rust()));
}

#[test]
fn a_credential_lives_at_each_system_as_it_should_in_c() {
    a_credential_lives_as_it_should(Driver::c());
}

#[test]
fn a_credential_lives_at_each_system_as_it_should_in_cpp() {
    a_credential_lives_as_it_should(Driver::cpp());
}

#[test]
fn a_credential_lives_at_each_system_as_it_should_in_python() {
    a_credential_lives_as_it_should(Driver::python());
}

#[test]
fn a_credential_lives_at_each_system_as_it_should_in_csharp() {
    a_credential_lives_as_it_should(Driver::csharp());
}

fn a_credential_lives_as_it_should(driver: Option<Driver>) {
    let Some(driver) = driver else { return };
    let server = TestServer::start();
    let faults: Vec<String> = lives(&driver, &server)
        .into_iter()
        .flat_map(|(_, stages)| stages)
        .flat_map(|stage| stage.faults)
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn who_gets_a_setting_wrong_reads_what_to_do() {
    let server = TestServer::start();
    let mut wrong = Vec::new();
    for mistake in &MISTAKES {
        let read = mistake.happen(&server);
        let (before, _) = read
            .split_once("; no further attempt ")
            .unwrap_or((&read, ""));
        if before != mistake.read {
            wrong.push(format!("{}, {}:\n{read}", mistake.provider, mistake.made));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
