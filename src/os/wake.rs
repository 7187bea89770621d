//! A descriptor that another runtime's signal handler writes to.
//!
//! Python (`signal.set_wakeup_fd`) and others turn a signal into a byte on a
//! pipe. A call that waits polls the pipe's read end too, so that Ctrl+C ends
//! it at once. The bytes are passed on to whoever had the pipe before.

use std::os::fd::RawFd;

/// Where to look for bytes, which one cancels, and where each is passed on to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wake {
    pub(crate) read: RawFd,
    pub(crate) cancel_byte: u8,
    pub(crate) forward: Option<RawFd>,
}

impl Wake {
    /// Reads what has arrived without waiting, and says whether one byte of it
    /// cancels.
    pub(crate) fn drain(&self) -> bool {
        let mut cancels = false;
        while readable(self.read) {
            let mut bytes = [0u8; 64];
            // SAFETY: the buffer is writable for the length that is given.
            let count = unsafe { libc::read(self.read, bytes.as_mut_ptr().cast(), bytes.len()) };
            let Ok(count @ 1..) = usize::try_from(count) else {
                break;
            };
            cancels |= bytes[..count].contains(&self.cancel_byte);
            if let Some(forward) = self.forward {
                // A full pipe loses the bytes, as it does in the runtimes' own
                // signal handlers: its reader is about to wake up anyhow.
                // SAFETY: the buffer is readable for the length that is given.
                unsafe { libc::write(forward, bytes.as_ptr().cast(), count) };
            }
        }
        cancels
    }
}

/// Asked before each read, since the descriptor may be a blocking one.
fn readable(descriptor: RawFd) -> bool {
    let mut poll = libc::pollfd {
        fd: descriptor,
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: one valid pollfd, and a timeout of zero.
    unsafe { libc::poll(&mut poll, 1, 0) > 0 && poll.revents & libc::POLLIN != 0 }
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
        assert!(!wake.drain(), "nothing has arrived");
        handler.write_all(&[17, 10]).unwrap();
        assert!(!wake.drain(), "other signals do not cancel");
        handler.write_all(&[17, 2]).unwrap();
        assert!(wake.drain());
        let mut passed_on = [0; 4];
        previous.read_exact(&mut passed_on).unwrap();
        assert_eq!(passed_on, [17, 10, 17, 2]);
    }
}
