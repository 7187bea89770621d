//! Sockets by `select`: before Windows 10 2004 `WSAPoll` never tells that a
//! connection was refused.

use std::io;
use std::os::windows::io::AsRawSocket;
pub(crate) use std::os::windows::io::AsSocket;
use std::ptr::null_mut;
use std::time::Duration;

use windows_sys::Win32::Networking::WinSock::{FD_SET, SOCKET, SOCKET_ERROR, TIMEVAL, select};

use super::Interest;

pub(crate) type RawSocket = SOCKET;

/// Waits until `socket` is ready, `wake` is readable or `timeout` passes, and
/// says whether the socket is ready. An error on the socket counts as ready:
/// the next operation on it tells.
pub(crate) fn wait(
    socket: &impl AsSocket,
    interest: Interest,
    wake: Option<RawSocket>,
    timeout: Duration,
) -> io::Result<bool> {
    let socket = socket.as_socket().as_raw_socket() as SOCKET;
    let (readable, writable) = match interest {
        Interest::Read => (Some(socket), None),
        Interest::Write => (None, Some(socket)),
    };
    let mut reads = set([readable, wake]);
    let mut writes = set([writable, None]);
    // A connection that was refused is told here.
    let mut failures = set([Some(socket), None]);
    // Rounded up, so that a rest of less than a millisecond doesn't spin.
    let milliseconds = timeout.as_micros().div_ceil(1000).min(60_000) as i32;
    let timeout = TIMEVAL {
        tv_sec: milliseconds / 1000,
        tv_usec: milliseconds % 1000 * 1000,
    };
    // SAFETY: the sets and the timeout outlive the call, and each set says how
    // many of its places are taken.
    let ready = unsafe { select(0, &mut reads, &mut writes, &mut failures, &timeout) };
    if ready == SOCKET_ERROR {
        return Err(io::Error::last_os_error());
    }
    let has = |set: &FD_SET| set.fd_array[..set.fd_count as usize].contains(&socket);
    Ok(has(&reads) || has(&writes) || has(&failures))
}

/// Whether `socket` is ready, without waiting. What is no socket counts as
/// ready: the next operation on it tells.
pub(in crate::os) fn is_ready(socket: RawSocket, interest: Interest) -> bool {
    let mut sockets = set([Some(socket), None]);
    let (reads, writes): (*mut FD_SET, *mut FD_SET) = match interest {
        Interest::Read => (&mut sockets, null_mut()),
        Interest::Write => (null_mut(), &mut sockets),
    };
    let timeout = TIMEVAL {
        tv_sec: 0,
        tv_usec: 0,
    };
    // SAFETY: as above.
    unsafe { select(0, reads, writes, null_mut(), &timeout) != 0 }
}

fn set(sockets: [Option<RawSocket>; 2]) -> FD_SET {
    let mut set = FD_SET::default();
    for (place, socket) in set.fd_array.iter_mut().zip(sockets.into_iter().flatten()) {
        *place = socket;
        set.fd_count += 1;
    }
    set
}

/// Whether a connection that failed to be made at once may yet be made.
pub(crate) fn is_under_way(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}
