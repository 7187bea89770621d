//! authkeep against an authorization server that others wrote: oidc-provider,
//! and an API that checks each token by introspection (`tests/oidc`).
//!
//! The server counts time in whole seconds, so that a token which it says lives
//! 3 s dies after 2 to 3 s. That is as real servers are: now and then it refuses
//! a token that is valid by its own word, and the caller must not notice.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use authkeep::{Call, Client, Config, Status};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use support::require;

const THREADS: usize = 8;
const RUN: Duration = Duration::from_secs(9);

#[test]
fn callers_see_no_expiry_with_basic_authentication() {
    run_through_several_token_lives("basic");
}

#[test]
fn callers_see_no_expiry_with_credentials_in_the_body() {
    run_through_several_token_lives("body");
}

#[test]
fn a_token_revoked_at_the_server_is_replaced_within_the_request() {
    let Some(server) = Server::start() else {
        return;
    };
    let client = Client::new(&server.config("body")).unwrap();
    let call = Call::new();
    let revoked = client.get_token(&call).unwrap();

    server.revoke("body", revoked.access_token());
    let response = client.get("/orders", &call).unwrap();

    assert_eq!(response.status(), 200);
    assert_eq!(server.stat("unauthorized"), 1);
    assert_eq!(server.stat("token_requests"), 2);
    let current = client.get_token(&call).unwrap();
    assert!(current.access_token() != revoked.access_token());
}

#[test]
fn a_wrong_secret_is_refused_with_the_servers_reason() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut config = server.config("basic");
    config.set("client_secret", "not the secret").unwrap();
    let client = Client::new(&config).unwrap();

    let error = client.get("/orders", &Call::new()).unwrap_err();

    assert_eq!(error.status(), Status::InvalidCredentials);
    assert_eq!(error.oauth_error(), Some("invalid_client"));
    assert_eq!(error.http_status(), Some(401));
    assert_eq!(server.stat("resource_requests"), 0);
}

fn run_through_several_token_lives(client_auth: &str) {
    let Some(server) = Server::start() else {
        return;
    };
    let client = Client::new(&server.config(client_auth)).unwrap();
    let client_id = server.client(client_auth, "client_id");
    let begin = Instant::now();

    let tallies: Vec<Tally> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| scope.spawn(|| call_until(&client, client_id, begin + RUN)))
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });

    let ran = begin.elapsed();
    let requests: u64 = tallies.iter().map(|tally| tally.requests).sum();
    let failures: Vec<_> = tallies.iter().flat_map(|tally| &tally.failures).collect();
    let token_requests = server.stat("token_requests");
    let unauthorized = server.stat("unauthorized");
    let refused = server.stat("tokens_refused");
    require::say(&format!(
        "oidc-provider, client_auth {client_auth}: {THREADS} threads, {:.1} s, {requests} requests, \
         {} failed, {token_requests} token requests, {unauthorized} answers 401 to {refused} tokens",
        ran.as_secs_f64(),
        failures.len(),
    ));

    assert_eq!(failures.first(), None, "{} failed requests", failures.len());
    assert_eq!(
        server.stat("resource_requests"),
        requests + unauthorized,
        "each refused request is sent once more, and no other"
    );
    // No token lives longer than it says, so the run can't have had fewer.
    let life_s = server.number("token_life_s");
    assert!(token_requests >= RUN.as_secs() / life_s);
    // Renewed at 70 % of life at the earliest, and once for each refused token.
    let ahead = (ran.as_secs_f64() / (0.7 * life_s as f64)).ceil() as u64 + 1;
    assert!(
        token_requests <= ahead + refused,
        "{token_requests} token requests; at most {ahead} by age and {refused} by refusal"
    );
    assert_eq!(server.stat("tokens_issued"), token_requests);
}

#[derive(Default)]
struct Tally {
    requests: u64,
    failures: Vec<String>,
}

fn call_until(client: &Client, client_id: &str, end: Instant) -> Tally {
    let call = Call::new();
    let mut tally = Tally::default();
    while Instant::now() < end {
        tally.requests += 1;
        match client.get("/orders", &call) {
            Ok(response) if response.status() == 200 => {
                let body: Value = serde_json::from_slice(response.body()).unwrap();
                assert_eq!(body["client_id"], client_id);
            }
            Ok(response) => tally.failures.push(format!("HTTP {}", response.status())),
            Err(error) => tally.failures.push(error.to_string()),
        }
    }
    tally
}

/// The running server; it ends when its standard input does.
struct Server {
    child: Child,
    ready: Value,
}

impl Server {
    /// `None` when the machine lacks what it needs.
    fn start() -> Option<Self> {
        let script = require::part("oidc", installed_script())?;
        let mut child = Command::new("node")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready = serde_json::from_str(&line).expect("the server says where it listens");
        Some(Server { child, ready })
    }

    fn config(&self, client_auth: &str) -> Config {
        let mut config = Config::new();
        for (key, value) in [
            ("base_url", self.text("base_url")),
            ("token_endpoint", self.text("token_endpoint")),
            ("client_auth", client_auth),
            ("client_id", self.client(client_auth, "client_id")),
            ("client_secret", self.client(client_auth, "client_secret")),
        ] {
            config.set(key, value).unwrap();
        }
        config
    }

    /// RFC 7009, as the client itself would ask for it.
    fn revoke(&self, client_auth: &str, token: &str) {
        let form = [
            ("token", token),
            ("client_id", self.client(client_auth, "client_id")),
            ("client_secret", self.client(client_auth, "client_secret")),
        ]
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .join("&");
        exchange("POST", self.text("revocation_endpoint"), &form);
    }

    fn stat(&self, name: &str) -> u64 {
        let stats: Value =
            serde_json::from_str(&exchange("GET", self.text("stats_url"), "")).unwrap();
        stats[name].as_u64().expect("a counter of the server")
    }

    fn client(&self, client_auth: &str, member: &str) -> &str {
        self.ready["clients"][client_auth][member].as_str().unwrap()
    }

    fn text(&self, member: &str) -> &str {
        self.ready[member].as_str().unwrap()
    }

    fn number(&self, member: &str) -> u64 {
        self.ready[member].as_u64().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn installed_script() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc");
    if !folder.join("node_modules/oidc-provider").is_dir() {
        return Err("node_modules missing: run npm ci in tests/oidc".to_owned());
    }
    match Command::new("node").arg("--version").output() {
        Ok(output) if output.status.success() => Ok(folder.join("server.mjs")),
        _ => Err("node is not installed".to_owned()),
    }
}

/// One exchange without authkeep; the answer must be 200. HTTP/1.0, so that the
/// body is all there is until the connection closes.
fn exchange(method: &str, url: &str, form: &str) -> String {
    let (authority, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    let request = format!(
        "{method} /{path} HTTP/1.0\r\nHost: {authority}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        head.split(' ').nth(1) == Some("200"),
        "{method} {url}: {head}"
    );
    body.to_owned()
}
