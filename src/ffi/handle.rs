//! The block behind an `authkeep_client *`.
//!
//! A client may be freed while other threads are inside calls on it, and a
//! program may go on using a handle that it has freed. So a block counts its
//! users, on cache lines of their own: the client inside is dropped by whoever
//! leaves last, and the block itself stays in quarantine for a while, where it
//! answers "closed".

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering::SeqCst};

use crossbeam_utils::CachePadded;
use parking_lot::Mutex;

use crate::client::Client;
use crate::error::{Error, Result, Status};
use crate::os::thread;

const STRIPES: usize = 8;
const QUARANTINED: usize = 1024;

/// One credential: its token cache and its HTTP session.
///
/// An authkeep_client may be used from any number of threads at once. Freed by
/// authkeep_client_free, also while other threads use it.
pub struct authkeep_client {
    users: [CachePadded<AtomicUsize>; STRIPES],
    closed: AtomicBool,
    client: AtomicPtr<Client>,
}

/// A block that waits to be given back; only the quarantine uses the pointer.
struct Freed(*mut authkeep_client);

// SAFETY: a block is made of atomics, and the pointer is used under the lock.
unsafe impl Send for Freed {}

static QUARANTINE: Mutex<VecDeque<Freed>> = Mutex::new(VecDeque::new());

impl authkeep_client {
    pub(super) fn new(client: Client) -> *mut authkeep_client {
        Box::into_raw(Box::new(authkeep_client {
            users: Default::default(),
            closed: AtomicBool::new(false),
            client: AtomicPtr::new(Box::into_raw(Box::new(client))),
        }))
    }

    /// Runs `body` with the client, which lives at least until it ends.
    #[inline]
    pub(super) fn with<T>(&self, body: impl FnOnce(&Client) -> Result<T>) -> Result<T> {
        struct User<'a>(&'a authkeep_client, usize);
        impl Drop for User<'_> {
            fn drop(&mut self) {
                self.0.users[self.1].fetch_sub(1, SeqCst);
                if self.0.closed.load(SeqCst) {
                    self.0.release_if_unused();
                }
            }
        }
        let stripe = thread::number() % STRIPES;
        self.users[stripe].fetch_add(1, SeqCst);
        let user = User(self, stripe);
        // Counted before this look: whoever closes after it sees the count.
        if user.0.closed.load(SeqCst) {
            return Err(closed());
        }
        let client = user.0.client.load(SeqCst);
        // SAFETY: the pointer is from `new`. It is taken out only when the
        // block is closed and no user is counted, and it was open after this
        // user was counted.
        body(unsafe { &*client })
    }

    /// Drops the client, once, when nobody can be using it any more.
    fn release_if_unused(&self) {
        if self.users.iter().any(|count| count.load(SeqCst) > 0) {
            return;
        }
        let client = self.client.swap(std::ptr::null_mut(), SeqCst);
        if !client.is_null() {
            // SAFETY: from `new`, and the swap gives it to one thread alone.
            drop(unsafe { Box::from_raw(client) });
        }
    }

    /// Frees a handle: at once for new calls, and for the rest when the last
    /// call under way has ended. A second time does nothing.
    pub(super) fn free(handle: *mut authkeep_client) {
        let Ok(block) = super::ptr::lend(handle, "client") else {
            return;
        };
        if block.closed.swap(true, SeqCst) {
            return;
        }
        block.release_if_unused();
        let mut quarantine = QUARANTINE.lock();
        quarantine.push_back(Freed(handle));
        if quarantine.len() > QUARANTINED
            && let Some(oldest) = quarantine.pop_front()
        {
            // SAFETY: in the quarantine once, so nobody else gives it back.
            let block = unsafe { &*oldest.0 };
            let is_unused = block.users.iter().all(|count| count.load(SeqCst) == 0);
            if is_unused && block.client.load(SeqCst).is_null() {
                // SAFETY: from `new`; no call is under way, and calls begun
                // later are a program's fault that has been told apart for
                // long enough.
                drop(unsafe { Box::from_raw(oldest.0) });
            } else {
                quarantine.push_back(oldest);
            }
        }
    }
}

fn closed() -> Error {
    Error::new(
        Status::Closed,
        "client.closed",
        "the client has been freed; make a new one",
    )
}
