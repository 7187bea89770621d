//! Threads that the host doesn't notice.

use std::cell::Cell;
use std::io;

use crate::sync::{thread, thread_local};

/// Enough for a TLS handshake with a long certificate chain, unoptimised.
const STACK_BYTES: usize = 1024 * 1024;

/// Starts a detached thread, on Unix with every signal blocked, so that the
/// host's handlers go on running where the host expects them.
pub(crate) fn spawn_detached(
    name: &'static str,
    body: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    #[cfg(test)]
    if refuse::refused() {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    // A new thread inherits what its starter has blocked. Those of a model are
    // none to the system.
    #[cfg(unix)]
    let _all_blocked = (!cfg!(shuttle)).then(super::signals::Blocked::new);
    thread::Builder::new()
        .name(name.into())
        .stack_size(STACK_BYTES)
        .spawn(body)
        .map(drop)
}

/// A small number of this thread's own, to spread threads over replicas.
#[cfg(not(shuttle))]
#[inline]
pub(crate) fn number() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};

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

#[cfg(shuttle)]
pub(crate) use crate::sync::number;

/// Lets a test see what happens on a machine without a thread to spare.
#[cfg(test)]
pub(crate) mod refuse {
    use super::{Cell, thread_local};

    thread_local! {
        static REFUSE: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn refused() -> bool {
        REFUSE.with(Cell::get)
    }

    /// Runs `body`; no thread can be started from this one meanwhile.
    pub(crate) fn while_refused<T>(body: impl FnOnce() -> T) -> T {
        REFUSE.with(|refuse| refuse.set(true));
        let result = body();
        REFUSE.with(|refuse| refuse.set(false));
        result
    }
}
