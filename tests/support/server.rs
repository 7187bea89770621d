//! Starts the test server as a child process and runs it.
//!
//! Each [`TestServer`] is a process of its own, so that tests don't see each
//! other's counters. The control client is a few lines over `TcpStream`, so
//! that what a test checks never depends on the code that it checks. A test
//! that runs under Wine can't start the server as a child; it asks
//! `tests/support/launcher.py`, by a connection in the place of the pipes.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "shared by tests; each uses a part of it"
)]

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::cargo::cargo;

const PROGRAM: &str = "authkeep-test-server";
/// How long a request may take; a hanging test tells nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running test server; it ends when this is dropped.
pub struct TestServer {
    /// Where it listens without TLS, without a slash at the end.
    pub url: String,
    /// Where it listens with TLS.
    pub tls_url: String,
    /// The authority that its certificate comes from.
    pub ca_file: PathBuf,
    running: Running,
}

/// What ends the server when it is closed.
enum Running {
    Child(Child),
    /// Where its input and its output would be.
    Launched(TcpStream),
}

impl TestServer {
    /// Starts a server with no client but `demo`.
    pub fn start() -> TestServer {
        TestServer::start_with(&[])
    }

    /// Starts a server on a given port, such as that of one that has ended.
    pub fn start_on(port: u16) -> TestServer {
        TestServer::start_with(&["--port", &port.to_string()])
    }

    fn start_with(arguments: &[&str]) -> TestServer {
        let (running, output) = match env::var("AUTHKEEP_TEST_LAUNCHER") {
            Ok(address) => launched(&address, arguments),
            Err(_) => child(arguments),
        };
        let mut line = String::new();
        BufReader::new(output)
            .read_line(&mut line)
            .expect("the test server says where it listens");
        let ready: Value =
            serde_json::from_str(&line).expect("the test server starts with a line of JSON");
        let text = |name: &str| ready[name].as_str().expect("a text").to_owned();
        TestServer {
            url: text("url"),
            tls_url: text("tls_url"),
            ca_file: text("ca_file").into(),
            running,
        }
    }

    /// The port of [`TestServer::url`].
    pub fn port(&self) -> u16 {
        self.url
            .rsplit(':')
            .next()
            .and_then(|port| port.parse().ok())
            .expect("the URL has a port")
    }

    /// Registers a client, or replaces it and revokes its tokens.
    pub fn register(&self, client: Value) {
        self.control("clients", client);
    }

    /// Changes members of a registered client; its tokens live on.
    pub fn set(&self, members: Value) {
        self.control("set", members);
    }

    /// Turns a fault switch on.
    pub fn switch(&self, switch: Value) {
        self.control("switch", switch);
    }

    /// Turns every fault switch off.
    pub fn clear(&self) {
        self.control("clear", json!({}));
    }

    /// Revokes tokens; tells how many.
    pub fn revoke(&self, which: Value) -> u64 {
        self.control("revoke", which)["revoked"]
            .as_u64()
            .expect("a number")
    }

    /// What the server has counted.
    pub fn stats(&self) -> Value {
        let answer = self.request("GET", "/control/stats", &[], b"");
        assert_eq!(answer.status, 200);
        answer.json()
    }

    /// Which processes sent on which connections, of those that named themselves in
    /// `X-Process`.
    pub fn senders(&self) -> Value {
        let answer = self.request("GET", "/control/senders", &[], b"");
        assert_eq!(answer.status, 200);
        answer.json()
    }

    /// What the server has counted for one client; null if nothing.
    pub fn client_stats(&self, client_id: &str) -> Value {
        self.stats()["clients"][client_id].clone()
    }

    /// Opens an emulation of one vendor's system, on ports of its own.
    pub fn emulate(&self, told: Value) -> Emulation<'_> {
        let opened = self.control("emulate", told);
        let text = |name: &str| opened[name].as_str().expect("a text").to_owned();
        Emulation {
            url: text("url"),
            tls_url: text("tls_url"),
            settings: opened["settings"].clone(),
            id: opened["emulation"].clone(),
            server: self,
        }
    }

    /// Starts all counts again.
    pub fn reset_stats(&self) {
        self.control("reset_stats", json!({}));
    }

    /// Sends one request on a connection of its own, without TLS.
    pub fn request(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        exchange(&self.url, method, target, headers, body)
    }

    fn control(&self, route: &str, document: Value) -> Value {
        let target = format!("/control/{route}");
        let answer = self.request("POST", &target, &[], document.to_string().as_bytes());
        assert_eq!(
            answer.status,
            200,
            "{target}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        answer.json()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        // It ends with its input, and removes its files; but a forked process
        // may hold a copy of the pipe.
        match &mut self.running {
            Running::Launched(stream) => {
                let _ = stream.shutdown(Shutdown::Write);
                let _ = stream.read_to_end(&mut Vec::new());
            }
            Running::Child(process) => {
                drop(process.stdin.take());
                let patience = Instant::now() + Duration::from_secs(2);
                while matches!(process.try_wait(), Ok(None)) {
                    if Instant::now() > patience {
                        let _ = process.kill();
                    }
                    sleep(Duration::from_millis(2));
                }
            }
        }
    }
}

fn child(arguments: &[&str]) -> (Running, Box<dyn Read>) {
    let mut command = Command::new(program());
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut process = command.spawn().expect("the test server starts");
    let output = process.stdout.take().expect("the output is a pipe");
    (Running::Child(process), Box::new(output))
}

fn launched(address: &str, arguments: &[&str]) -> (Running, Box<dyn Read>) {
    let mut stream = TcpStream::connect(address).expect("the launcher listens");
    writeln!(stream, "{}", arguments.join(" ")).expect("the launcher reads");
    let output = stream.try_clone().expect("a copy");
    (Running::Launched(stream), Box::new(output))
}

/// A running emulation of one vendor's system.
pub struct Emulation<'a> {
    /// Where it listens without TLS.
    pub url: String,
    /// Where it listens with the certificate of the test server.
    pub tls_url: String,
    /// What it was opened with: the credentials above all.
    pub settings: Value,
    id: Value,
    server: &'a TestServer,
}

impl Emulation<'_> {
    /// What it has counted, and why it refused what it refused.
    pub fn stats(&self) -> Value {
        let target = format!("/control/emulation?id={}", self.id);
        let answer = self.server.request("GET", &target, &[], b"");
        assert_eq!(answer.status, 200);
        answer.json()
    }

    /// Changes settings, or does something once, such as `advance_ms`.
    pub fn change(&self, mut members: Value) {
        members["id"] = self.id.clone();
        self.server.control("emulation", members);
    }

    /// Sends one request on a connection of its own, without TLS.
    pub fn request(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        exchange(&self.url, method, target, headers, body)
    }
}

fn exchange(
    url: &str,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let address = url.trim_start_matches("http://");
    let mut request =
        format!("{method} {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += &format!("Content-Length: {}\r\n\r\n", body.len());
    let mut stream = TcpStream::connect(address).expect("the test server listens");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("a timeout can be set");
    let mut answer = Vec::new();
    let sent = stream
        .write_all(request.as_bytes())
        .and_then(|()| stream.write_all(body));
    // A fault switch may end the exchange anywhere; then there is no answer.
    let _ = sent.and_then(|()| stream.read_to_end(&mut answer));
    Answer::parse(&answer)
}

/// What came back from the test server.
#[derive(Debug)]
pub struct Answer {
    /// The status code; 0 if the connection ended without an answer.
    pub status: u16,
    /// The lines of the head after the first.
    pub head: String,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Answer {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            return Answer {
                status: 0,
                head: String::new(),
                body: Vec::new(),
            };
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Answer {
            status: status.expect("a status"),
            head,
            body: bytes[end + 4..].to_vec(),
        }
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }
}

/// The built server: that of the environment, else what cargo builds.
pub fn program() -> &'static PathBuf {
    static PROGRAM_PATH: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM_PATH.get_or_init(|| match env::var_os("AUTHKEEP_TEST_SERVER") {
        Some(path) => path.into(),
        None => build(),
    })
}

fn build() -> PathBuf {
    let output = cargo("build")
        .args(["--example", PROGRAM])
        .output()
        .expect("cargo runs");
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let executable = messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let ours = message["target"]["name"] == PROGRAM;
        ours.then(|| message["executable"].as_str().map(PathBuf::from))
            .flatten()
    });
    executable.expect("cargo builds the test server")
}
