//! What no cache can do without, and the usual locks around the same work.

use std::hint::black_box;
use std::sync::{Arc, Mutex, RwLock};

use super::TOKEN_BYTES;

pub fn token() -> Vec<u8> {
    vec![b'x'; TOKEN_BYTES]
}

/// Whether the token is still fresh, and a copy of it.
#[inline]
pub fn floor(token: &[u8], buffer: &mut Vec<u8>) {
    clocks();
    buffer.resize(TOKEN_BYTES + 1, 0);
    buffer[..TOKEN_BYTES].copy_from_slice(black_box(token));
    black_box(buffer);
}

/// The two that a program would write itself.
pub struct Locks {
    copied: Mutex<Vec<u8>>,
    shared: RwLock<Arc<Vec<u8>>>,
}

impl Locks {
    pub fn new() -> Self {
        Locks {
            copied: Mutex::new(token()),
            shared: RwLock::new(Arc::new(token())),
        }
    }

    #[inline]
    pub fn copy(&self, buffer: &mut Vec<u8>) {
        floor(&self.copied.lock().unwrap(), buffer);
    }

    #[inline]
    pub fn share(&self) {
        clocks();
        let token = self.shared.read().unwrap().clone();
        drop(black_box(token));
    }
}

#[inline]
fn clocks() {
    black_box((
        clock_ns(libc::CLOCK_REALTIME_COARSE),
        clock_ns(libc::CLOCK_MONOTONIC_COARSE),
    ));
}

#[inline]
pub fn clock_ns(clock: libc::clockid_t) -> i64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is writable for the length of the call.
    unsafe { libc::clock_gettime(clock, &mut time) };
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}
