//! A TCP proxy that breaks connections after so many bytes.
//!
//! A server can break a connection only where it notices; this breaks TLS
//! handshakes, heads and bodies anywhere.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

/// Where one connection breaks.
#[derive(Clone, Copy)]
pub struct Cut {
    /// Whose bytes are counted.
    pub of: Side,
    /// So many get through.
    pub after: usize,
    /// By a reset instead of an end in good order.
    pub by_reset: bool,
}

/// A direction.
#[derive(Clone, Copy, PartialEq)]
pub enum Side {
    /// What the client sends.
    Client,
    /// What the server sends.
    Server,
}

/// A running proxy; it ends with the process.
pub struct CuttingProxy {
    /// Where it listens, on loopback.
    pub port: u16,
    cuts: Arc<Mutex<VecDeque<Cut>>>,
}

impl CuttingProxy {
    /// Each connection takes the next cut; those after the last are left whole.
    pub fn start(upstream_port: u16, cuts: Vec<Cut>) -> CuttingProxy {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let cuts = Arc::new(Mutex::new(VecDeque::from(cuts)));
        let queue = Arc::clone(&cuts);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let cut = queue.lock().expect("no panic").pop_front();
                let server = TcpStream::connect(("127.0.0.1", upstream_port));
                converse(client, server.expect("the server listens"), cut);
            }
        });
        CuttingProxy { port, cuts }
    }

    /// The number of cuts that no connection has taken yet.
    pub fn left(&self) -> usize {
        self.cuts.lock().expect("no panic").len()
    }
}

fn converse(client: TcpStream, server: TcpStream, cut: Option<Cut>) {
    let limit = |side| match cut {
        Some(cut) if cut.of == side => cut.after,
        _ => usize::MAX,
    };
    let by_reset = cut.is_some_and(|cut| cut.by_reset);
    for (side, from, to) in [
        (Side::Client, &client, &server),
        (Side::Server, &server, &client),
    ] {
        let (from, to) = (
            from.try_clone().expect("a copy"),
            to.try_clone().expect("a copy"),
        );
        let limit = limit(side);
        thread::spawn(move || {
            forward(&from, &to, limit);
            if by_reset {
                // With no time to linger, closing sends a reset.
                let _ = SockRef::from(&from).set_linger(Some(Duration::ZERO));
                let _ = SockRef::from(&to).set_linger(Some(Duration::ZERO));
                // Wakes the other direction, whose copies close with these.
                let _ = from.shutdown(Shutdown::Read);
                let _ = to.shutdown(Shutdown::Read);
            } else {
                let _ = from.shutdown(Shutdown::Both);
                let _ = to.shutdown(Shutdown::Both);
            }
        });
    }
}

/// Ends when either side does, or after `limit` bytes and a sign of more.
fn forward(mut from: &TcpStream, mut to: &TcpStream, mut limit: usize) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(size @ 1..) = from.read(&mut buffer) {
        let passed = size.min(limit);
        limit -= passed;
        if to.write_all(&buffer[..passed]).is_err() || passed < size {
            return;
        }
    }
}
