//! After a fork parent and child both go on, whatever was under way, and neither
//! touches what is the other's.
//!
//! Children of a C program show it for the library as it is shipped, and children
//! of this one for what takes a clock. Each process names itself in its requests,
//! so that the server sees which of them sent on which connection. Windows has no
//! fork.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use authkeep::{Call, Client, Error, LogLevel, Status};
use serde_json::{Value, json};

use support::clients::{aging_client, client};
use support::compiler::Program;
use support::programs::{go_on_when, registered, with};
use support::require::say;
use support::server::TestServer;

// --- the shipped library -----------------------------------------------------

/// One scenario of `tests/c/fork.c`, its program and its server.
struct Scenario {
    name: &'static str,
    forks: u64,
    server: TestServer,
    program: Program,
    config: String,
}

/// What a scenario came to.
struct Outcome {
    /// Exchanges of children, of whatever kind each of them makes.
    uses: u64,
    senders: Value,
    tokens: Value,
}

impl Scenario {
    /// `None`: there is no compiler.
    fn new(name: &'static str, forks: u64, is_tls: bool, members: Value) -> Option<Scenario> {
        let program = Program::of_tests("fork.c")?;
        let server = TestServer::start();
        let client = with(json!({"client_id": "forks"}), members);
        let config: Value = serde_json::from_str(&registered(&server, client)).unwrap();
        let process = json!({"X-Process": {"env": "FORK_TEST_PROCESS"}});
        let mut more = json!({
            "request": {"headers": process}, "token_request": {"headers": process},
        });
        if is_tls {
            more["base_url"] = json!(server.tls_url);
            more["tls"] = json!({"ca_file": server.ca_file});
        }
        Some(Scenario {
            config: with(config, more).to_string(),
            name,
            forks,
            server,
            program,
        })
    }

    fn start(&self) -> Child {
        let mut command = self.program.command();
        command
            .args([&self.config, self.name, &self.forks.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Runs it to its end; when it waits, until `holds`.
    fn run(&self, holds: Option<&dyn Fn(&TestServer) -> bool>) -> Outcome {
        let began = Instant::now();
        let mut child = self.start();
        let printed = match holds {
            Some(holds) => go_on_when(&mut child, || holds(&self.server)),
            None => std::io::read_to_string(child.stdout.take().unwrap()).unwrap(),
        };
        // A child that hangs ends by a signal, and then so does the program.
        assert!(child.wait().unwrap().success(), "{}: {printed}", self.name);
        let counts: Vec<u64> = printed
            .split_whitespace()
            .map(|count| count.parse().unwrap())
            .collect();
        let senders = self.server.senders();
        assert_eq!(senders["of_two_processes"], 0, "{senders}");
        assert_eq!(senders["garbled"], 0, "{senders}");
        assert_eq!(senders["goodbyes"], 0, "{senders}");
        let tokens = self.server.client_stats("forks");
        // A token of a second may end on its way when the machine is busy.
        assert!(tokens["api_401"] == 0 || self.name == "busy", "{tokens}");
        say(&format!(
            "fork | {:<10} | forks {:>4} | exchanges {:>4} | requests {:>5} | connections {:>4} | \
             token requests {:>3} | sockets of the parent {} | connections of two {} | hung 0 | {:.1} s",
            self.title(),
            self.forks,
            counts[0],
            number(&senders["requests"]),
            number(&senders["connections"]),
            number(&tokens["token_requests"]),
            counts[1],
            number(&senders["of_two_processes"]),
            began.elapsed().as_secs_f64(),
        ));
        let (uses, sockets) = (counts[0], counts[1]);
        // With threads that connect at this moment one may not be noted yet.
        assert!(
            sockets == 0 || self.name == "busy" && sockets < 20,
            "{sockets}"
        );
        Outcome {
            uses,
            senders,
            tokens,
        }
    }

    fn title(&self) -> String {
        match self.config.contains("ca_file") {
            true => format!("{}, TLS", self.name),
            false => self.name.to_owned(),
        }
    }
}

fn number(counted: &Value) -> u64 {
    counted.as_u64().unwrap()
}

#[test]
fn a_child_has_no_idle_connection_of_its_parent_and_the_parent_keeps_them() {
    for is_tls in [false, true] {
        let Some(scenario) = Scenario::new("idle", 100, is_tls, json!({})) else {
            return;
        };
        let outcome = scenario.run(None);
        assert_eq!(outcome.uses, 100);
        assert_eq!(
            outcome.tokens["token_requests"], 1,
            "the token is inherited"
        );
        assert_eq!(outcome.senders["processes"], 101);
        // Eight of the parent's, used again at the end; one for each child.
        assert_eq!(outcome.senders["connections"], 1 + 8 + 100);
    }
}

#[test]
fn a_thousand_children_of_eight_busy_threads_never_hang() {
    let life = json!({"token_life_ms": 1000});
    let Some(scenario) = Scenario::new("busy", 1000, false, life) else {
        return;
    };
    let outcome = scenario.run(None);
    assert_eq!(outcome.uses, 667, "a third of them does nothing");
}

#[test]
fn a_token_request_in_flight_is_the_parents_and_a_child_makes_its_own() {
    let Some(scenario) = Scenario::new("flight", 20, false, json!({})) else {
        return;
    };
    let server = &scenario.server;
    server.switch(json!({"client_id": "forks", "answer_delay_ms": 3000, "times": 1}));
    let in_flight = |server: &TestServer| server.client_stats("forks")["in_flight"] == 1;
    let outcome = scenario.run(Some(&in_flight));
    assert_eq!(outcome.uses, 20);
    assert_eq!(outcome.tokens["token_requests"], 1 + 20);
    assert_eq!(outcome.tokens["token_successes"], 1 + 20);
}

#[test]
fn a_child_may_free_what_it_has_inherited_and_exit() {
    let Some(scenario) = Scenario::new("freed", 50, true, json!({})) else {
        return;
    };
    let outcome = scenario.run(None);
    assert_eq!(outcome.uses, 50);
    assert_eq!(outcome.senders["processes"], 1);
    assert_eq!(
        outcome.senders["connections"], 2,
        "a token, and one that stays"
    );
}

#[test]
fn a_child_that_never_calls_keeps_no_lock_and_no_connection() {
    let Some(scenario) = Scenario::new("silent", 20, false, json!({})) else {
        return;
    };
    let all_closed = |server: &TestServer| server.senders()["open"] == 0;
    let outcome = scenario.run(Some(&all_closed));
    assert_eq!(outcome.senders["processes"], 1);
}

#[test]
fn a_grandchild_goes_on_too() {
    let Some(scenario) = Scenario::new("grandchild", 30, false, json!({})) else {
        return;
    };
    let outcome = scenario.run(None);
    assert_eq!(outcome.uses, 60);
    assert_eq!(outcome.tokens["token_requests"], 1);
    assert_eq!(outcome.senders["connections"], 2 + 30 + 30);
}

// --- with a clock of the test's own ------------------------------------------

/// Runs `body` in a forked child; whether it came to its end in time.
fn forked(body: impl FnOnce()) -> bool {
    // SAFETY: the child uses the library under test, which is made for this, and
    // leaves by `_exit`; were it to hang, the alarm would end it.
    unsafe {
        let child = libc::fork();
        assert!(child >= 0);
        if child == 0 {
            libc::alarm(60);
            let ended = catch_unwind(AssertUnwindSafe(body));
            libc::_exit(i32::from(ended.is_err()));
        }
        let mut status = 0;
        assert_eq!(libc::waitpid(child, &mut status, 0), child);
        libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
    }
}

const DAY_MS: i64 = 24 * 3600 * 1000;

fn rotating(server: &TestServer, more: Value) -> Value {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let seed = format!("seed-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let members = json!({
        "client_id": "r", "client_secret": "s", "username": "me", "password": "pw",
        "refresh": "rotating", "refresh_seed": seed,
    });
    server.register(with(members, more));
    json!({
        "grant": "refresh_token", "client_id": "r", "client_secret": "s", "refresh_token": seed,
    })
}

fn token(client: &Client) -> Result<String, Error> {
    let token = client.get_token(&Call::new());
    token.map(|token| token.access_token().to_owned())
}

fn is_forked(client: &Client) {
    let error = token(client).unwrap_err();
    assert_eq!(error.status(), Status::ReauthRequired, "{error}");
    assert_eq!(error.code(), "token.forked");
    assert!(
        error.message().contains("open the client after the fork"),
        "{error}"
    );
}

/// No refresh token was spent twice: a server would take it for stolen.
fn nothing_was_spent_twice(server: &TestServer) {
    assert_eq!(server.client_stats("r")["refresh_reuse_detected"], 0);
    assert_eq!(server.client_stats("r")["token_failures"], 0);
}

#[test]
fn a_rotating_refresh_token_is_the_parents_and_a_child_has_the_access_token() {
    let server = TestServer::start();
    let (client, clock) = aging_client(&server, rotating(&server, json!({})));
    let first = token(&client).unwrap();
    for _ in 0..5 {
        assert!(forked(|| {
            assert_eq!(token(&client).unwrap(), first);
            clock.advance(DAY_MS);
            is_forked(&client);
        }));
    }
    for _ in 0..5 {
        clock.advance(DAY_MS);
        token(&client).unwrap();
    }
    let refreshes = &server.client_stats("r")["grants"]["refresh_token"]["token_requests"];
    assert_eq!(*refreshes, 1 + 5);
    nothing_was_spent_twice(&server);
}

#[test]
fn of_a_parent_that_never_asked_and_two_children_only_the_parent_spends_a_seed() {
    let server = TestServer::start();
    let config = rotating(&server, json!({}));
    let client = client(&server, config);
    for _ in 0..2 {
        assert!(forked(|| is_forked(&client)));
    }
    token(&client).unwrap();
    nothing_was_spent_twice(&server);
}

#[test]
fn a_client_that_a_child_makes_leaves_its_parents_seed_alone() {
    let server = TestServer::start();
    for is_used in [false, true] {
        for place in ["value", "file"] {
            let mut config = rotating(&server, json!({}));
            let seed = config["refresh_token"].clone();
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), seed.as_str().unwrap()).unwrap();
            if place == "file" {
                config["refresh_token"] = json!({"file": file.path()});
            }
            let parent = client(&server, config.clone());
            if is_used {
                token(&parent).unwrap();
            }
            // Another credential, by its scope, with the same refresh token.
            config["scope"] = json!("read");
            assert!(
                forked(|| is_forked(&client(&server, config.clone()))),
                "{place}"
            );
            drop(parent);
            if !is_used {
                // Nobody holds it any more.
                assert!(forked(|| token(&client(&server, config.clone()))
                    .map(drop)
                    .unwrap()));
            }
        }
    }
    nothing_was_spent_twice(&server);
}

#[test]
fn a_child_begins_with_the_first_grant_where_there_is_one() {
    let server = TestServer::start();
    rotating(&server, json!({}));
    let password = json!({
        "grant": "password", "client_id": "r", "client_secret": "s",
        "username": "me", "password": "pw",
    });
    let (client, clock) = aging_client(&server, password);
    token(&client).unwrap();
    clock.advance(DAY_MS);
    assert!(forked(|| {
        token(&client).unwrap();
        clock.advance(DAY_MS);
        token(&client).unwrap();
    }));
    token(&client).unwrap();
    let grants = server.client_stats("r")["grants"].clone();
    assert_eq!(
        grants["password"]["token_requests"], 2,
        "one in each process"
    );
    assert_eq!(grants["refresh_token"]["token_requests"], 2, "each its own");
    nothing_was_spent_twice(&server);
}

#[test]
fn where_the_server_never_rotates_the_child_goes_on() {
    let server = TestServer::start();
    let config = rotating(&server, json!({"refresh": "fixed"}));
    let (client, clock) = aging_client(&server, config);
    token(&client).unwrap();
    for _ in 0..3 {
        clock.advance(DAY_MS);
        assert!(forked(|| token(&client).map(drop).unwrap()));
    }
    token(&client).unwrap();
    nothing_was_spent_twice(&server);
}

#[test]
fn a_wrong_secret_of_the_parent_is_not_sent_by_a_child_under_another_scope() {
    let server = TestServer::start();
    let wrong = json!({"client_secret": "wrong"});
    let parent = client(&server, wrong.clone());
    token(&parent).unwrap_err();
    assert!(forked(|| {
        let other = client(&server, with(wrong.clone(), json!({"scope": "read"})));
        let error = token(&other).unwrap_err();
        assert_eq!(error.status(), Status::InvalidCredentials);
    }));
    assert_eq!(server.client_stats("demo")["token_requests"], 1);
}

#[test]
fn a_child_tells_its_parents_listener_and_counts_for_itself() {
    let server = TestServer::start();
    let (client, clock) = aging_client(&server, json!({}));
    let told = Arc::new(Mutex::new(Vec::new()));
    let to = told.clone();
    client.set_log(LogLevel::Info, move |_, text| {
        to.lock().unwrap().push(text.to_owned());
    });
    token(&client).unwrap();
    let before = told.lock().unwrap().len();
    assert!(forked(|| {
        assert_eq!(client.counters().token_requests, 0);
        clock.advance(DAY_MS);
        token(&client).unwrap();
        assert_eq!(client.counters().token_requests, 1);
        assert_eq!(told.lock().unwrap().len(), before + 1);
    }));
    assert_eq!(client.counters().token_requests, 1);
}

#[test]
fn a_listener_may_fork() {
    let server = TestServer::start();
    let forks = Arc::new(AtomicUsize::new(0));
    let (client, clock) = aging_client(&server, json!({}));
    let (ours, count) = (client.clone(), forks.clone());
    client.set_log(LogLevel::Info, move |_, _| {
        assert!(forked(|| assert_eq!(
            ours.get("/echo", &Call::new()).unwrap().status(),
            200
        )));
        count.fetch_add(1, Ordering::Relaxed);
    });
    token(&client).unwrap();
    clock.advance(DAY_MS);
    token(&client).unwrap();
    assert_eq!(forks.load(Ordering::Relaxed), 2);
}
