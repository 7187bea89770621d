//! A socket: Windows can't wait for a pipe of the C runtime's. Its numbers are
//! of 32 significant bits, as of every handle.

use std::io;

use windows_sys::Win32::Networking::WinSock::{recv, send as winsock_send};

use crate::os::poll::{self, Interest, RawSocket};

pub(super) fn raw(descriptor: i32) -> RawSocket {
    descriptor as u32 as RawSocket
}

/// Whether one can wait for this descriptor.
#[cfg(feature = "capi")]
pub(crate) fn is_usable(descriptor: i32) -> bool {
    use windows_sys::Win32::Networking::WinSock::{SO_TYPE, SOL_SOCKET, getsockopt};
    let mut kind = 0i32;
    let mut size = size_of_val(&kind) as i32;
    // SAFETY: at most `size` bytes are written to `kind`, and a number that is
    // no socket's is told by an error.
    unsafe {
        let kind = (&raw mut kind).cast();
        getsockopt(raw(descriptor), SOL_SOCKET, SO_TYPE, kind, &mut size) == 0
    }
}

pub(super) fn is_readable(descriptor: RawSocket) -> bool {
    poll::is_ready(descriptor, Interest::Read)
}

pub(super) fn is_writable(descriptor: RawSocket) -> bool {
    poll::is_ready(descriptor, Interest::Write)
}

pub(super) fn receive(descriptor: RawSocket, bytes: &mut [u8]) -> io::Result<usize> {
    let room = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    // SAFETY: the buffer is writable for the length that is given.
    let count = unsafe { recv(descriptor, bytes.as_mut_ptr(), room, 0) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

pub(super) fn send(descriptor: RawSocket, bytes: &[u8]) {
    let size = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    // SAFETY: the buffer is readable for the length that is given.
    unsafe { winsock_send(descriptor, bytes.as_ptr(), size, 0) };
}

#[cfg(test)]
pub(super) fn number(socket: &std::net::TcpStream) -> i32 {
    use std::os::windows::io::AsRawSocket;
    socket.as_raw_socket() as i32
}
