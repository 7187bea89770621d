//! Answers that only the end of the connection delimits: cut or complete?

use std::io::{self, Write};
use std::net::TcpStream;

use authkeep::{Call, Error, Response, Status};
use serde_json::json;

use crate::support::clients::key_client;
use crate::support::raw::{RawServer, read_request, reset};
use crate::support::tls::{Identity, TLS12, TLS13, TlsStream};

const PART: &[u8] = b"HTTP/1.1 200 OK\r\n\r\npartial";

/// What a GET brings that is answered by `serve` over plain http.
fn plain(end: fn(&mut TcpStream) -> io::Result<()>) -> Result<Response, Error> {
    let server = RawServer::start(move |stream, _| {
        read_request(stream)?;
        stream.write_all(PART)?;
        end(stream)
    });
    key_client(&server.url, json!({})).get("/", &Call::new())
}

fn assert_cut(answer: Result<Response, Error>) {
    let error = answer.expect_err("an answer that was cut");
    assert_eq!(error.status(), Status::Unavailable, "{error}");
    assert_eq!(error.code(), "network.closed");
    assert!(error.message().contains("before its answer was complete"));
}

#[test]
fn an_orderly_end_completes_an_answer_and_a_reset_does_not() {
    assert_eq!(plain(|_| Ok(())).unwrap().text(), "partial");
    assert_cut(plain(reset));
}

#[test]
fn under_tls_only_a_goodbye_completes_an_answer() {
    for version in [&TLS12, &TLS13] {
        for (says_goodbye, resets) in [(true, false), (false, false), (false, true)] {
            let identity = Identity::new();
            let config = identity.server(version);
            let server = RawServer::start(move |socket, _| {
                let mut stream = TlsStream::new(config.clone(), socket);
                read_request(&mut stream)?;
                stream.write_all(PART)?;
                stream.flush()?;
                if says_goodbye {
                    stream.close()?;
                }
                if resets { reset(socket) } else { Ok(()) }
            });
            let tls = json!({"tls": {"ca_file": identity.ca_file}});
            let answer = key_client(&server.https_url(), tls).get("/", &Call::new());
            match says_goodbye {
                true => assert_eq!(answer.unwrap().text(), "partial"),
                false => assert_cut(answer),
            }
        }
    }
}
