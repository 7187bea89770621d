//! Waiting for a socket, in slices short enough to notice a cancellation.

use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

/// What a socket is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interest {
    Read,
    Write,
}

/// Waits until `socket` is ready, `wake` is readable, a signal arrives or
/// `timeout` passes, and says whether the socket is ready. An error on the
/// socket counts as ready: the next operation on it tells.
pub(crate) fn wait(
    socket: RawFd,
    interest: Interest,
    wake: Option<RawFd>,
    timeout: Duration,
) -> io::Result<bool> {
    let mut descriptors = [
        libc::pollfd {
            fd: socket,
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
