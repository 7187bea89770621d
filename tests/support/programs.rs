//! What the programs of `tests/c` and `tests/cpp` are told, and how to go along
//! with those that say where they are.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use authkeep::Provider;
use serde_json::{Value, json};

use super::compiler::Program;
use super::server::TestServer;

/// No secret of a test is found in a message.
pub const CANARY: &str = "canary-5e1f";

/// Registers a client with a secret, and returns its configuration as JSON.
pub fn registered(server: &TestServer, members: Value) -> String {
    let members = with(members, json!({"client_secret": CANARY}));
    server.register(members.clone());
    config_of(server, members["client_id"].as_str().unwrap(), CANARY).to_string()
}

/// The configuration of a client that the server knows.
pub fn config_of(server: &TestServer, client_id: &str, client_secret: &str) -> Value {
    json!({
        "base_url": server.url,
        "token_endpoint": "/oauth/token",
        "client_id": client_id,
        "client_secret": client_secret,
    })
}

/// An object with further members.
pub fn with(mut object: Value, members: Value) -> Value {
    let more = members.as_object().unwrap().clone();
    object.as_object_mut().unwrap().extend(more);
    object
}

/// What the provider programs print: a line for each that the library knows.
pub fn listed_providers() -> String {
    let line = |provider: &Provider| {
        let needs = provider.needs().iter().map(|need| match need.grant() {
            Some(grant) => format!(" {grant}.{}", need.key()),
            None => format!(" {}", need.key()),
        });
        format!("{}:{}\n", provider.name(), needs.collect::<String>())
    };
    Provider::all().iter().map(line).collect()
}

/// A place where nobody listens.
pub fn refused_url() -> String {
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    format!("http://127.0.0.1:{}", free.local_addr().unwrap().port())
}

/// Runs a shared_session program for a while, with tokens that expire.
pub fn prints_what_the_server_counted(program: &Program) {
    let server = TestServer::start();
    let members = json!({"client_id": "session", "token_life_ms": 1000});
    let config = registered(&server, members);

    let printed = program.run([&config, "/api/echo", "4", "1.5"]);

    let figures: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(figures["failed"], 0, "{printed}");
    assert_eq!(figures["threads"], 4);
    let stats = server.client_stats("session");
    assert_eq!(figures["requests"], stats["api_ok"]);
    assert_eq!(stats["api_401"], 0);
}

/// Waits until a program says that it is waiting and this holds, lets it go on,
/// and returns the rest of what it prints.
pub fn go_on_when(child: &mut Child, holds: impl Fn() -> bool) -> String {
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert_eq!(line.trim_end(), "waiting");
    let patience = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < patience, "its calls are not under way");
        thread::sleep(Duration::from_millis(2));
    }
    child.stdin.take().unwrap().write_all(b"go on\n").unwrap();
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    rest
}
