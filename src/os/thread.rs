//! Threads that the host doesn't notice.

use std::cell::Cell;
use std::io;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Enough for a TLS handshake with a long certificate chain, unoptimised.
const STACK_BYTES: usize = 1024 * 1024;

/// Starts a detached thread with every signal blocked, so that the host's
/// handlers go on running where the host expects them.
pub(crate) fn spawn_detached(
    name: &'static str,
    body: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    #[cfg(test)]
    if refuse::refused() {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    let all_blocked = BlockedSignals::new();
    let spawned = thread::Builder::new()
        .name(name.into())
        .stack_size(STACK_BYTES)
        .spawn(body);
    drop(all_blocked);
    spawned.map(drop)
}

/// A small number of this thread's own, to spread threads over replicas.
#[inline]
pub(crate) fn number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static OWN: Cell<usize> = const { Cell::new(usize::MAX) };
    }
    OWN.with(|own| {
        if own.get() == usize::MAX {
            own.set(NEXT.fetch_add(1, Ordering::Relaxed));
        }
        own.get()
    })
}

/// Blocks every signal on this thread until dropped; a new thread inherits it.
struct BlockedSignals {
    before: libc::sigset_t,
}

impl BlockedSignals {
    fn new() -> Self {
        let mut all = MaybeUninit::uninit();
        let mut before = MaybeUninit::uninit();
        // SAFETY: both sets are written by the calls before they are read:
        // sigfillset fills `all`, pthread_sigmask fills `before`, and neither
        // can fail with a valid pointer and SIG_SETMASK.
        let before = unsafe {
            libc::sigfillset(all.as_mut_ptr());
            libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
            before.assume_init()
        };
        BlockedSignals { before }
    }
}

impl Drop for BlockedSignals {
    fn drop(&mut self) {
        // SAFETY: `before` is the valid set that was in force.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, &self.before, std::ptr::null_mut());
        }
    }
}

/// Lets a test see what happens on a machine without a thread to spare.
#[cfg(test)]
pub(crate) mod refuse {
    use super::Cell;

    thread_local! {
        static REFUSE: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn refused() -> bool {
        REFUSE.get()
    }

    /// Runs `body`; no thread can be started from this one meanwhile.
    pub(crate) fn while_refused<T>(body: impl FnOnce() -> T) -> T {
        REFUSE.set(true);
        let result = body();
        REFUSE.set(false);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn a_detached_thread_has_every_signal_blocked_and_its_starter_keeps_its_mask() {
        fn is_blocked(signal: libc::c_int) -> bool {
            let mut mask = MaybeUninit::uninit();
            // SAFETY: a null set reads the mask into `mask`.
            unsafe {
                libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), mask.as_mut_ptr());
                libc::sigismember(mask.as_ptr(), signal) == 1
            }
        }
        let (sender, receiver) = mpsc::channel();
        spawn_detached("test", move || {
            sender.send(is_blocked(libc::SIGUSR1)).unwrap()
        })
        .unwrap();
        assert!(receiver.recv().unwrap());
        assert!(!is_blocked(libc::SIGUSR1));
    }
}
