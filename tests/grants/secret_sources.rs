//! Secrets by reference are read before each token request.

use std::fs;

use authkeep::{Call, Client, Config, Status};
use serde_json::{Value, json};

use crate::support::clients::{aging_client, client, config};
use crate::support::server::TestServer;
use crate::support::shell;
use crate::{PAST_EXPIRY_MS, assert_nothing_refused, echo};

/// A variable that cargo sets for every test program.
const VARIABLE: &str = "CARGO_PKG_NAME";

#[test]
fn a_secret_is_a_value_a_variable_a_file_or_what_a_command_prints() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, "authkeep\n").unwrap();
    assert_eq!(std::env::var(VARIABLE).unwrap(), "authkeep");
    for source in [
        json!("authkeep"),
        json!({"env": VARIABLE}),
        json!({"file": file}),
        json!({"command": shell::print(&file)}),
        json!({"command": shell::script(
            "printf authkeep; echo noise >&2",
            "echo authkeep&echo noise>&2",
        )}),
    ] {
        let server = TestServer::start();
        server.register(json!({
            "client_id": "c", "client_secret": "authkeep", "username": "me",
            "password": "authkeep", "require_fields": {"pin": "authkeep"},
            "require_headers": {"X-Pin": "authkeep"},
        }));
        let config = json!({
            "grant": "password", "client_id": "c", "client_secret": source, "username": "me",
            "password": source,
            "token_request": {"fields": {"pin": source}, "headers": {"X-Pin": source}},
        });
        echo(&client(&server, config));
        assert_nothing_refused(&server);
    }
}

#[test]
fn a_variable_that_is_handed_over_goes_before_that_of_the_process() {
    for source in [
        json!({"env": VARIABLE}),
        json!({"command": shell::script(
            &format!("printf %s \"${VARIABLE}\""),
            &format!("echo %{VARIABLE}%"),
        )}),
    ] {
        let server = TestServer::start();
        server.set(json!({"client_id": "demo", "client_secret": "handed over"}));
        let mut config = config(&server, json!({"client_secret": source}));
        config.set_env(VARIABLE, "handed over").unwrap();
        echo(&Client::new(&config).unwrap());
        assert_nothing_refused(&server);
    }
}

#[test]
fn a_profile_is_looked_for_where_the_handed_over_environment_says() {
    let home = tempfile::tempdir().unwrap();
    let text = home.path().to_str().unwrap();
    let mut config = Config::new();
    for name in ["XDG_CONFIG_HOME", "HOME", "APPDATA"] {
        config.set_env(name, text).unwrap();
    }
    let error = config.load_profile("shop", None, false).unwrap_err();
    assert_eq!(error.code(), "config.profile_file");
    assert!(error.message().contains(text), "{error}");
}

#[test]
fn a_variable_that_no_environment_can_hold_is_refused() {
    for (name, value) in [("", "a"), ("A=B", "a"), ("A\0", "a"), ("A", "a\0")] {
        let error = Config::new().set_env(name, value).unwrap_err();
        assert_eq!(
            (error.status(), error.code()),
            (Status::InvalidArgument, "config.env")
        );
    }
}

#[test]
fn a_secret_that_was_rotated_in_its_place_is_taken_up_by_the_next_token_request() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    for source in [
        json!({"file": file}),
        json!({"command": shell::print(&file)}),
    ] {
        let server = TestServer::start();
        let register = |secret: &str| {
            fs::write(&file, secret).unwrap();
            server.set(json!({
                "client_id": "demo", "client_secret": secret, "username": "me",
                "password": format!("{secret}"),
            }));
        };
        register("first");
        let config = json!({
            "grant": "password", "client_secret": source, "username": "me", "password": source,
        });
        let (client, clock) = aging_client(&server, config);
        for secret in ["second", "third"] {
            echo(&client);
            register(secret);
            echo(&client);
            clock.advance(PAST_EXPIRY_MS);
        }
        echo(&client);
        assert_nothing_refused(&server);
        assert_eq!(server.client_stats("demo")["token_requests"], 3);
    }
}

fn unreadable(source: Value) -> (TestServer, authkeep::Error) {
    let server = TestServer::start();
    let error = client(&server, json!({"client_secret": source}))
        .get_token(&Call::new())
        .unwrap_err();
    (server, error)
}

#[test]
fn a_secret_that_cannot_be_read_is_named_and_nothing_is_sent() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    let empty = empty.path().to_str().unwrap();
    for (source, code, named) in [
        (
            json!({"env": "AUTHKEEP_NO_SUCH"}),
            "secret.env_missing",
            "AUTHKEEP_NO_SUCH",
        ),
        (
            json!({"file": "/nonexistent/secret"}),
            "secret.file",
            "/nonexistent/secret",
        ),
        (json!({"file": shell::DEVICE}), "secret.file", shell::DEVICE),
        (json!({"file": empty}), "secret.empty", empty),
        (
            json!({"command": ["/nonexistent/program"]}),
            "secret.command",
            "/nonexistent/program",
        ),
        (
            json!({"command": shell::script("false", "exit 1")}),
            "secret.command",
            "exit code 1",
        ),
        (
            json!({"command": shell::script("true", "rem")}),
            "secret.empty",
            "is empty",
        ),
    ] {
        let (server, error) = unreadable(source.clone());
        assert_eq!(error.status(), Status::InvalidConfig, "{source}: {error}");
        assert_eq!(error.code(), code, "{source}: {error}");
        let message = error.message();
        assert!(
            message.contains("client_secret") && message.contains(named),
            "{message}"
        );
        assert_eq!(server.stats()["total"]["token_requests"], 0);
    }
}

#[test]
fn what_a_failing_command_prints_stays_secret() {
    let command = shell::script(
        "echo canary-out; echo canary-err >&2; exit 3",
        "echo canary-out&echo canary-err>&2&exit 3",
    );
    let (_, error) = unreadable(json!({"command": command}));
    assert_eq!(error.code(), "secret.command");
    assert!(!error.message().contains("canary"), "{error}");
}

#[test]
fn a_secret_that_becomes_readable_is_used_soon_after() {
    let server = TestServer::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("late");
    let (client, clock) = aging_client(&server, json!({"client_secret": {"file": file}}));
    assert_eq!(
        client.get_token(&Call::new()).unwrap_err().code(),
        "secret.file"
    );
    fs::write(&file, "demo-secret").unwrap();
    clock.advance(crate::PAST_BACKOFF_MS);
    echo(&client);
}
