//! The systems that the library knows by name, from the first token to the
//! last refusal, against their emulations.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod support;

use support::drivers::Driver;
use support::mistakes::MISTAKES;
use support::server::TestServer;
use support::vendors::lives;

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
        if read != mistake.read {
            wrong.push(format!("{}, {}:\n{read}", mistake.provider, mistake.made));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
