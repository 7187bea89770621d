//! The programs and profiles of the pages, at work.

use authkeep::{Call, Client, Config};
use serde_json::{Value, json};

use crate::support::server::TestServer;
use crate::support::snippet::programs;
use crate::{Desk, SYSTEMS, page, profiles};

#[test]
fn each_program_in_c_works_and_fails_when_the_secret_is_wrong() {
    each_program_works("c");
}

#[test]
fn each_program_in_cpp_works_and_fails_when_the_secret_is_wrong() {
    each_program_works("cpp");
}

#[test]
fn each_program_in_python_works_and_fails_when_the_secret_is_wrong() {
    each_program_works("python");
}

#[test]
fn each_program_in_csharp_works_and_fails_when_the_secret_is_wrong() {
    each_program_works("csharp");
}

#[test]
fn each_program_in_powershell_works_and_fails_when_the_secret_is_wrong() {
    each_program_works("powershell");
}

fn each_program_works(language: &str) {
    let server = TestServer::start();
    for (name, ..) in SYSTEMS {
        for program in programs(&page(name), language) {
            let desk = Desk::of(&server, name);
            desk.write(json!({}));
            let (_, variable, secret) = desk.secret();
            let run = |secret: &str| {
                let mut command = program();
                command
                    .env("XDG_CONFIG_HOME", desk.home.path())
                    .env(&variable, secret);
                command.output().unwrap()
            };
            let output = run(&secret);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{name}: {errors}");
            let printed = String::from_utf8_lossy(&output.stdout);
            assert_eq!(printed.trim_end(), expected(name, &secret), "{name}");

            let output = run("wrong");
            assert_eq!(output.status.code(), Some(1), "{name}");
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(
                !errors.contains("wrong") && errors.lines().count() <= 1,
                "{errors}"
            );
        }
    }
}

fn expected(name: &str, secret: &str) -> String {
    match name {
        "cloudblue-connect" => {
            format!("a key of {} characters, list 200, post 201", secret.len())
        }
        "shopware" => "Bearer token, list 200, post 204".to_owned(),
        "ingram-micro" => "Bearer token, list 200, post 201".to_owned(),
        _ => "bearer token, list 200, post 201".to_owned(),
    }
}

/// For a reseller of Ingram Micro, a user of a shop, and so on.
#[test]
fn each_profile_of_a_page_gets_an_answer_and_then_another() {
    let server = TestServer::start();
    for (name, ..) in SYSTEMS {
        for (label, profile) in profiles(&page(name)) {
            let mut told = json!({"provider": name});
            if label == "reseller" {
                told["reseller"] = json!(true);
            }
            let desk = Desk {
                emulation: server.emulate(told),
                profile,
                label,
                ..Desk::of(&server, name)
            };
            answers_twice(&desk, json!({}));
        }
    }
    let by_basic = json!({"client_auth": "basic_raw"});
    answers_twice(&Desk::of(&server, "inventorypro"), by_basic);
}

fn answers_twice(desk: &Desk, changes: Value) {
    let file = desk.write(changes);
    let (_, variable, secret) = desk.secret();
    let mut config = Config::new();
    config.set_env(&variable, &secret).unwrap();
    config.load_profile(&desk.label, Some(&file), true).unwrap();
    let client = Client::new(&config).unwrap();
    let target = match desk.profile["provider"].as_str().unwrap() {
        "aprimo-dm" => "/api/v1.0/orders",
        "cloudblue-connect" => "/products",
        "ingram-micro" => "/orders",
        "inventorypro" => "/api/v1/Item",
        _ => "/api/product",
    };
    for _ in 0..2 {
        let response = client.get(target, &Call::new()).unwrap();
        assert_eq!(response.status(), 200, "{}", response.text());
    }
}
