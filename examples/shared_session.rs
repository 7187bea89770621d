//! One authenticated session, shared by the threads of a program in C, then in
//! C++, Python, C# and PowerShell, while its tokens expire: `cargo run --example
//! shared_session`.
//!
//! Starts the test server, gives each program a client of its own there, lets
//! it send requests for longer than ten tokens live, and compares what it saw
//! with what the server counted.
#![allow(clippy::print_stdout, reason = "a program, and this is its output")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::any::Any;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::{Value, json};
use support::compiler::{Linkage, Program, Standard, cpp_source, source};
use support::dotnet::{self, Runtime};
use support::library::library;
use support::powershell::pwsh;
use support::python::interpreter;
use support::require;
use support::server::TestServer;

const THREADS: u64 = 8;
const TOKEN_LIFE_MS: u64 = 2_000;
const SECONDS: u64 = 22;
const LEAST_TOKENS: u64 = 10;
const LEAST_REQUESTS: u64 = 2_000;

/// A client program, and what it is called with.
struct Session {
    language: &'static str,
    client_id: &'static str,
    command: Command,
    /// Its files are removed with it.
    _program: Option<Box<dyn Any>>,
}

/// What came of a session.
struct Outcome {
    language: &'static str,
    requests: u64,
    failed: u64,
    /// What the server answered with 200.
    served: u64,
    token_requests: u64,
    unauthorized: u64,
    latency_us: f64,
    /// The end of a program that did not get to its figures.
    complaint: Option<String>,
}

fn main() -> ExitCode {
    println!(
        "One session, shared by {THREADS} threads of a program for {SECONDS} s, while each token \
         lives {} s.\n",
        TOKEN_LIFE_MS / 1000
    );
    println!("building the test server, the shared library and the programs ...");
    let server = TestServer::start();
    let sessions: Vec<Session> = [
        c_session(&server),
        cpp_session(&server),
        python_session(&server),
        csharp_session(&server),
        powershell_session(&server),
    ]
    .into_iter()
    .flatten()
    .collect();
    let outcomes: Vec<Outcome> = sessions
        .into_iter()
        .map(|session| session.run(&server))
        .collect();
    if !outcomes.is_empty() {
        print_table(&outcomes);
    }
    verdict(&outcomes)
}

// --- the programs ------------------------------------------------------------

fn c_session(server: &TestServer) -> Option<Session> {
    let source = source("shared_session.c");
    compiled_session(server, "C", "c-session", Standard::C99, source)
}

fn cpp_session(server: &TestServer) -> Option<Session> {
    let source = cpp_source("shared_session.cpp");
    compiled_session(server, "C++", "cpp-session", Standard::Cxx17, source)
}

fn compiled_session(
    server: &TestServer,
    language: &'static str,
    client_id: &'static str,
    standard: Standard,
    source: PathBuf,
) -> Option<Session> {
    let program = Program::compile(standard, &[source], Linkage::Shared)?;
    Some(Session {
        language,
        client_id,
        command: with_arguments(program.command(), server, client_id),
        _program: Some(Box::new(program)),
    })
}

fn python_session(server: &TestServer) -> Option<Session> {
    let python = require::part("python", interpreter())?;
    let mut arguments = credentials(server, "python-session");
    arguments["url"] = json!(server.url);
    arguments["threads"] = json!(THREADS);
    arguments["seconds"] = json!(SECONDS);
    let script = "tests/python/shared_session.py";
    let mut command = Command::new(python);
    command
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(script))
        .arg(arguments.to_string())
        .env("AUTHKEEP_LIBRARY", &library().shared)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    Some(Session {
        language: "Python",
        client_id: "python-session",
        command,
        _program: None,
    })
}

/// On .NET, else on Mono.
fn csharp_session(server: &TestServer) -> Option<Session> {
    let source =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dotnet/programs/SharedSession.cs");
    let program: dotnet::Program = Runtime::any()?.compile(&[source]);
    Some(Session {
        language: "C#",
        client_id: "csharp-session",
        command: with_arguments(program.command(), server, "csharp-session"),
        _program: Some(Box::new(program)),
    })
}

/// Runspaces are its threads.
fn powershell_session(server: &TestServer) -> Option<Session> {
    let script = "tests/powershell/SharedSession.ps1";
    let mut command = Command::new(pwsh()?);
    command
        .args(["-NoProfile", "-NonInteractive", "-File"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(script))
        .env("AUTHKEEP_LIBRARY", &library().shared);
    Some(Session {
        language: "PowerShell",
        client_id: "powershell-session",
        command: with_arguments(command, server, "powershell-session"),
        _program: None,
    })
}

/// What a program gets that takes its config as JSON.
fn with_arguments(mut command: Command, server: &TestServer, client_id: &str) -> Command {
    let mut config = credentials(server, client_id);
    config["base_url"] = json!(server.url);
    config["token_endpoint"] = json!("/oauth/token");
    command
        .arg(config.to_string())
        .args(["/api/echo", &THREADS.to_string(), &SECONDS.to_string()]);
    command
}

/// Registers a client at the server, with tokens of a short life.
fn credentials(server: &TestServer, client_id: &str) -> Value {
    let credentials = json!({"client_id": client_id, "client_secret": "a secret"});
    let mut client = credentials.clone();
    client["token_life_ms"] = json!(TOKEN_LIFE_MS);
    server.register(client);
    credentials
}

impl Session {
    fn run(mut self, server: &TestServer) -> Outcome {
        println!("running the {} program for {SECONDS} s ...", self.language);
        let mut complaint = None;
        let mut figures = Value::Null;
        match self.command.output() {
            Ok(output) => {
                figures = serde_json::from_slice(&output.stdout).unwrap_or_default();
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                if !output.status.success() || figures.is_null() || !said.is_empty() {
                    let first = said.lines().next().unwrap_or("it said nothing");
                    complaint = Some(format!("{}, {first}", output.status));
                }
            }
            Err(error) => complaint = Some(error.to_string()),
        }
        let stats = server.client_stats(self.client_id);
        let number = |of: &Value| of.as_u64().unwrap_or_default();
        Outcome {
            language: self.language,
            requests: number(&figures["requests"]),
            failed: number(&figures["failed"]),
            served: number(&stats["api_ok"]),
            token_requests: number(&stats["token_requests"]),
            unauthorized: number(&stats["api_401"]),
            latency_us: figures["latency_us"]["p99_9"].as_f64().unwrap_or_default(),
            complaint,
        }
    }
}

// --- what came of them -------------------------------------------------------

impl Outcome {
    /// Everything that is not as it should be.
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut expect = |holds: bool, fault: String| {
            if !holds {
                faults.push(format!("{}: {fault}", self.language));
            }
        };
        if let Some(complaint) = &self.complaint {
            expect(false, complaint.clone());
        }
        expect(self.failed == 0, format!("{} failed", self.failed));
        expect(
            self.served == self.requests,
            format!("the server answered {} with 200", self.served),
        );
        expect(
            self.unauthorized == 0,
            format!("the server answered 401 {} times", self.unauthorized),
        );
        expect(
            self.requests >= LEAST_REQUESTS,
            format!("fewer than {LEAST_REQUESTS} requests"),
        );
        expect(
            self.token_requests >= LEAST_TOKENS,
            format!("fewer than {LEAST_TOKENS} tokens"),
        );
        expect(
            self.token_requests <= most_token_requests(),
            format!("more than {} token requests", most_token_requests()),
        );
        faults
    }
}

/// One at the start, and one for every 70 % of a life at the earliest.
fn most_token_requests() -> u64 {
    (SECONDS * 1000 * 10).div_ceil(TOKEN_LIFE_MS * 7) + 1
}

fn print_table(outcomes: &[Outcome]) {
    println!(
        "\n{:<10}  {:>7}  {:>8}  {:>15}  {:>14}  {:>7}  {:>13}",
        "language",
        "threads",
        "requests",
        "failed requests",
        "token requests",
        "at most",
        "p99.9 latency"
    );
    for outcome in outcomes {
        println!(
            "{:<10}  {THREADS:>7}  {:>8}  {:>15}  {:>14}  {:>7}  {:>10.2} ms",
            outcome.language,
            outcome.requests,
            outcome.failed,
            outcome.token_requests,
            most_token_requests(),
            outcome.latency_us / 1000.0,
        );
    }
}

fn verdict(outcomes: &[Outcome]) -> ExitCode {
    let faults: Vec<String> = outcomes.iter().flat_map(Outcome::faults).collect();
    if outcomes.is_empty() {
        println!("\nverdict: nothing was run; install a C compiler, Python 3.9 or Mono");
    } else if faults.is_empty() {
        println!("\nverdict: ok");
    } else {
        println!("\nverdict: FAILED ({})", faults.join("; "));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
