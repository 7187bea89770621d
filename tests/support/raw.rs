//! Servers that misbehave: a listener, and a closure for each connection.
//!
//! What no well-behaved server does (to answer unasked, to close at the wrong
//! moment, to drip) is said byte by byte.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

/// A listener on loopback; it lives as long as the test program.
pub struct RawServer {
    /// Where it listens, `http://127.0.0.1:PORT`.
    pub url: String,
    connections: Arc<AtomicUsize>,
}

impl RawServer {
    /// Runs `serve` for each connection on a thread of its own, with the
    /// connection's number, from 1. An error ends the connection.
    pub fn start(
        serve: impl Fn(&mut TcpStream, usize) -> io::Result<()> + Send + Sync + 'static,
    ) -> RawServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let (counter, serve) = (connections.clone(), Arc::new(serve));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let number = counter.fetch_add(1, Ordering::SeqCst) + 1;
                let serve = serve.clone();
                thread::spawn(move || {
                    let _ = serve(&mut stream, number);
                    let _ = stream.shutdown(Shutdown::Both);
                });
            }
        });
        RawServer {
            url: format!("http://127.0.0.1:{port}"),
            connections,
        }
    }

    /// Answers each request with what `answer` makes of it, and keeps the
    /// connection open.
    pub fn answering(answer: impl Fn(&Sent) -> Vec<u8> + Send + Sync + 'static) -> RawServer {
        RawServer::start(move |stream, _| {
            while let Some(sent) = read_request(stream)? {
                stream.write_all(&answer(&sent))?;
            }
            Ok(())
        })
    }

    /// Accepts, and says nothing until the peer closes.
    pub fn silent() -> RawServer {
        RawServer::start(|stream, _| io::copy(stream, &mut io::sink()).map(drop))
    }

    /// The same place under https.
    pub fn https_url(&self) -> String {
        self.url.replace("http://", "https://")
    }

    /// Connections so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The request line and the headers.
    pub head: String,
    /// The body, by its Content-Length.
    pub body: Vec<u8>,
}

impl Sent {
    /// The value of a header, its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The target of the request line.
    pub fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }
}

/// Reads one request; `None` when the peer has closed.
pub fn read_request(stream: &mut impl Read) -> io::Result<Option<Sent>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(None);
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut sent = Sent {
        head,
        body: Vec::new(),
    };
    let length = sent.header("content-length").map(str::parse::<usize>);
    if let Some(Ok(length)) = length {
        sent.body.resize(length, 0);
        stream.read_exact(&mut sent.body)?;
    }
    Ok(Some(sent))
}

/// Ends a connection by a reset, so that the peer sees no orderly end.
pub fn reset(stream: &mut TcpStream) -> io::Result<()> {
    let elsewhere = TcpListener::bind("127.0.0.1:0")?;
    let other = TcpStream::connect(elsewhere.local_addr()?)?;
    SockRef::from(&*stream).set_linger(Some(Duration::ZERO))?;
    *stream = other;
    Ok(())
}

/// A whole answer with a Content-Length.
pub fn answer(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} Status\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

/// Writes `bytes` one at a time, with a pause before each.
pub fn drip(stream: &mut TcpStream, bytes: &[u8], pause: Duration) -> io::Result<()> {
    for byte in bytes {
        thread::sleep(pause);
        stream.write_all(&[*byte])?;
    }
    Ok(())
}
