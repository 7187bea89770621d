//! A value that is made once in a process, and in its children too.

use std::marker::PhantomData;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Made by whoever is first. Two may make it at once, and one of the two values
/// stays: nobody waits for another thread, which a fork could have left behind.
pub(crate) struct Once<T>(AtomicPtr<T>, PhantomData<Box<T>>);

impl<T: Send + Sync> Once<T> {
    pub(crate) const fn new() -> Self {
        Once(AtomicPtr::new(null_mut()), PhantomData)
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        // SAFETY: null or from `set`, and freed with `self` alone.
        unsafe { self.0.load(Ordering::Acquire).as_ref() }
    }

    #[inline]
    pub(crate) fn get_or_make(&self, make: impl FnOnce() -> T) -> &T {
        match self.get() {
            Some(value) => value,
            None => self.set(make()),
        }
    }

    /// The value that stays, which may be another thread's.
    #[cold]
    pub(crate) fn set(&self, value: T) -> &T {
        let made = Box::into_raw(Box::new(value));
        let set = (self.0).compare_exchange(null_mut(), made, Ordering::AcqRel, Ordering::Acquire);
        let stays = match set {
            Ok(_) => made,
            Err(other) => {
                // SAFETY: from the box above, and nobody else has seen it.
                drop(unsafe { Box::from_raw(made) });
                other
            }
        };
        // SAFETY: from here, and freed with `self` alone.
        unsafe { &*stays }
    }
}

impl<T> Drop for Once<T> {
    fn drop(&mut self) {
        let made = *self.0.get_mut();
        if !made.is_null() {
            // SAFETY: from `set`, and nobody else has `self` any more.
            drop(unsafe { Box::from_raw(made) });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn the_first_value_stays_and_is_dropped_with_its_place() {
        let (first, second) = (Arc::new(1), Arc::new(2));
        let once = Once::new();
        assert!(once.get().is_none());
        assert_eq!(**once.get_or_make(|| first.clone()), 1);
        assert_eq!(**once.get_or_make(|| unreachable!()), 1);
        assert_eq!(**once.set(second.clone()), 1, "as a thread that lost");
        assert_eq!(Arc::strong_count(&second), 1);
        drop(once);
        assert_eq!(Arc::strong_count(&first), 1);
    }
}
