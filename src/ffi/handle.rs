//! The block behind an `authkeep_client *`.
//!
//! A client may be freed while other threads are inside calls on it, and a
//! program may go on using a handle that it has freed. So a block counts its
//! users, on cache lines of their own: the client inside is dropped by whoever
//! leaves last, and the block itself stays in quarantine for a while, where it
//! answers "closed".
//!
//! A stripe that is marked as closed takes no more users. Each stripe ends
//! once, when it is both marked and empty; who ends the last one drops the
//! client, and nobody touches the block after that.
//!
//! In a forked child the users of other threads never leave: a block that had
//! some is closed there like any other, but not given back.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use crate::sync::Mutex;
use crossbeam_utils::CachePadded;

use crate::client::Client;
use crate::error::{Error, Result, Status};
use crate::os::fork::Local;
use crate::os::thread;

const STRIPES: usize = 8;
const QUARANTINED: usize = 1024;
/// In a stripe's count: no more users.
const CLOSED: usize = 1 << (usize::BITS - 1);

/// One credential: its token cache and its HTTP session.
///
/// An authkeep_client may be used from any number of threads at once. Freed by
/// authkeep_client_free, also while other threads use it.
pub struct authkeep_client {
    users: [CachePadded<AtomicUsize>; STRIPES],
    /// Stripes that have not ended.
    stripes: AtomicUsize,
    client: AtomicPtr<Client>,
}

/// A block that waits to be given back; only the quarantine uses the pointer.
struct Freed(*mut authkeep_client);

// SAFETY: a block is made of atomics, and the pointer is used under the lock.
unsafe impl Send for Freed {}

static QUARANTINE: Local<Mutex<VecDeque<Freed>>> = Local::new();

impl authkeep_client {
    pub(super) fn new(client: Client) -> *mut authkeep_client {
        Box::into_raw(Box::new(authkeep_client {
            users: Default::default(),
            stripes: AtomicUsize::new(STRIPES),
            client: AtomicPtr::new(Box::into_raw(Box::new(client))),
        }))
    }

    /// Runs `body` with the client, which lives at least until it ends.
    #[inline]
    pub(super) fn with<T>(&self, body: impl FnOnce(&Client) -> Result<T>) -> Result<T> {
        struct User<'a>(&'a authkeep_client, &'a AtomicUsize);
        impl Drop for User<'_> {
            fn drop(&mut self) {
                // While it is not marked, the block may be gone after this.
                if self.1.fetch_sub(1, Ordering::AcqRel) == CLOSED + 1 {
                    self.0.end_stripe();
                }
            }
        }
        let count = &self.users[thread::number() % STRIPES];
        let enter = |count| (count & CLOSED == 0).then_some(count + 1);
        if count
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, enter)
            .is_err()
        {
            return Err(closed());
        }
        let user = User(self, count);
        let client = user.0.client.load(Ordering::Relaxed);
        // SAFETY: the pointer is from `new`, and it is taken out only after
        // every stripe has ended, which this one can't while it has a user.
        body(unsafe { &*client })
    }

    /// Called once for each stripe; the last call drops the client.
    fn end_stripe(&self) {
        if self.stripes.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        let client = self.client.swap(std::ptr::null_mut(), Ordering::AcqRel);
        // SAFETY: from `new`, and only this call gets here.
        drop(unsafe { Box::from_raw(client) });
    }

    /// Frees a handle: at once for new calls, and for the rest when the last
    /// call under way has ended. A second time does nothing.
    pub(super) fn free(handle: *mut authkeep_client) {
        let Ok(block) = super::ptr::lend(handle, "client") else {
            return;
        };
        for (index, count) in block.users.iter().enumerate() {
            match count.fetch_or(CLOSED, Ordering::AcqRel) {
                0 => block.end_stripe(),
                before if before & CLOSED != 0 && index == 0 => return,
                _ => {}
            }
        }
        let mut quarantine = QUARANTINE.get(|_| Mutex::default()).lock();
        quarantine.push_back(Freed(handle));
        if quarantine.len() > QUARANTINED
            && let Some(oldest) = quarantine.pop_front()
        {
            // SAFETY: in the quarantine once, so nobody else gives it back.
            let block = unsafe { &*oldest.0 };
            if block.client.load(Ordering::Acquire).is_null() {
                // SAFETY: from `new`, and every stripe has ended: no call is
                // under way. One begun from now on is a fault of the program
                // that it has been told about 1,024 frees long.
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
