//! A descriptor that another runtime's signal handler writes to.
//!
//! Python (`signal.set_wakeup_fd`) and others turn a signal into a byte on a
//! pipe, or on a socket where pipes can't be waited for. A call that waits
//! polls its read end too, so that Ctrl+C ends it at once. The bytes are passed
//! on to whoever had the pipe before.

#[cfg_attr(unix, path = "wake/unix.rs")]
#[cfg_attr(windows, path = "wake/windows.rs")]
mod system;

use std::io;
use std::sync::atomic::{AtomicI32, AtomicU8, Ordering};

use super::poll::RawSocket;

#[cfg(feature = "capi")]
pub(crate) use system::is_usable;

/// Where to look for bytes, which one cancels, and where each is passed on to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wake {
    read: i32,
    cancel_byte: u8,
    forward: Option<i32>,
}

/// A [`Wake`] or none, behind no lock that a forked child could find held.
///
/// It is changed while nobody uses it, but for being cleared.
pub(crate) struct WakeSlot {
    /// Negative: none.
    read: AtomicI32,
    cancel_byte: AtomicU8,
    /// Negative: none.
    forward: AtomicI32,
}

impl WakeSlot {
    pub(crate) const fn new() -> Self {
        WakeSlot {
            read: AtomicI32::new(-1),
            cancel_byte: AtomicU8::new(0),
            forward: AtomicI32::new(-1),
        }
    }

    #[cfg(feature = "capi")]
    pub(crate) fn set(&self, wake: Option<Wake>) {
        if let Some(wake) = wake {
            self.cancel_byte.store(wake.cancel_byte, Ordering::Relaxed);
            let forward = wake.forward.unwrap_or(-1);
            self.forward.store(forward, Ordering::Relaxed);
        }
        let read = wake.map_or(-1, |wake| wake.read);
        self.read.store(read, Ordering::Release);
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<Wake> {
        let read = self.read.load(Ordering::Acquire);
        (read >= 0).then(|| {
            let forward = self.forward.load(Ordering::Relaxed);
            Wake {
                read,
                cancel_byte: self.cancel_byte.load(Ordering::Relaxed),
                forward: (forward >= 0).then_some(forward),
            }
        })
    }

    /// Unless another has taken the place of `ended`.
    pub(crate) fn clear(&self, ended: Wake) {
        let _other =
            (self.read).compare_exchange(ended.read, -1, Ordering::Relaxed, Ordering::Relaxed);
    }
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
    /// Of descriptors by the numbers that C has for them.
    #[cfg(any(feature = "capi", test))]
    pub(crate) fn new(read: i32, cancel_byte: u8, forward: Option<i32>) -> Wake {
        Wake {
            read,
            cancel_byte,
            forward,
        }
    }

    /// What to wait for beside a socket.
    pub(crate) fn descriptor(&self) -> RawSocket {
        system::raw(self.read)
    }

    /// Reads what has arrived, and passes it on. Never waits.
    pub(crate) fn drain(&self) -> Found {
        let read = self.descriptor();
        let mut found = Found::Nothing;
        let mut bytes = [0u8; 64];
        // Asked before each operation, since a descriptor may be a blocking
        // one. Its end and an error count as ready: the operation tells.
        while system::is_readable(read) {
            let arrived = match system::receive(read, &mut bytes) {
                Ok(0) if found == Found::Nothing => return Found::End,
                Ok(0) => return found,
                Ok(count) => &bytes[..count],
                Err(error) => match error.kind() {
                    io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock => break,
                    _ => return Found::End,
                },
            };
            if arrived.contains(&self.cancel_byte) {
                found = Found::Cancel;
            }
            // A full pipe loses the bytes, as it does in the runtimes' own
            // signal handlers: its reader is about to wake up anyhow.
            if let Some(forward) = self.forward.map(system::raw)
                && system::is_writable(forward)
            {
                system::send(forward, arrived);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let one = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        one.set_nodelay(true).unwrap();
        (one, listener.accept().unwrap().0)
    }

    #[test]
    fn only_its_byte_cancels_and_every_byte_is_passed_on() {
        let (mut handler, wake_end) = pair();
        let (forward_end, mut previous) = pair();
        let wake = Wake::new(
            system::number(&wake_end),
            2,
            Some(system::number(&forward_end)),
        );
        let arrive = |handler: &mut TcpStream, bytes: &[u8]| {
            handler.write_all(bytes).unwrap();
            wake_end.peek(&mut [0]).unwrap();
        };
        assert_eq!(wake.drain(), Found::Nothing, "nothing has arrived");
        arrive(&mut handler, &[17, 10]);
        assert_eq!(wake.drain(), Found::Nothing, "other signals do not cancel");
        arrive(&mut handler, &[17, 2]);
        assert_eq!(wake.drain(), Found::Cancel);
        let mut passed_on = [0; 4];
        previous.read_exact(&mut passed_on).unwrap();
        assert_eq!(passed_on, [17, 10, 17, 2]);
    }

    #[test]
    fn an_end_is_told_from_silence() {
        let (handler, wake_end) = pair();
        let wake = Wake::new(system::number(&wake_end), 2, None);
        assert_eq!(wake.drain(), Found::Nothing);
        drop(handler);
        assert_eq!(wake_end.peek(&mut [0]).unwrap(), 0);
        assert_eq!(wake.drain(), Found::End);
    }

    #[test]
    fn a_full_descriptor_is_not_waited_for() {
        let (mut handler, wake_end) = pair();
        let (forward_end, _previous) = pair();
        forward_end.set_nonblocking(true).unwrap();
        while (&forward_end).write(&[0; 65_536]).is_ok() {}
        forward_end.set_nonblocking(false).unwrap();
        let wake = Wake::new(
            system::number(&wake_end),
            2,
            Some(system::number(&forward_end)),
        );
        handler.write_all(&[2]).unwrap();
        wake_end.peek(&mut [0]).unwrap();
        assert_eq!(wake.drain(), Found::Cancel);
    }
}
