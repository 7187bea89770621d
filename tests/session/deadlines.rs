//! Every call ends by its deadline, its own or the configured one; what servers do
//! to it is in `hostile`.

use std::io::{self, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use authkeep::{Call, Client, Error, Request, Status};
use serde_json::{Value, json};
use socket2::{Domain, Socket, Type};

use crate::shown;
use crate::support::clients::{TOLERANCE, client, config_at, key_client, timed};
use crate::support::raw::{RawServer, answer, drip, read_request};
use crate::support::server::TestServer;

const DEADLINE: Duration = Duration::from_millis(400);

fn hasty() -> Call {
    Call::new().timeout(DEADLINE)
}

/// Runs `work` and checks that it fails with `status` after `expected`.
fn ends_after(expected: Duration, status: Status, work: impl FnOnce() -> Error) -> Error {
    let (error, took) = timed(work);
    assert_eq!(error.status(), status, "{error}");
    let range = expected.saturating_sub(Duration::from_millis(5))..expected + TOLERANCE;
    assert!(range.contains(&took), "{took:?} {error}");
    error
}

fn get() -> Request {
    Request::new("GET", "/").unwrap()
}

#[test]
fn a_server_that_reads_nothing_costs_no_more_than_the_deadline() {
    let server = RawServer::start(|_, _| {
        thread::sleep(Duration::from_secs(5));
        Ok(())
    });
    let mut upload = Request::new("PUT", "/").unwrap();
    upload.set_body(&vec![b'x'; 32_000_000], None).unwrap();
    let client = key_client(&server.url, json!({}));
    let error = ends_after(DEADLINE, Status::Deadline, || {
        client.perform(&upload, &hasty()).unwrap_err()
    });
    assert_eq!(error.code(), "call.deadline");
    assert!(error.message().contains(&server.url), "{error}");
}

#[test]
fn the_configured_total_holds_for_a_call_without_a_timeout_and_a_call_may_change_it() {
    let server = RawServer::silent();
    let client = key_client(&server.url, json!({"timeouts": {"total_ms": 400}}));
    ends_after(DEADLINE, Status::Deadline, || {
        client.perform(&get(), &Call::new()).unwrap_err()
    });
    let longer = Duration::from_millis(800);
    let call = Call::new().timeout(longer);
    for _ in 0..2 {
        ends_after(longer, Status::Deadline, || {
            client.perform(&get(), &call).unwrap_err()
        });
    }
}

#[test]
fn a_deadline_that_has_passed_sends_nothing() {
    let server = RawServer::silent();
    let client = key_client(&server.url, json!({}));
    let now = Call::new().timeout(Duration::ZERO);
    ends_after(Duration::ZERO, Status::Deadline, || {
        client.perform(&get(), &now).unwrap_err()
    });
    assert_eq!(server.connections(), 0);
}

#[test]
fn token_and_request_share_one_deadline() {
    let server = TestServer::start();
    let client = client(&server, json!({}));
    server.switch(json!({"answer_delay_ms": 300}));
    ends_after(DEADLINE, Status::Deadline, || {
        client.get("/slow/3000", &hasty()).unwrap_err()
    });
}

#[test]
fn a_caller_that_leaves_early_leaves_its_token_to_the_next() {
    let server = TestServer::start();
    let client = client(&server, json!({}));
    server.switch(json!({"answer_delay_ms": 400, "once": true}));
    let early = Duration::from_millis(150);
    let call = Call::new().timeout(early);
    ends_after(early, Status::Deadline, || {
        client.get_token(&call).unwrap_err()
    });
    shown(&client, &Request::new("GET", "/echo").unwrap());
    assert_eq!(server.client_stats("demo")["token_requests"], 1);
}

#[test]
fn a_token_request_that_hangs_for_one_scope_delays_no_other() {
    let server = RawServer::start(|stream, _| {
        while let Some(sent) = read_request(stream)? {
            if sent.body.ends_with(b"scope=slow") {
                return io::copy(stream, &mut io::sink()).map(drop);
            }
            let token = r#"{"access_token":"t","expires_in":60}"#;
            stream.write_all(&answer(200, token))?;
        }
        Ok(())
    });
    let [slow, quick] = ["slow", "quick"]
        .map(|scope| Client::new(&config_at(&server.url, json!({"scope": scope}))).unwrap());
    let patient = Call::new();
    thread::scope(|scope| {
        let hangs = scope.spawn(|| slow.get_token(&patient).unwrap_err());
        while server.connections() == 0 {
            thread::yield_now();
        }
        quick.get_token(&Call::new()).unwrap();
        assert!(!hangs.is_finished());
        patient.cancel();
        assert_eq!(hangs.join().unwrap().status(), Status::Cancelled);
    });
}

#[test]
fn a_silent_token_endpoint_is_unavailable_after_its_own_timeout() {
    let server = RawServer::silent();
    let config = config_at(&server.url, json!({"timeouts": {"token_request_ms": 400}}));
    let client = Client::new(&config).unwrap();
    let error = ends_after(DEADLINE, Status::Unavailable, || {
        client.get_token(&Call::new()).unwrap_err()
    });
    assert_eq!(error.code(), "token.timeout");
    assert!(
        error.message().contains("timeouts.token_request_ms"),
        "{error}"
    );
}

/// A listener whose queue is full, so that a connection never comes about.
pub struct FullListener {
    /// Where it listens.
    pub url: String,
    _kept: (Socket, Vec<TcpStream>),
}

impl FullListener {
    pub fn new() -> FullListener {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let any: std::net::SocketAddr = ([127, 0, 0, 1], 0).into();
        socket.bind(&any.into()).unwrap();
        socket.listen(0).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        let mut queued = Vec::new();
        let patience = Duration::from_millis(150);
        while let Ok(stream) = TcpStream::connect_timeout(&address, patience) {
            queued.push(stream);
        }
        FullListener {
            url: format!("http://{address}"),
            _kept: (socket, queued),
        }
    }
}

fn connect_timeout(url: &str, timeouts: Value) -> Error {
    let client = key_client(url, json!({"timeouts": timeouts}));
    ends_after(DEADLINE, Status::Unavailable, || {
        client.perform(&get(), &Call::new()).unwrap_err()
    })
}

#[test]
fn a_connection_that_does_not_come_about_ends_with_the_connect_timeout() {
    let full = FullListener::new();
    let error = connect_timeout(&full.url, json!({"connect_ms": 400}));
    assert_eq!(error.code(), "network.connect_timeout");
    let client = key_client(&full.url, json!({}));
    ends_after(DEADLINE, Status::Deadline, || {
        client.perform(&get(), &hasty()).unwrap_err()
    });
}

#[test]
fn a_tls_handshake_counts_as_part_of_the_connection() {
    let server = RawServer::silent();
    let error = connect_timeout(&server.https_url(), json!({"connect_ms": 400}));
    assert_eq!(error.code(), "network.connect_timeout");
    let client = key_client(&server.https_url(), json!({}));
    ends_after(DEADLINE, Status::Deadline, || {
        client.perform(&get(), &hasty()).unwrap_err()
    });
}

#[test]
fn a_dripping_tls_handshake_ends_with_the_connect_timeout() {
    let server = RawServer::start(|stream, _| {
        let record = [&[22, 3, 3, 0x10, 0][..], &[0; 4096]].concat();
        drip(stream, &record, Duration::from_millis(20))?;
        io::copy(stream, &mut io::sink()).map(drop)
    });
    let client = key_client(
        &server.https_url(),
        json!({"timeouts": {"connect_ms": 400}}),
    );
    let (error, took) = timed(|| client.perform(&get(), &Call::new()).unwrap_err());
    assert!(took < DEADLINE + TOLERANCE, "{took:?} {error}");
    assert!(
        matches!(error.status(), Status::Unavailable | Status::Tls),
        "{error}"
    );
}
