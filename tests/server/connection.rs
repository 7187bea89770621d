//! Listeners and connections: a thread each, answers in order, keep-alive.

use std::io::{self, BufReader, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::SockRef;

use crate::Reply;
use crate::http::Request;
use crate::senders::{Line, Senders};

/// A connection needs little; 10,000 of them should fit as well.
const STACK_BYTES: usize = 256 * 1024;

/// Something that answers requests.
pub trait Service: Send + Sync + 'static {
    /// What to do about a request, which came over TLS or not.
    fn respond(&self, request: &Request, over_tls: bool) -> Reply;

    /// Who sends on which connection, where that is of interest.
    fn senders(&self) -> Option<&Senders> {
        None
    }

    /// A connection was accepted.
    fn connected(&self, _over_tls: bool) {}
}

/// Listens on loopback, on both IP versions where there are two; tells the port.
pub fn listen(port: u16) -> io::Result<(Vec<TcpListener>, u16)> {
    let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    let port = v4.local_addr()?.port();
    let mut listeners = vec![v4];
    listeners.extend(TcpListener::bind((Ipv6Addr::LOCALHOST, port)));
    Ok((listeners, port))
}

/// Serves a listener until the process ends, over TLS if there is a config.
pub fn accept(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    service: Arc<dyn Service>,
) -> io::Result<()> {
    start(move || {
        for stream in listener.incoming() {
            // Out of descriptors: the connections that end will free some.
            let Ok(stream) = stream else {
                thread::sleep(Duration::from_millis(10));
                continue;
            };
            let (tls, service) = (tls.clone(), Arc::clone(&service));
            service.connected(tls.is_some());
            // An error, or too many threads, ends the connection; its peer sees that.
            let _ = start(move || drop(converse(stream, tls, &*service)));
        }
    })
}

fn start(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(work)
        .map(drop)
}

fn converse(
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    service: &dyn Service,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = stream.try_clone()?;
    let mut line = service.senders().map(|senders| senders.line(tls.is_some()));
    match tls {
        Some(config) => {
            let connection = ServerConnection::new(config).map_err(io::Error::other)?;
            let mut stream = BufReader::new(StreamOwned::new(connection, stream));
            answer_requests(&mut stream, &socket, &mut line, &|request| {
                service.respond(request, true)
            })?;
            stream.get_mut().conn.send_close_notify();
            stream.get_mut().flush()?;
        }
        None => {
            let mut stream = BufReader::new(stream);
            answer_requests(&mut stream, &socket, &mut line, &|request| {
                service.respond(request, false)
            })?;
        }
    }
    socket.shutdown(Shutdown::Both)
}

/// Returns when the connection is to be closed in good order.
fn answer_requests<S: Read + Write>(
    stream: &mut BufReader<S>,
    socket: &TcpStream,
    line: &mut Option<Line>,
    respond: &dyn Fn(&Request) -> Reply,
) -> io::Result<()> {
    while let Some(request) = read(stream, line)? {
        match respond(&request) {
            Reply::Answer(response) => {
                response.write(&request.method, request.keep_alive, stream.get_mut())?
            }
            Reply::Close => return socket.shutdown(Shutdown::Both),
            Reply::Reset => {
                // With no time to linger, closing sends a reset.
                SockRef::from(socket).set_linger(Some(Duration::ZERO))?;
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            Reply::Hang(flight) => {
                io::copy(stream, &mut io::sink())?;
                drop(flight);
                return Ok(());
            }
        }
        if !request.keep_alive {
            return Ok(());
        }
    }
    Ok(())
}

fn read<S: Read + Write>(
    stream: &mut BufReader<S>,
    line: &mut Option<Line>,
) -> io::Result<Option<Request>> {
    let read = Request::read(stream);
    if let Some(line) = line {
        match &read {
            Ok(Some(request)) => line.heard(request),
            Ok(None) => line.ended(),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => line.garbled(),
            Err(_) => {}
        }
    }
    read
}
