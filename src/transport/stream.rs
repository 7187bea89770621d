//! One connection: a socket that never blocks, plain or under TLS.
//!
//! Every wait goes through the current exchange, so that a deadline or a
//! cancellation ends it. Writes go through `TcpStream::write` alone, which
//! never raises SIGPIPE in the host; `write_vectored` would.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};
use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport};

use super::exchange::Exchange;
use super::tls;
use crate::error::{Error, Status};
use crate::os::fork::Own;
use crate::os::poll::Interest;

/// ureq's buffers must be sized together: the input holds the largest response
/// header, the output the largest request header.
pub(crate) const INPUT_BYTES: usize = 64 * 1024;
pub(crate) const OUTPUT_BYTES: usize = 32 * 1024;

/// A connection as ureq sees it.
pub(crate) struct Stream {
    wire: Wire,
    tls: Option<Box<ClientConnection>>,
    buffers: LazyBuffers,
    /// The server has answered without waiting for the whole request, and
    /// reads no more of it.
    answered_early: bool,
    /// Input that came while a request was sent, and that ureq, which believes
    /// that it must wait for input, has not seen.
    has_unseen_input: bool,
}

impl Stream {
    pub(crate) fn plain(socket: Own<TcpStream>) -> Self {
        Stream::over(Wire(socket))
    }

    fn over(wire: Wire) -> Self {
        Stream {
            wire,
            tls: None,
            buffers: LazyBuffers::new(INPUT_BYTES, OUTPUT_BYTES),
            answered_early: false,
            has_unseen_input: false,
        }
    }

    /// Shakes hands; the exchange's deadline and cancellation apply.
    pub(crate) fn secure(
        socket: Own<TcpStream>,
        config: Arc<ClientConfig>,
        name: ServerName<'static>,
        exchange: &Exchange,
    ) -> io::Result<Self> {
        let unusable = |_| {
            exchange.fail(Error::new(
                Status::Internal,
                "tls.start",
                "the TLS library refused to start a connection",
            ))
        };
        let mut tls = ClientConnection::new(config, name).map_err(unusable)?;
        let mut wire = Wire(socket);
        while tls.is_handshaking() {
            let progress = tls.complete_io(&mut wire).map_err(|error| {
                match tls::failure(&error, &exchange.origin) {
                    Some(reason) => exchange.fail(reason),
                    None => error,
                }
            })?;
            if progress == (0, 0) {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let mut stream = Stream::over(wire);
        stream.tls = Some(Box::new(tls));
        Ok(stream)
    }

    fn read_some(&mut self) -> io::Result<usize> {
        let buffer = self.buffers.input_append_buf();
        let Some(tls) = &mut self.tls else {
            return self.wire.read(buffer);
        };
        // A peer that leaves without close_notify is an error here: an answer
        // that only its end delimits may have been cut.
        rustls::Stream::new(tls.as_mut(), &mut self.wire).read(buffer)
    }

    /// Sends the first bytes of the output, unless the server has answered
    /// already: a 413 is worth more than the rest of the body.
    fn send(&mut self, amount: usize, exchange: &Exchange) -> io::Result<()> {
        if let Some(tls) = &mut self.tls
            && !self.answered_early
        {
            tls.writer().write_all(&self.buffers.output()[..amount])?;
        }
        let mut done = 0;
        while !self.answered_early {
            exchange.check()?;
            let mut socket = NoWait(self.wire.0.get()?);
            let written = match &mut self.tls {
                None if done == amount => return Ok(()),
                Some(tls) if !tls.wants_write() => return Ok(()),
                None => socket.write(&self.buffers.output()[done..amount]),
                Some(tls) => tls.write_tls(&mut socket),
            };
            match written {
                Ok(count) => done += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let socket = self.wire.0.get()?;
                    if !exchange.wait_slice(socket, Interest::Write, exchange.deadline)? {
                        self.answered_early = self.has_answered(exchange)?;
                    }
                }
                // The server may have answered before it closed.
                Err(error) => match self.has_answered(exchange)? {
                    true => self.answered_early = true,
                    false => return Err(error),
                },
            }
        }
        Ok(())
    }

    /// Whether a final answer has begun to arrive. What has arrived is kept.
    fn has_answered(&mut self, exchange: &Exchange) -> io::Result<bool> {
        if self.buffers.input().is_empty() {
            let amount = match self.read_arrived() {
                Ok(amount) => amount,
                // Closed or reset: then there is nothing more to be read.
                Err(error) if is_end(&error) || is_would_block(&error) => 0,
                Err(error) => return Err(error),
            };
            self.buffers.input_appended(amount);
            if amount > 0 {
                self.has_unseen_input = true;
                exchange.received.set(true);
            }
        }
        let input = self.buffers.input();
        Ok(!input.is_empty() && !is_interim(input))
    }

    /// Reads what has arrived, without waiting.
    fn read_arrived(&mut self) -> io::Result<usize> {
        let mut socket = NoWait(self.wire.0.get()?);
        let buffer = self.buffers.input_append_buf();
        let Some(tls) = &mut self.tls else {
            return socket.read(buffer);
        };
        loop {
            match tls.reader().read(buffer) {
                Err(error) if is_would_block(&error) => {}
                read => return read,
            }
            tls.read_tls(&mut socket)?;
            tls.process_new_packets()
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
    }

    /// Nothing to read, nothing unasked for, not closed. Whatever lies on an
    /// idle connection would be taken for the answer to the next request.
    fn is_idle(&mut self) -> bool {
        let Ok(socket) = self.wire.0.get() else {
            return false;
        };
        let mut socket = NoWait(socket);
        let Some(tls) = &mut self.tls else {
            let mut byte = [0];
            return matches!(socket.read(&mut byte), Err(error) if is_would_block(&error));
        };
        loop {
            // TLS 1.3 sends session tickets at any time; they are no answer.
            let read = tls.read_tls(&mut socket);
            if matches!(&read, Err(error) if is_would_block(error)) {
                return true;
            }
            let (Ok(1..), Ok(state)) = (read, tls.process_new_packets()) else {
                return false;
            };
            if state.plaintext_bytes_to_read() > 0 || state.peer_has_closed() {
                return false;
            }
        }
    }
}

impl Transport for Stream {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        let exchange = Exchange::current()?;
        exchange.sent.set(true);
        let sent = self.send(amount, &exchange);
        Ok(sent.map_err(|error| explained(error, &exchange))?)
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        if std::mem::take(&mut self.has_unseen_input) {
            return Ok(true);
        }
        let exchange = Exchange::current()?;
        let read = self.read_some();
        let amount = read.map_err(|error| explained(error, &exchange))?;
        self.buffers.input_appended(amount);
        if amount > 0 {
            exchange.received.set(true);
        }
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        !self.answered_early && self.buffers.input().is_empty() && self.is_idle()
    }

    fn is_tls(&self) -> bool {
        self.tls.is_some()
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}

/// A non-blocking socket whose reads and writes wait by the current exchange.
struct Wire(Own<TcpStream>);

impl Wire {
    fn retry(
        &mut self,
        interest: Interest,
        mut operation: impl FnMut(&TcpStream) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let exchange = Exchange::current()?;
        exchange.check()?;
        loop {
            let socket = self.0.get()?;
            match operation(socket) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    exchange.wait(socket, interest)?;
                }
                result => return result,
            }
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        // Whoever has a copy, such as a child that was forked in the instant
        // before the socket was noted: the connection ends.
        if let Ok(socket) = self.0.get() {
            let _ended = socket.shutdown(Shutdown::Both);
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.retry(Interest::Read, |mut socket| socket.read(buffer))
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.retry(Interest::Write, |mut socket| socket.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The socket itself: reads and writes what it can without waiting.
struct NoWait<'a>(&'a TcpStream);

impl Read for NoWait<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for NoWait<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// ureq takes a lost connection for the end of an answer that nothing else
/// delimits, and half a list of orders looks like a whole one.
fn explained(error: io::Error, exchange: &Exchange) -> io::Error {
    if let Some(reason) = tls::failure(&error, &exchange.origin) {
        if reason.code() == tls::CLIENT_CERTIFICATE && !exchange.received.get() {
            // Part of the handshake in TLS 1.3: the server has read no request.
            exchange.sent.set(false);
        }
        return exchange.fail(reason);
    }
    match is_end(&error) {
        true => exchange.fail(closed(&exchange.origin)),
        false => error,
    }
}

pub(super) fn closed(origin: &str) -> Error {
    Error::new(
        Status::Unavailable,
        "network.closed",
        format!("{origin} closed the connection before its answer was complete"),
    )
}

/// The beginning of a `1xx` answer, which another follows (RFC 9110 §15.2).
fn is_interim(input: &[u8]) -> bool {
    const STATUS_LINE: &[u8] = b"HTTP/1.1 1";
    let length = input.len().min(STATUS_LINE.len());
    input[..length] == STATUS_LINE[..length]
}

fn is_end(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
    )
}

fn is_would_block(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}
