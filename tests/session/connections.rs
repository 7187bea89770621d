//! Connections are kept, and an idle one is trusted with nothing.

use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

use authkeep::{Call, Request, Status};
use serde_json::json;

use crate::support::clients::key_client;
use crate::support::raw::{RawServer, answer, read_request};

#[test]
fn requests_of_one_thread_share_a_connection() {
    let server = RawServer::answering(|_| answer(200, "ok"));
    let client = key_client(&server.url, json!({}));
    for method in ["GET", "POST", "GET", "DELETE"].repeat(10) {
        let request = Request::new(method, "/").unwrap();
        assert_eq!(client.perform(&request, &Call::new()).unwrap().text(), "ok");
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn threads_have_a_connection_each_at_most() {
    let server = RawServer::answering(|sent| answer(200, sent.target()));
    let client = key_client(&server.url, json!({}));
    thread::scope(|scope| {
        for index in 0..8 {
            let client = &client;
            scope.spawn(move || {
                for round in 0..25 {
                    let target = format!("/{index}/{round}");
                    let response = client.get(&target, &Call::new()).unwrap();
                    assert_eq!(response.text(), target);
                }
            });
        }
    });
    assert!(server.connections() <= 8, "{}", server.connections());
}

#[test]
fn two_clients_share_no_connection() {
    let server = RawServer::answering(|_| answer(200, "ok"));
    for _ in 0..2 {
        let client = key_client(&server.url, json!({}));
        client.get("/", &Call::new()).unwrap();
    }
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_connection_that_the_server_wants_closed_is_not_used_again() {
    let server = RawServer::answering(|_| {
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok".to_vec()
    });
    let client = key_client(&server.url, json!({}));
    for _ in 0..3 {
        client.get("/", &Call::new()).unwrap();
    }
    assert_eq!(server.connections(), 3);
}

/// Its first connection answers once, and closes when it has read the second
/// request; later ones answer everything. Counts the requests that it read.
fn closing_late() -> (RawServer, Arc<AtomicUsize>) {
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = requests.clone();
    let server = RawServer::start(move |stream, number| {
        let mut answers = 0;
        while read_request(stream)?.is_some() {
            counter.fetch_add(1, Ordering::SeqCst);
            if number == 1 && answers == 1 {
                return Ok(());
            }
            stream.write_all(&answer(200, "ok"))?;
            answers += 1;
        }
        Ok(())
    });
    (server, requests)
}

#[test]
fn what_asks_for_no_change_is_repeated_when_its_idle_connection_closes() {
    for method in ["GET", "HEAD", "OPTIONS"] {
        let (server, requests) = closing_late();
        let client = key_client(&server.url, json!({}));
        client.get("/", &Call::new()).unwrap();
        let request = Request::new(method, "/").unwrap();
        assert_eq!(
            client.perform(&request, &Call::new()).unwrap().status(),
            200,
            "{method}"
        );
        assert_eq!(
            (server.connections(), requests.load(Ordering::SeqCst)),
            (2, 3),
            "{method}"
        );
    }
}

#[test]
fn what_may_change_something_is_sent_once_and_its_caller_told() {
    for method in ["POST", "PUT", "PATCH", "DELETE", "PURGE"] {
        let (server, requests) = closing_late();
        let client = key_client(&server.url, json!({}));
        client.get("/", &Call::new()).unwrap();
        let mut request = Request::new(method, "/").unwrap();
        request.set_json("{}").unwrap();
        let error = client.perform(&request, &Call::new()).unwrap_err();
        assert_eq!(error.status(), Status::Unavailable, "{method}");
        assert_eq!(error.code(), "network.closed", "{method}");
        assert_eq!(
            (server.connections(), requests.load(Ordering::SeqCst)),
            (1, 2),
            "{method}"
        );
    }
}

#[test]
fn a_get_that_fails_on_a_new_connection_is_not_repeated() {
    let server = RawServer::start(|stream, _| read_request(stream).map(drop));
    let client = key_client(&server.url, json!({}));
    assert_eq!(
        client.get("/", &Call::new()).unwrap_err().code(),
        "network.closed"
    );
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_get_whose_answer_was_cut_is_not_repeated() {
    let server = RawServer::start(|stream, _| {
        read_request(stream)?;
        stream.write_all(&answer(200, "ok"))?;
        read_request(stream)?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
    });
    let client = key_client(&server.url, json!({}));
    client.get("/", &Call::new()).unwrap();
    assert_eq!(
        client.get("/", &Call::new()).unwrap_err().code(),
        "network.closed"
    );
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_post_goes_to_a_new_connection_when_the_idle_one_was_seen_to_close() {
    let (closed, has_closed) = channel::<()>();
    let closed = Mutex::new(closed);
    let server = RawServer::start(move |stream, number| {
        read_request(stream)?;
        stream.write_all(&answer(200, &number.to_string()))?;
        stream.shutdown(std::net::Shutdown::Write)?;
        let _ = closed.lock().unwrap().send(());
        io::copy(stream, &mut io::sink()).map(drop)
    });
    let client = key_client(&server.url, json!({}));
    client.get("/", &Call::new()).unwrap();
    has_closed.recv().unwrap();
    let post = Request::new("POST", "/").unwrap();
    assert_eq!(client.perform(&post, &Call::new()).unwrap().text(), "2");
}

/// Its first connection answers, and sends `unasked` without a request: with
/// the answer, or once the client has put the connection away.
fn poisoning(unasked: Vec<u8>, with_the_answer: bool) {
    let (answered, was_answered) = channel::<()>();
    let (poisoned, is_poisoned) = channel::<()>();
    let channels = Mutex::new((was_answered, poisoned));
    let server = RawServer::start(move |stream, number| {
        read_request(stream)?;
        let mut bytes = answer(200, &number.to_string());
        if number == 1 {
            if with_the_answer {
                bytes.extend(&unasked);
            }
            stream.write_all(&bytes)?;
            let (was_answered, poisoned) = &*channels.lock().unwrap();
            let _ = was_answered.recv();
            if !with_the_answer {
                stream.write_all(&unasked)?;
            }
            let _ = poisoned.send(());
            return io::copy(stream, &mut io::sink()).map(drop);
        }
        loop {
            stream.write_all(&bytes)?;
            if read_request(stream)?.is_none() {
                return Ok(());
            }
        }
    });
    let client = key_client(&server.url, json!({}));
    assert_eq!(client.get("/", &Call::new()).unwrap().text(), "1");
    answered.send(()).unwrap();
    is_poisoned.recv().unwrap();
    for method in ["POST", "GET"] {
        let request = Request::new(method, "/").unwrap();
        let response = client.perform(&request, &Call::new()).unwrap();
        assert_eq!(response.text(), "2", "{method} {with_the_answer}");
    }
    assert_eq!(server.connections(), 2);
}

#[test]
fn an_answer_that_nobody_asked_for_is_not_the_answer_to_the_next_request() {
    for unasked in [answer(200, "poison"), b"\r\n".to_vec(), b"H".to_vec()] {
        for with_the_answer in [false, true] {
            poisoning(unasked.clone(), with_the_answer);
        }
    }
}

#[test]
fn an_answer_before_the_whole_request_was_sent_is_taken() {
    let server = RawServer::start(|stream, _| {
        let mut start = [0; 64];
        stream.read_exact(&mut start)?;
        stream.write_all(b"HTTP/1.1 413 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")?;
        io::copy(stream, &mut io::sink()).map(drop)
    });
    let client = key_client(&server.url, json!({}));
    let mut post = Request::new("POST", "/").unwrap();
    post.set_body(&vec![b'x'; 5_000_000], None).unwrap();
    assert_eq!(client.perform(&post, &Call::new()).unwrap().status(), 413);
}
