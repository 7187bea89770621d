//! Connections: TCP without blocking, then TLS where the scheme asks for it.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use ureq::unversioned::transport::{ConnectionDetails, Connector};

use super::exchange::Exchange;
use super::stream::Stream;
use super::tls::{self, Roots};
use crate::error::{Error, Result, Status};
use crate::os::fork::Own;
use crate::os::poll::{self, Interest};

/// Each further address gets its share of what is left, but not less.
const LEAST_SHARE: Duration = Duration::from_millis(250);

/// Makes every connection of one client; its trust is fixed with it.
pub(crate) struct DirectConnector {
    extra_roots: Arc<Roots>,
    /// Made at the first https connection: reading the system's trust store
    /// takes milliseconds.
    tls: OnceLock<Arc<ClientConfig>>,
}

impl DirectConnector {
    pub(crate) fn new(extra_roots: Arc<Roots>) -> Self {
        DirectConnector {
            extra_roots,
            tls: OnceLock::new(),
        }
    }

    fn tls_config(&self) -> Result<Arc<ClientConfig>> {
        if let Some(config) = self.tls.get() {
            return Ok(config.clone());
        }
        let config = tls::client_config(Roots::clone(&self.extra_roots))?;
        Ok(self.tls.get_or_init(|| config).clone())
    }
}

impl Connector for DirectConnector {
    type Out = Stream;

    fn connect(
        &self,
        details: &ConnectionDetails,
        _: Option<()>,
    ) -> std::result::Result<Option<Stream>, ureq::Error> {
        let exchange = Exchange::current()?;
        exchange.connected.set(true);
        let until = Instant::now() + exchange.connect_timeout;
        let socket = connect_any(&details.addrs, until, &exchange)?;
        if !details.needs_tls() {
            return Ok(Some(Stream::plain(socket)));
        }
        let config = self.tls_config().map_err(|error| exchange.fail(error))?;
        let host = details.uri.host().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(bare.to_owned())
            .map_err(|_| exchange.fail(no_tls_name(&exchange.origin)))?;
        exchange.connect_by.set(Some(until));
        let stream = Stream::secure(socket, config, name, &exchange);
        exchange.connect_by.set(None);
        let stream = stream.map_err(|error| handshake_failed(error, &exchange))?;
        Ok(Some(stream))
    }
}

impl std::fmt::Debug for DirectConnector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DirectConnector")
    }
}

/// Tries the addresses in turn, until the connect timeout and the deadline.
fn connect_any(
    addresses: &[SocketAddr],
    until: Instant,
    exchange: &Exchange,
) -> io::Result<Own<TcpStream>> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for (index, address) in addresses.iter().enumerate() {
        let left = until.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
        match connect_one(*address, Instant::now() + share.max(LEAST_SHARE), exchange) {
            Ok(socket) => return Ok(socket),
            Err(error) => last = error,
        }
        // The deadline and a cancellation end the whole, not one address.
        exchange.slice(exchange.deadline)?;
    }
    Err(exchange.fail(connect_failed(&last, &exchange.origin)))
}

fn connect_one(
    address: SocketAddr,
    until: Instant,
    exchange: &Exchange,
) -> io::Result<Own<TcpStream>> {
    let owned = Own::new(TcpStream::from(Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?));
    let stream = owned.get()?;
    let socket = SockRef::from(stream);
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    match socket.connect(&address.into()) {
        Ok(()) => {}
        Err(error) if poll::is_under_way(&error) => {
            while !exchange.wait_slice(owned.get()?, Interest::Write, until)? {
                if Instant::now() >= until {
                    return Err(io::ErrorKind::TimedOut.into());
                }
            }
            if let Some(error) = socket.take_error()? {
                return Err(error);
            }
        }
        Err(error) => return Err(error),
    }
    if exchange.loopback_only && !stream.peer_addr()?.ip().is_loopback() {
        return Err(exchange.fail(Error::new(
            Status::NotAllowed,
            "target.not_loopback",
            format!(
                "{} is not on this machine, and plain http is allowed for loopback only",
                exchange.origin
            ),
        )));
    }
    Ok(owned)
}

fn connect_failed(error: &io::Error, origin: &str) -> Error {
    let (code, message) = match error.kind() {
        io::ErrorKind::ConnectionRefused => (
            "network.refused",
            format!("{origin} refused the connection; is the server running, and the port right?"),
        ),
        io::ErrorKind::TimedOut => (
            "network.connect_timeout",
            format!("{origin} did not accept the connection in time; check the host and firewall"),
        ),
        _ => (
            "network.unreachable",
            format!("{origin} can't be reached; check the network and the URL"),
        ),
    };
    Error::new(Status::Unavailable, code, message)
}

fn handshake_failed(error: io::Error, exchange: &Exchange) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => exchange.fail(Error::new(
            Status::Unavailable,
            "network.closed",
            format!(
                "{} closed the connection during the TLS handshake; check the URL's scheme and port",
                exchange.origin
            ),
        )),
        io::ErrorKind::TimedOut => exchange.fail(Error::new(
            Status::Unavailable,
            "network.connect_timeout",
            format!(
                "{} did not complete the TLS handshake in time (\"timeouts.connect_ms\"); check the \
                 URL's scheme and port",
                exchange.origin
            ),
        )),
        _ => error,
    }
}

fn no_tls_name(origin: &str) -> Error {
    Error::new(
        Status::InvalidConfig,
        "tls.name",
        format!("the host of {origin} can't be in a certificate; use a host name"),
    )
}
