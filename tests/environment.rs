//! The environment decides nothing unless the config says so. Each test runs
//! itself again as a child with the environment that it needs.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod support;

use std::env;
use std::process::Command;

use authkeep::{Call, Client, Status};
use serde_json::{Value, json};

use support::clients::{aging_client, config_at};
use support::raw::RawServer;
use support::server::TestServer;

/// Set in the child, which then plays its part instead of the test's.
const PART: &str = "AUTHKEEP_TEST_CHILD";

fn is_child() -> bool {
    env::var_os(PART).is_some()
}

/// Runs the test `name` of this program with `variables`; it must pass.
fn run_again(name: &str, variables: &[(&str, &str)]) {
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(PART, "1")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    let noise = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{said}{noise}");
    assert!(said.contains("1 passed"), "{said}");
}

/// Runs `name` again beside a server of the parent's, so that no program but
/// the child gets the child's environment.
fn run_again_with(server: &TestServer, name: &str, variables: &[(&str, &str)]) {
    let mut all = variables.to_vec();
    all.extend([
        ("AUTHKEEP_TEST_URL", server.url.as_str()),
        ("AUTHKEEP_TEST_TLS_URL", server.tls_url.as_str()),
        ("AUTHKEEP_TEST_CA", server.ca_file.to_str().unwrap()),
    ]);
    run_again(name, &all);
}

/// In the child: a client of the parent's server, by TLS.
fn tls_client() -> Client {
    let ca_file = env::var("AUTHKEEP_TEST_CA").unwrap();
    let config = config_at(
        &env::var("AUTHKEEP_TEST_TLS_URL").unwrap(),
        json!({"tls": {"ca_file": ca_file}}),
    );
    Client::new(&config).unwrap()
}

/// In the child: a client of the parent's server, without TLS.
fn plain_client(more: Value) -> Client {
    let url = env::var("AUTHKEEP_TEST_URL").unwrap();
    Client::new(&config_at(&url, more)).unwrap()
}

#[test]
fn a_proxy_of_the_environment_is_not_used() {
    if is_child() {
        for client in [plain_client(json!({})), tls_client()] {
            assert_eq!(client.get("/echo", &Call::new()).unwrap().status(), 200);
        }
        // A name that only a proxy would take on.
        let config = config_at("https://authkeep-test.invalid", json!({}));
        let client = Client::new(&config).unwrap();
        let error = client.get_token(&Call::new()).unwrap_err();
        assert_eq!(
            (error.status(), error.code()),
            (Status::Unavailable, "network.dns")
        );
        return;
    }
    let proxy = RawServer::silent();
    let names = [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ];
    let mut variables: Vec<_> = names
        .iter()
        .map(|name| (*name, proxy.url.as_str()))
        .collect();
    variables.extend([("NO_PROXY", ""), ("no_proxy", "")]);
    let server = TestServer::start();
    run_again_with(
        &server,
        "a_proxy_of_the_environment_is_not_used",
        &variables,
    );
    assert_eq!(proxy.connections(), 0);
}

#[test]
fn tls_keys_are_not_logged_for_the_environment() {
    if is_child() {
        let response = tls_client().get("/echo", &Call::new()).unwrap();
        assert_eq!(response.status(), 200);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("keys");
    let variables = [("SSLKEYLOGFILE", log.to_str().unwrap())];
    let server = TestServer::start();
    run_again_with(
        &server,
        "tls_keys_are_not_logged_for_the_environment",
        &variables,
    );
    assert!(!log.exists());
}

#[test]
fn credentials_in_a_netrc_file_are_not_used() {
    if is_child() {
        let client = plain_client(json!({"client_secret": "wrong"}));
        let error = client.get_token(&Call::new()).unwrap_err();
        assert_eq!(error.code(), "oauth.invalid_client");
        return;
    }
    let server = TestServer::start();
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".netrc");
    std::fs::write(&file, "machine 127.0.0.1 login demo password demo-secret\n").unwrap();
    let variables = [
        ("HOME", home.path().to_str().unwrap()),
        ("NETRC", file.to_str().unwrap()),
    ];
    run_again_with(
        &server,
        "credentials_in_a_netrc_file_are_not_used",
        &variables,
    );
}

#[test]
fn a_secret_in_a_variable_is_read_before_each_token_request() {
    if is_child() {
        let server = TestServer::start();
        let (client, clock) = aging_client(
            &server,
            json!({"client_secret": {"env": "AUTHKEEP_TEST_SECRET"}}),
        );
        client.get_token(&Call::new()).unwrap();
        server.set(json!({"client_id": "demo", "client_secret": "second"}));
        // SAFETY: the only test of this process, and no thread of the library
        // runs between two calls.
        unsafe { env::set_var("AUTHKEEP_TEST_SECRET", "second") };
        clock.advance(4_000_000);
        assert_eq!(client.get("/echo", &Call::new()).unwrap().status(), 200);
        assert_eq!(server.stats()["refusals"], json!([]));
        return;
    }
    let variables = [("AUTHKEEP_TEST_SECRET", "demo-secret")];
    run_again(
        "a_secret_in_a_variable_is_read_before_each_token_request",
        &variables,
    );
}

#[test]
fn a_ca_file_of_the_config_is_enough_where_the_environment_names_no_certificates() {
    const NAME: &str =
        "a_ca_file_of_the_config_is_enough_where_the_environment_names_no_certificates";
    if is_child() {
        let response = tls_client().get("/echo", &Call::new()).unwrap();
        assert_eq!(response.status(), 200);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let variables = [
        ("SSL_CERT_FILE", empty.to_str().unwrap()),
        ("SSL_CERT_DIR", folder.path().to_str().unwrap()),
    ];
    run_again_with(&TestServer::start(), NAME, &variables);
}

/// Runs the test `name` as a program that has other rights than its user:
/// set-user-ID. `None` where this can't be had.
#[cfg(target_os = "linux")]
fn run_with_more_rights(name: &str, variables: &[(&str, &str)]) -> Option<()> {
    use std::os::unix::fs::{PermissionsExt, chown};
    let folder = tempfile::tempdir().unwrap();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).unwrap();
    let program = folder.path().join("program");
    std::fs::copy(env::current_exe().unwrap(), &program).unwrap();
    chown(&program, Some(65534), Some(65534)).ok()?;
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o6755)).unwrap();
    let child = Command::new(&program)
        .args(["--exact", name, "--nocapture"])
        .env(PART, "1")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    let noise = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{said}{noise}");
    (!said.contains(NO_MORE_RIGHTS)).then_some(())
}

/// Said where the file system takes no set-user-ID.
#[cfg(target_os = "linux")]
const NO_MORE_RIGHTS: &str = "no more rights than the user";

#[test]
#[cfg(target_os = "linux")]
fn with_more_rights_than_its_user_a_program_takes_no_authority_from_the_environment() {
    if is_child() {
        // SAFETY: getauxval reads the process's auxiliary vector.
        let has_more_rights = unsafe { libc::getauxval(libc::AT_SECURE) } != 0;
        let url = env::var("AUTHKEEP_TEST_TLS_URL").unwrap();
        let client = Client::new(&config_at(&url, json!({}))).unwrap();
        let trusted = client.get("/echo", &Call::new());
        if has_more_rights {
            assert_eq!(trusted.unwrap_err().status(), Status::Tls);
        } else {
            support::require::say(NO_MORE_RIGHTS);
            assert_eq!(trusted.unwrap().status(), 200);
        }
        return;
    }
    let server = TestServer::start();
    let ca_file = server.ca_file.to_str().unwrap();
    let variables = [
        ("SSL_CERT_FILE", ca_file),
        ("AUTHKEEP_TEST_TLS_URL", server.tls_url.as_str()),
    ];
    let name = "with_more_rights_than_its_user_a_program_takes_no_authority_from_the_environment";
    run_again(name, &variables);
    if run_with_more_rights(name, &variables).is_none() {
        support::require::say("left out: a set-user-ID program can't be made here");
    }
}

#[test]
#[cfg(unix)]
fn where_a_child_cannot_be_waited_for_its_output_is_no_secret_and_the_reason_is_told() {
    if is_child() {
        // SAFETY: SIG_IGN runs nothing.
        unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
        for script in ["echo demo-secret", "echo demo-secret; exit 1"] {
            let config = json!({"client_secret": {"command": ["/bin/sh", "-c", script]}});
            let client = plain_client(config);
            let error = client.get_token(&Call::new()).unwrap_err();
            assert_eq!(error.code(), "secret.command", "{error}");
            assert!(error.message().contains("SIGCHLD"), "{error}");
        }
        return;
    }
    let server = TestServer::start();
    run_again_with(
        &server,
        "where_a_child_cannot_be_waited_for_its_output_is_no_secret_and_the_reason_is_told",
        &[],
    );
    assert_eq!(server.stats()["total"]["token_requests"], 0);
}
