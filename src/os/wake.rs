//! A descriptor that another runtime's signal handler writes to.
//!
//! Python (`signal.set_wakeup_fd`) and others turn a signal into a byte on a
//! pipe. A call that waits polls the pipe's read end too, so that Ctrl+C ends
//! it at once. The bytes are passed on to whoever had the pipe before.

use std::io;
use std::os::fd::RawFd;

use super::signal::without_sigpipe;

/// Where to look for bytes, which one cancels, and where each is passed on to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wake {
    pub(crate) read: RawFd,
    pub(crate) cancel_byte: u8,
    pub(crate) forward: Option<RawFd>,
}

/// What was found at a wake descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing, or bytes of other signals.
    Nothing,
    /// The byte that cancels.
    Cancel,
    /// Its end: nothing will come, and a wait for it would return at once.
    End,
}

impl Wake {
    /// Reads what has arrived, and passes it on. Never waits.
    pub(crate) fn drain(&self) -> Found {
        let mut found = Found::Nothing;
        while is_ready(self.read, libc::POLLIN) {
            let mut bytes = [0u8; 64];
            // SAFETY: the buffer is writable for the length that is given.
            let count = unsafe { libc::read(self.read, bytes.as_mut_ptr().cast(), bytes.len()) };
            let arrived = match usize::try_from(count) {
                Ok(0) => {
                    return if found == Found::Nothing {
                        Found::End
                    } else {
                        found
                    };
                }
                Ok(count) => &bytes[..count],
                Err(_) => match io::Error::last_os_error().kind() {
                    io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock => break,
                    _ => return Found::End,
                },
            };
            if arrived.contains(&self.cancel_byte) {
                found = Found::Cancel;
            }
            if let Some(forward) = self.forward {
                pass_on(forward, arrived);
            }
        }
        found
    }
}

/// A full pipe loses the bytes, as it does in the runtimes' own signal
/// handlers: its reader is about to wake up anyhow. So does one without a
/// reader, whose SIGPIPE would end a host that has no handler for it.
fn pass_on(to: RawFd, bytes: &[u8]) {
    if !is_ready(to, libc::POLLOUT) {
        return;
    }
    without_sigpipe(|| {
        // SAFETY: the buffer is readable for the length that is given.
        unsafe { libc::write(to, bytes.as_ptr().cast(), bytes.len()) };
    });
}

/// Asked before each operation, since a descriptor may be a blocking one. Its
/// end and an error count as ready: the operation tells.
fn is_ready(descriptor: RawFd, events: libc::c_short) -> bool {
    let mut poll = libc::pollfd {
        fd: descriptor,
        events,
        revents: 0,
    };
    // SAFETY: one valid pollfd, and a timeout of zero.
    unsafe { libc::poll(&mut poll, 1, 0) > 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    #[test]
    fn only_its_byte_cancels_and_every_byte_is_passed_on() {
        let (mut handler, wake_end) = UnixStream::pair().unwrap();
        let (forward_end, mut previous) = UnixStream::pair().unwrap();
        let wake = Wake {
            read: wake_end.as_raw_fd(),
            cancel_byte: 2,
            forward: Some(forward_end.as_raw_fd()),
        };
        assert_eq!(wake.drain(), Found::Nothing, "nothing has arrived");
        handler.write_all(&[17, 10]).unwrap();
        assert_eq!(wake.drain(), Found::Nothing, "other signals do not cancel");
        handler.write_all(&[17, 2]).unwrap();
        assert_eq!(wake.drain(), Found::Cancel);
        let mut passed_on = [0; 4];
        previous.read_exact(&mut passed_on).unwrap();
        assert_eq!(passed_on, [17, 10, 17, 2]);
    }

    #[test]
    fn an_end_is_told_from_silence_for_any_kind_of_descriptor() {
        let (handler, wake_end) = UnixStream::pair().unwrap();
        let (pipe, pipe_writer) = io::pipe().unwrap();
        let wake = |read| Wake {
            read,
            cancel_byte: 2,
            forward: None,
        };
        for read in [wake_end.as_raw_fd(), pipe.as_raw_fd()] {
            assert_eq!(wake(read).drain(), Found::Nothing);
        }
        drop((handler, pipe_writer));
        for read in [wake_end.as_raw_fd(), pipe.as_raw_fd(), 1_000_000] {
            assert_eq!(wake(read).drain(), Found::End);
        }
    }

    #[test]
    fn a_full_pipe_is_not_waited_for() {
        let (mut handler, wake_end) = UnixStream::pair().unwrap();
        let (forward_end, _previous) = UnixStream::pair().unwrap();
        forward_end.set_nonblocking(true).unwrap();
        while (&forward_end).write(&[0; 4096]).is_ok() {}
        forward_end.set_nonblocking(false).unwrap();
        let wake = Wake {
            read: wake_end.as_raw_fd(),
            cancel_byte: 2,
            forward: Some(forward_end.as_raw_fd()),
        };
        handler.write_all(&[2]).unwrap();
        assert_eq!(wake.drain(), Found::Cancel);
    }
}
