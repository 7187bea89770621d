//! Any descriptor: a pipe, a socket.

use std::io;

use crate::os::poll::RawSocket;
use crate::os::signals::without_sigpipe;

pub(super) fn raw(descriptor: i32) -> RawSocket {
    descriptor
}

/// Whether one can wait for this descriptor.
#[cfg(feature = "capi")]
pub(crate) fn is_usable(_: i32) -> bool {
    true
}

pub(super) fn is_readable(descriptor: RawSocket) -> bool {
    is_ready(descriptor, libc::POLLIN)
}

pub(super) fn is_writable(descriptor: RawSocket) -> bool {
    is_ready(descriptor, libc::POLLOUT)
}

fn is_ready(descriptor: RawSocket, events: libc::c_short) -> bool {
    let mut poll = libc::pollfd {
        fd: descriptor,
        events,
        revents: 0,
    };
    // SAFETY: one valid pollfd, and a timeout of zero.
    unsafe { libc::poll(&mut poll, 1, 0) > 0 }
}

pub(super) fn receive(descriptor: RawSocket, bytes: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the buffer is writable for the length that is given.
    let count = unsafe { libc::read(descriptor, bytes.as_mut_ptr().cast(), bytes.len()) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// To a pipe without a reader this would raise SIGPIPE, which ends a host that
/// has no handler for it.
pub(super) fn send(descriptor: RawSocket, bytes: &[u8]) {
    without_sigpipe(|| {
        // SAFETY: the buffer is readable for the length that is given.
        unsafe { libc::write(descriptor, bytes.as_ptr().cast(), bytes.len()) };
    });
}

#[cfg(test)]
pub(super) fn number(socket: &std::net::TcpStream) -> i32 {
    use std::os::fd::AsRawFd;
    socket.as_raw_fd()
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd;

    use crate::os::wake::{Found, Wake};

    #[test]
    fn a_pipe_serves_as_well_and_no_descriptor_is_an_end() {
        let (pipe, writer) = std::io::pipe().unwrap();
        let wake = Wake::new(pipe.as_raw_fd(), 2, None);
        assert_eq!(wake.drain(), Found::Nothing);
        drop(writer);
        assert_eq!(wake.drain(), Found::End);
        assert_eq!(Wake::new(1_000_000, 2, None).drain(), Found::End);
    }
}
