//! Servers that answer before they have read the whole request.

use std::io::{self, Read, Write};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use authkeep::{Call, Client, Request};
use serde_json::json;

use crate::support::clients::key_client;
use crate::support::raw::{RawServer, answer, read_request};
use crate::support::tls::{Identity, TLS12, TLS13, TlsStream};

/// More than both sides' socket buffers hold.
const SIZE: usize = 50_000_000;

fn upload(client: &Client) -> authkeep::Response {
    let mut request = Request::new("POST", "/").unwrap();
    request.set_body(&vec![b'x'; SIZE], None).unwrap();
    let call = Call::new().timeout(Duration::from_secs(20));
    client.perform(&request, &call).unwrap()
}

/// Reads the head of a request alone, and answers 413.
fn refuse(stream: &mut (impl Read + Write)) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    stream.write_all(&answer(413, "too large"))?;
    stream.flush()
}

fn held(until: &Mutex<Receiver<()>>) -> io::Result<()> {
    // Ends when the sender is dropped.
    let _ = until.lock().unwrap().recv();
    Ok(())
}

#[test]
fn a_refusal_that_comes_during_the_upload_is_the_answer() {
    for stays_open in [true, false] {
        let (done, until) = channel::<()>();
        let until = Mutex::new(until);
        let server = RawServer::start(move |stream, number| match number {
            1 => {
                refuse(stream)?;
                if stays_open { held(&until) } else { Ok(()) }
            }
            _ => read_request(stream).and_then(|_| stream.write_all(&answer(200, "next"))),
        });
        let client = key_client(&server.url, json!({}));
        let response = upload(&client);
        assert_eq!((response.status(), &*response.text()), (413, "too large"));
        let next = client.get("/", &Call::new()).unwrap();
        assert_eq!(next.text(), "next", "on another connection");
        drop(done);
    }
}

#[test]
fn the_same_under_tls() {
    for version in [&TLS12, &TLS13] {
        for stays_open in [true, false] {
            let identity = Identity::new();
            let config = identity.server(version);
            let (done, until) = channel::<()>();
            let until = Mutex::new(until);
            let server = RawServer::start(move |socket, _| {
                refuse(&mut TlsStream::new(config.clone(), socket))?;
                if stays_open { held(&until) } else { Ok(()) }
            });
            let tls = json!({"tls": {"ca_file": identity.ca_file}});
            let response = upload(&key_client(&server.https_url(), tls));
            assert_eq!((response.status(), &*response.text()), (413, "too large"));
            drop(done);
        }
    }
}

#[test]
fn an_interim_answer_does_not_end_the_upload() {
    let server = RawServer::start(|stream, _| {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        // Until the client can't write, and looks for an answer.
        thread::sleep(Duration::from_millis(200));
        let sent = read_request(stream)?;
        let size = sent.map_or(0, |sent| sent.body.len());
        stream.write_all(&answer(200, &size.to_string()))
    });
    let response = upload(&key_client(&server.url, json!({})));
    assert_eq!(response.text(), SIZE.to_string());
}
