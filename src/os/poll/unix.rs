//! Sockets by `poll`, which takes any descriptor.

use std::io;
use std::os::fd::AsRawFd;
pub(crate) use std::os::fd::{AsFd as AsSocket, RawFd as RawSocket};
use std::time::Duration;

use super::Interest;

/// Waits until `socket` is ready, `wake` is readable, a signal arrives or
/// `timeout` passes, and says whether the socket is ready. An error on the
/// socket counts as ready: the next operation on it tells.
pub(crate) fn wait(
    socket: &impl AsSocket,
    interest: Interest,
    wake: Option<RawSocket>,
    timeout: Duration,
) -> io::Result<bool> {
    let mut descriptors = [
        libc::pollfd {
            fd: socket.as_fd().as_raw_fd(),
            events: match interest {
                Interest::Read => libc::POLLIN,
                Interest::Write => libc::POLLOUT,
            },
            revents: 0,
        },
        // poll ignores a negative descriptor.
        libc::pollfd {
            fd: wake.unwrap_or(-1),
            events: libc::POLLIN,
            revents: 0,
        },
    ];
    // Rounded up, so that a rest of less than a millisecond doesn't spin.
    let milliseconds = timeout.as_micros().div_ceil(1000).min(60_000) as libc::c_int;
    // SAFETY: the array outlives the call and its length is given.
    let ready = unsafe { libc::poll(descriptors.as_mut_ptr(), 2, milliseconds) };
    if ready < 0 {
        let error = io::Error::last_os_error();
        return match error.kind() {
            io::ErrorKind::Interrupted => Ok(false),
            _ => Err(error),
        };
    }
    Ok(descriptors[0].revents != 0)
}

/// Whether a connection that failed to be made at once may yet be made.
pub(crate) fn is_under_way(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
        || error.kind() == io::ErrorKind::Interrupted
        || error.raw_os_error() == Some(libc::EINPROGRESS)
}
