//! An OAuth 2.0 server to test against: a token endpoint, a protected API,
//! counters of everything, and switches for what can go wrong.
//!
//! Mock libraries run their callbacks one at a time and can't break a
//! connection; this server has a thread per connection, TLS, and faults. It
//! is strict where real servers are, and shares no code with authkeep, so that
//! one misreading of a standard can't hide in both. Tests of every language
//! start it as a child process:
//!
//! - `authkeep-test-server [--port PORT]` prints one line of JSON when it is
//!   ready, `{"url": …, "tls_url": …, "ca_file": …}`, and ends with its stdin;
//! - a POST to any path that ends in `/token` is a token request;
//! - `/api/echo`, `/api/status/NNN`, `/api/bytes/N`, `/api/chunked/N`,
//!   `/api/slow/MS` and `/api/close` need a credential, `/open/echo` none;
//! - `/control/…` registers clients, turns switches, revokes and counts;
//! - `/control/emulate` opens a system of one vendor on ports of its own, and
//!   `/control/emulation` changes and counts it (module `emulation`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test program, not the library"
)]

mod api;
mod authenticate;
mod certificates;
mod connection;
mod control;
mod emulation;
mod http;
mod ledger;
mod parameters;
mod registration;
mod senders;
mod stats;
mod switches;
mod token;

use std::error::Error;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::json;

use crate::certificates::Tls;
use crate::connection::Service;
use crate::emulation::Emulations;
use crate::http::{Request, Response};
use crate::ledger::Ledger;
use crate::registration::Registry;
use crate::senders::Senders;
use crate::stats::{Flight, Stats};
use crate::switches::Switchboard;

/// What the connections share. No lock is held while another is taken.
struct Server {
    registry: Registry,
    ledger: Ledger,
    switches: Switchboard,
    stats: Arc<Stats>,
    senders: Senders,
    emulations: Emulations,
}

/// What a connection does about a request.
enum Reply {
    /// Answers.
    Answer(Response),
    /// Closes without an answer.
    Close,
    /// Resets the connection.
    Reset,
    /// Says nothing until the peer closes; a token request stays in flight.
    Hang(Option<Flight>),
}

impl Server {
    fn new(tls: &Tls) -> Result<Server, String> {
        let server = Server {
            registry: Registry::new(),
            ledger: Ledger::default(),
            switches: Switchboard::default(),
            stats: Arc::default(),
            senders: Senders::default(),
            emulations: Emulations::new(Arc::clone(&tls.config)),
        };
        let demo = json!({"client_id": "demo", "client_secret": "demo-secret"});
        server
            .registry
            .register(demo.as_object().cloned().unwrap_or_default())?;
        Ok(server)
    }
}

impl Service for Server {
    fn respond(&self, request: &Request, _over_tls: bool) -> Reply {
        let path = request.path.as_str();
        if path.starts_with("/control/") {
            Reply::Answer(control::respond(self, request))
        } else if path.ends_with("/token") {
            token::respond(self, request)
        } else if path.starts_with("/api/") {
            api::respond(self, request)
        } else if path == "/open/echo" {
            Reply::Answer(api::open_echo(self, request))
        } else {
            Reply::Answer(Response::json(404, &json!({"error": "no such route"})))
        }
    }

    fn senders(&self) -> Option<&Senders> {
        Some(&self.senders)
    }

    fn connected(&self, over_tls: bool) {
        let counter = if over_tls {
            &self.stats.tls_connections
        } else {
            &self.stats.plain_connections
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => 0,
        [option, port] if option == "--port" => port.parse()?,
        _ => return Err("usage: authkeep-test-server [--port PORT]".into()),
    };
    let tls = Tls::new()?;
    let server: Arc<dyn Service> = Arc::new(Server::new(&tls)?);
    let (plain_listeners, plain_port) = connection::listen(port)?;
    let (tls_listeners, tls_port) = connection::listen(0)?;
    for listener in plain_listeners {
        connection::accept(listener, None, Arc::clone(&server))?;
    }
    for listener in tls_listeners {
        connection::accept(listener, Some(Arc::clone(&tls.config)), Arc::clone(&server))?;
    }
    let ready = json!({
        "url": format!("http://127.0.0.1:{plain_port}"),
        "tls_url": format!("https://localhost:{tls_port}"),
        "ca_file": tls.ca_file,
    });
    println!("{ready}");
    io::stdout().flush()?;
    // A test that dies closes the pipe, and no server is left behind.
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
