//! Servers that keep a caller busy cost it no more than its deadline: the API,
//! and the token endpoint, whose request has a deadline of its own as well.

use std::io::{self, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use authkeep::{Call, Client, Error, Request, Status};
use serde_json::json;

use crate::support::clients::{TOLERANCE, config_at, key_client, timed};
use crate::support::raw::{RawServer, drip, read_request};

const DEADLINE: Duration = Duration::from_millis(400);
const TOKEN_REQUEST: Duration = Duration::from_millis(800);
const PAUSE: Duration = Duration::from_millis(50);

/// How a server answers, without an end.
struct Shape {
    name: &'static str,
    serve: fn(&mut TcpStream) -> io::Result<()>,
    /// The failure that may come before the deadline.
    early: Option<Status>,
}

const SLOW: [Shape; 7] = [
    Shape {
        name: "silence",
        serve: |stream| io::copy(stream, &mut io::sink()).map(drop),
        early: None,
    },
    Shape {
        name: "a byte a second",
        serve: |stream| drip(stream, b"HTTP/1.1 200 OK\r\n", Duration::from_secs(1)),
        early: None,
    },
    Shape {
        name: "a dripping head",
        serve: |stream| {
            drip(
                stream,
                &b"HTTP/1.1 200 OK\r\nX-Slow: yes".repeat(100),
                PAUSE,
            )
        },
        early: None,
    },
    Shape {
        name: "a dripping body of a known length",
        serve: |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")?;
            drip(stream, &[b' '; 1000], PAUSE)
        },
        early: None,
    },
    Shape {
        name: "a dripping body until the end",
        serve: |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
            drip(stream, &[b' '; 1000], PAUSE)
        },
        early: None,
    },
    Shape {
        name: "a dripping chunk",
        serve: |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n")?;
            drip(stream, &[b' '; 1000], PAUSE)
        },
        early: None,
    },
    Shape {
        name: "interim answers one by one",
        serve: |stream| loop {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
            thread::sleep(PAUSE);
        },
        early: None,
    },
];

const FLOODS: [Shape; 5] = [
    Shape {
        name: "a flood of tiny chunks",
        serve: |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            flood(stream, b"1\r\n \r\n")
        },
        early: Some(Status::TooLarge),
    },
    Shape {
        name: "a flood of a body",
        serve: |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
            flood(stream, b" ")
        },
        early: Some(Status::TooLarge),
    },
    Shape {
        name: "a flood of interim answers",
        serve: |stream| flood(stream, b"HTTP/1.1 100 Continue\r\n\r\n"),
        early: Some(Status::TooLarge),
    },
    Shape {
        name: "a flood of headers",
        serve: |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
            flood(stream, b"X-More: and more\r\n")
        },
        early: Some(Status::BadResponse),
    },
    Shape {
        name: "a header without an end",
        serve: |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nX-Long: ")?;
            flood(stream, b"x")
        },
        early: Some(Status::TooLarge),
    },
];

/// Sends `endless` again and again, as fast as it is taken.
fn flood(stream: &mut TcpStream, endless: &[u8]) -> io::Result<()> {
    let block = endless.repeat(64 * 1024 / endless.len());
    loop {
        stream.write_all(&block)?;
    }
}

#[test]
fn a_slow_answer_costs_no_more_than_the_deadline() {
    thread::scope(|scope| {
        for shape in &SLOW {
            scope.spawn(|| shape.ends_in_time());
        }
    });
}

/// One after another, since each takes what there is of processors.
#[test]
fn a_flood_costs_no_more_than_the_deadline() {
    for shape in &FLOODS {
        shape.ends_in_time();
    }
}

impl Shape {
    fn ends_in_time(&self) {
        let serve = self.serve;
        let server = RawServer::start(move |stream, _| {
            read_request(stream)?;
            serve(stream)
        });
        self.requests_end_in_time(&server);
        self.a_token_request_ends_in_time(&server);
    }

    fn requests_end_in_time(&self, server: &RawServer) {
        let client = key_client(&server.url, json!({"max_response_bytes": 1_u64 << 40}));
        let mut post = Request::new("POST", "/").unwrap();
        post.set_json("{}").unwrap();
        for request in [Request::new("GET", "/").unwrap(), post] {
            self.ends(DEADLINE, Status::Deadline, || {
                client.perform(&request, &hasty()).unwrap_err()
            });
        }
    }

    /// Of two callers that wait for one request, each ends by the deadline that
    /// concerns it.
    fn a_token_request_ends_in_time(&self, server: &RawServer) {
        let more = json!({"timeouts": {"token_request_ms": TOKEN_REQUEST.as_millis()}});
        let client = Client::new(&config_at(&server.url, more)).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                self.ends(DEADLINE, Status::Deadline, || {
                    client.get_token(&hasty()).unwrap_err()
                });
            });
            self.ends(TOKEN_REQUEST, Status::Unavailable, || {
                client.get_token(&Call::new()).unwrap_err()
            });
        });
    }

    fn ends(&self, deadline: Duration, status: Status, work: impl FnOnce() -> Error) {
        let (error, took) = timed(work);
        let what = format!("{}: {error} after {took:?}", self.name);
        assert!(took < deadline + TOLERANCE, "{what}");
        if Some(error.status()) != self.early {
            assert_eq!(error.status(), status, "{what}");
            // The other caller may have begun the request a little earlier.
            let early = Duration::from_millis(100);
            assert!(took > deadline - early, "{what}");
        }
    }
}

fn hasty() -> Call {
    Call::new().timeout(DEADLINE)
}
