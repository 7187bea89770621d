//! A value that each process makes for itself.

use std::marker::PhantomData;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::generation;

/// A value of this process: in a forked child it is made anew at the first need.
///
/// The one that the child has inherited stays where it is, and is never dropped:
/// its locks may be held by threads that don't exist, and what it has opened is
/// the parent's.
pub(crate) struct Local<T> {
    latest: AtomicPtr<Made<T>>,
    owned: PhantomData<Box<T>>,
}

struct Made<T> {
    generation: u64,
    value: T,
    /// That of the process before this one.
    before: *const Made<T>,
}

impl<T: Send + Sync> Local<T> {
    pub(crate) const fn new() -> Self {
        Local {
            latest: AtomicPtr::new(null_mut()),
            owned: PhantomData,
        }
    }

    /// One whose value in this process is made already.
    pub(crate) fn of(value: T) -> Self {
        let local = Local::new();
        local.make(null_mut(), |_| value);
        local
    }

    /// The value of this process. `make` gets the one that was inherited, and
    /// must wait for none of its locks.
    #[inline]
    pub(crate) fn get(&self, make: impl FnOnce(Option<&T>) -> T) -> &T {
        let latest = self.latest.load(Ordering::Acquire);
        // SAFETY: null or from `make`, and freed with `self` alone.
        match unsafe { latest.as_ref() } {
            Some(made) if made.generation == generation() => &made.value,
            _ => self.make(latest, make),
        }
    }

    /// Those of the processes before this one, the nearest first.
    pub(crate) fn inherited(&self) -> impl Iterator<Item = &T> {
        // SAFETY: as in `get`; what came before is never freed at all.
        let latest = unsafe { self.latest.load(Ordering::Acquire).as_ref() };
        // SAFETY: as above.
        let all = std::iter::successors(latest, |made| unsafe { made.before.as_ref() });
        all.filter(|made| made.generation != generation())
            .map(|made| &made.value)
    }

    #[cold]
    fn make(&self, latest: *mut Made<T>, make: impl FnOnce(Option<&T>) -> T) -> &T {
        // SAFETY: as in `get`.
        let inherited = unsafe { latest.as_ref() }.map(|made| &made.value);
        let made = Box::into_raw(Box::new(Made {
            generation: generation(),
            value: make(inherited),
            before: latest,
        }));
        let set = (self.latest).compare_exchange(latest, made, Ordering::AcqRel, Ordering::Acquire);
        let stays = match set {
            Ok(_) => made,
            Err(other) => {
                // SAFETY: from the box above, and nobody else has seen it.
                drop(unsafe { Box::from_raw(made) });
                other
            }
        };
        // SAFETY: from here, and freed with `self` alone.
        unsafe { &(*stays).value }
    }
}

impl<T: Send + Sync> Default for Local<T> {
    fn default() -> Self {
        Local::new()
    }
}

impl<T> Drop for Local<T> {
    fn drop(&mut self) {
        let latest = *self.latest.get_mut();
        // SAFETY: null or from `make`, and nobody else has `self` any more.
        if unsafe { latest.as_ref() }.is_some_and(|made| made.generation == generation()) {
            // SAFETY: as above; it is this process's own.
            drop(unsafe { Box::from_raw(latest) });
        }
    }
}
