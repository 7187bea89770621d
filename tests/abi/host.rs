//! The host process: its signals, its memory, its stacks.

use std::fs;

use serde_json::json;

use crate::support::compiler::{Program, sanitizes};
#[cfg(target_os = "linux")]
use crate::support::library::library;
use crate::support::proxy::{Cut, CuttingProxy, Side};
use crate::support::raw::RawServer;
use crate::support::require::say;
use crate::support::server::TestServer;
use crate::{CANARY, config_of, with};

#[test]
fn a_connection_that_breaks_at_any_byte_raises_no_sigpipe() {
    let Some(program) = Program::of_tests("sigpipe.c") else {
        return;
    };
    let server = TestServer::start();
    let tls_port = server.tls_url.rsplit(':').next().unwrap().parse().unwrap();
    for (scheme, port) in [("http", server.port()), ("https", tls_port)] {
        for what in ["token", "api"] {
            let proxy = CuttingProxy::start(port, cuts(scheme, what));
            let base_url = format!("{scheme}://localhost:{}", proxy.port);
            let config = match what {
                // No token request, so that each connection is the API's.
                "api" => json!({"grant": "api_key", "api_key": key(&server)}),
                _ => config_of(&server, "demo", "demo-secret"),
            };
            let config = with(
                config,
                json!({"base_url": base_url, "tls": {"ca_file": server.ca_file}}),
            );

            let failed = program.run([config.to_string().as_str(), what]);

            assert_eq!(proxy.left(), 0, "{scheme} {what}");
            assert!(failed.trim().parse::<u32>().unwrap() > 0);
        }
    }
}

#[test]
fn a_wake_descriptor_whose_other_end_is_gone_neither_kills_nor_spins() {
    let Some(program) = Program::of_tests("wake.c") else {
        return;
    };
    let server = RawServer::silent();
    let config = json!({"grant": "api_key", "api_key": CANARY, "base_url": server.url});
    program.run([config.to_string()]);
}

/// A static key that the server takes.
fn key(server: &TestServer) -> &'static str {
    server.register(json!({"client_id": "key", "api_key": CANARY, "credential_scheme": ""}));
    CANARY
}

/// Within the handshake, within the head, within the body; whichever side's.
fn cuts(scheme: &str, what: &str) -> Vec<Cut> {
    let of_client: &[usize] = match (scheme, what) {
        ("http", "token") => &[0, 1, 30, 150],
        ("http", _) => &[0, 1, 30, 100, 1_000, 65_536, 300_000, 1_000_000],
        (_, "token") => &[0, 1, 100, 300, 500],
        (_, _) => &[
            0, 1, 100, 300, 500, 1_000, 5_000, 20_000, 300_000, 1_000_000,
        ],
    };
    let of_server: &[usize] = match scheme {
        "http" => &[0, 1, 12, 60],
        // A session that is resumed takes little more than 200 in all.
        _ => &[0, 1, 5, 100, 200],
    };
    let mut cuts = Vec::new();
    for by_reset in [false, true] {
        for (of, sizes) in [(Side::Client, of_client), (Side::Server, of_server)] {
            cuts.extend(sizes.iter().map(|&after| Cut {
                of,
                after,
                by_reset,
            }));
        }
    }
    cuts
}

#[test]
#[cfg(target_os = "linux")]
fn no_token_and_no_secret_is_left_in_memory() {
    if sanitizes() {
        say("memory.c is not run under ASan, whose shadow memory can't be searched");
        return;
    }
    let Some(program) = Program::of_tests("memory.c") else {
        return;
    };
    let server = TestServer::start();
    // Of characters that no encoding changes, so that each copy is found.
    let secret = "Kq7mZx2pVw9tRb4nYc6sLd8fHg3jTa5e";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, secret).unwrap();
    for (base_url, auth) in [(&server.url, "body"), (&server.tls_url, "basic")] {
        server.register(json!({"client_id": auth, "client_secret": secret, "auth": auth}));
        let config = with(
            config_of(&server, auth, ""),
            json!({"base_url": base_url, "client_auth": auth, "client_secret": {"file": file},
                "tls": {"ca_file": server.ca_file}}),
        );
        program.run([config.to_string().as_str(), file.to_str().unwrap()]);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_cached_token_costs_no_system_call() {
    if sanitizes() {
        say("no_syscall.c is not run under ASan, which makes system calls of its own");
        return;
    }
    let Some(program) = Program::of_tests("no_syscall.c") else {
        return;
    };
    let server = TestServer::start();
    program.run([config_of(&server, "demo", "demo-secret").to_string()]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_host_that_closes_the_library_does_not_unload_it() {
    use std::ffi::CString;
    use std::os::unix::ffi::OsStrExt;
    if sanitizes() {
        say("a library with ASan can't be loaded into this program");
        return;
    }
    let path = CString::new(library().shared.as_os_str().as_bytes()).unwrap();
    // SAFETY: the path is a C string, the library has no code that runs when it
    // is loaded, and the handle is closed once.
    let is_still_loaded = unsafe {
        let handle = libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL);
        assert!(!handle.is_null());
        assert_eq!(libc::dlclose(handle), 0);
        !libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_NOLOAD).is_null()
    };
    assert!(is_still_loaded, "its workers would run where no code is");
}

#[test]
#[cfg(target_os = "linux")]
fn a_thread_with_a_small_stack_can_do_everything() {
    let Some(program) = Program::of_tests("small_stack.c") else {
        return;
    };
    let server = TestServer::start();
    for base_url in [&server.url, &server.tls_url] {
        let config = with(
            config_of(&server, "demo", "demo-secret"),
            json!({"base_url": base_url, "tls": {"ca_file": server.ca_file}}),
        );
        let used = program.run([config.to_string()]);
        say(&format!(
            "stack used of 256 KiB, {}: {} KiB",
            base_url.split(':').next().unwrap_or_default(),
            used.trim()
        ));
    }
}
