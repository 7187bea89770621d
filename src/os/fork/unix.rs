//! Generations are counted and descriptors closed in the child, by the one
//! handler that runs there before anything else.
//!
//! It does what a signal handler may do: it adds to an atomic, and closes. There
//! is no handler before the fork: one that waited for our locks could wait for a
//! thread that waits for the host's, and a fork takes what it finds.

use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::AsRawFd;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU64, Ordering};

static GENERATION: AtomicU64 = AtomicU64::new(0);

/// How many forks lie between this process and the first that used the library.
#[inline]
pub(crate) fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

/// Sees to it that a fork is noticed, from now on.
pub(crate) fn watch() -> io::Result<()> {
    static IS_WATCHED: AtomicBool = AtomicBool::new(false);
    if IS_WATCHED.load(Ordering::Acquire) {
        return Ok(());
    }
    // Two threads may both get here: a handler that runs twice does no harm.
    // SAFETY: the handler does what is safe in a forked child, and is never
    // unloaded: the library stays loaded, or goes along with its handlers.
    match unsafe { libc::pthread_atfork(None, None, Some(begin_child)) } {
        0 => IS_WATCHED.store(true, Ordering::Release),
        code => return Err(io::Error::from_raw_os_error(code)),
    }
    Ok(())
}

unsafe extern "C" fn begin_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    close_all();
}

/// A descriptor that a forked child doesn't keep: one that is open there would
/// hold a connection that its parent has closed, and could be written to.
pub(crate) struct Own<T: AsRawFd> {
    inner: ManuallyDrop<T>,
    slot: &'static AtomicI32,
    generation: u64,
}

impl<T: AsRawFd> Own<T> {
    pub(crate) fn new(inner: T) -> Self {
        Own {
            slot: note(inner.as_raw_fd()),
            generation: generation(),
            inner: ManuallyDrop::new(inner),
        }
    }

    /// Fails in a child that has inherited it: the number is another's there.
    pub(crate) fn get(&self) -> io::Result<&T> {
        self.check().map(|()| &*self.inner)
    }

    /// Fails as [`get`](Self::get) does.
    pub(crate) fn get_mut(&mut self) -> io::Result<&mut T> {
        self.check().map(|()| &mut *self.inner)
    }

    fn check(&self) -> io::Result<()> {
        match self.generation == generation() {
            true => Ok(()),
            false => Err(io::Error::other("inherited from the parent process")),
        }
    }
}

impl<T: AsRawFd> Drop for Own<T> {
    fn drop(&mut self) {
        if self.generation != generation() {
            return;
        }
        // First: once it is closed the number may be the host's.
        self.slot.store(FREE, Ordering::Release);
        // SAFETY: dropped here alone, and not used afterwards.
        unsafe { ManuallyDrop::drop(&mut self.inner) };
    }
}

const FREE: i32 = -1;
const SLOTS: usize = 128;

/// Descriptors to be closed in a child. Blocks are never given back.
struct Block {
    slots: [AtomicI32; SLOTS],
    next: AtomicPtr<Block>,
}

static OPEN: Block = Block::new();

impl Block {
    const fn new() -> Self {
        Block {
            slots: [const { AtomicI32::new(FREE) }; SLOTS],
            next: AtomicPtr::new(null_mut()),
        }
    }

    fn next(&self) -> Option<&'static Block> {
        // SAFETY: null or from `next_or_new`, and never given back.
        unsafe { self.next.load(Ordering::Acquire).as_ref() }
    }

    fn next_or_new(&self) -> &'static Block {
        if let Some(next) = self.next() {
            return next;
        }
        let new = Box::into_raw(Box::new(Block::new()));
        let set =
            (self.next).compare_exchange(null_mut(), new, Ordering::AcqRel, Ordering::Acquire);
        let next = match set {
            Ok(_) => new,
            Err(other) => {
                // SAFETY: from the box above, and nobody else has seen it.
                drop(unsafe { Box::from_raw(new) });
                other
            }
        };
        // SAFETY: from a box, and never given back.
        unsafe { &*next }
    }
}

fn note(descriptor: i32) -> &'static AtomicI32 {
    let mut block = &OPEN;
    loop {
        let take = |slot: &&AtomicI32| {
            slot.load(Ordering::Relaxed) == FREE
                && slot
                    .compare_exchange(FREE, descriptor, Ordering::AcqRel, Ordering::Relaxed)
                    .is_ok()
        };
        if let Some(slot) = block.slots.iter().find(take) {
            return slot;
        }
        block = block.next_or_new();
    }
}

fn close_all() {
    for block in std::iter::successors(Some(&OPEN), |block| block.next()) {
        for slot in &block.slots {
            let descriptor = slot.swap(FREE, Ordering::AcqRel);
            if descriptor != FREE {
                // SAFETY: a descriptor of ours, which the child has a copy of and
                // which nothing uses there.
                unsafe { libc::close(descriptor) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_descriptors_has_a_slot_each_until_it_is_closed() {
        let pipes: Vec<_> = (0..SLOTS)
            .map(|_| {
                let (reader, writer) = io::pipe().unwrap();
                (Own::new(reader), Own::new(writer))
            })
            .collect();
        let mut slots: Vec<_> = pipes
            .iter()
            .flat_map(|(reader, writer)| [(reader.slot), (writer.slot)])
            .map(std::ptr::from_ref)
            .collect();
        slots.sort_unstable();
        slots.dedup();
        assert_eq!(slots.len(), 2 * SLOTS);
        let number = pipes[0].0.get().unwrap().as_raw_fd();
        assert_eq!(pipes[0].0.slot.load(Ordering::Relaxed), number);
        let slot = pipes[0].0.slot;
        drop(pipes);
        assert_ne!(slot.load(Ordering::Relaxed), number);
    }
}
