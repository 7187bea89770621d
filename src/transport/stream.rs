//! One connection: a socket that never blocks, plain or under TLS.
//!
//! Every wait goes through the current exchange, so that a deadline or a
//! cancellation ends it. Writes go through `TcpStream::write` alone, which
//! never raises SIGPIPE in the host; `write_vectored` would.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};
use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport};

use super::exchange::Exchange;
use super::tls;
use crate::error::{Error, Status};
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
}

impl Stream {
    pub(crate) fn plain(socket: TcpStream) -> Self {
        Stream {
            wire: Wire(socket),
            tls: None,
            buffers: LazyBuffers::new(INPUT_BYTES, OUTPUT_BYTES),
        }
    }

    /// Shakes hands; the exchange's deadline and cancellation apply.
    pub(crate) fn secure(
        socket: TcpStream,
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
            let progress =
                tls.complete_io(&mut wire).map_err(|error| {
                    match tls::handshake_error(&error, &exchange.origin) {
                        Some(reason) => exchange.fail(reason),
                        None => error,
                    }
                })?;
            if progress == (0, 0) {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let mut stream = Stream::plain(wire.0);
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

    /// Nothing to read, nothing unasked for, not closed. Whatever lies on an
    /// idle connection would be taken for the answer to the next request.
    fn is_idle(&mut self) -> bool {
        let mut probe = Probe(&self.wire.0);
        let Some(tls) = &mut self.tls else {
            let mut byte = [0];
            return is_would_block(probe.read(&mut byte));
        };
        loop {
            // TLS 1.3 sends session tickets at any time; they are no answer.
            let read = tls.read_tls(&mut probe);
            if is_would_block_ref(&read) {
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
        Exchange::current()?.sent.set(true);
        let output = &self.buffers.output()[..amount];
        match &mut self.tls {
            None => self.wire.write_all(output)?,
            Some(tls) => {
                let mut stream = rustls::Stream::new(tls.as_mut(), &mut self.wire);
                stream.write_all(output)?;
                stream.flush()?;
            }
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let amount = self.read_some()?;
        self.buffers.input_appended(amount);
        if amount > 0 {
            Exchange::current()?.received.set(true);
        }
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.buffers.input().is_empty() && self.is_idle()
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
struct Wire(TcpStream);

impl Wire {
    fn retry(
        &mut self,
        interest: Interest,
        mut operation: impl FnMut(&TcpStream) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let exchange = Exchange::current()?;
        exchange.check()?;
        loop {
            match operation(&self.0) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    exchange.wait(self.0.as_raw_fd(), interest)?;
                }
                result => return result,
            }
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

/// Reads what is there, without waiting.
struct Probe<'a>(&'a TcpStream);

impl Read for Probe<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

fn is_would_block(result: io::Result<usize>) -> bool {
    is_would_block_ref(&result)
}

fn is_would_block_ref(result: &io::Result<usize>) -> bool {
    matches!(result, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}
