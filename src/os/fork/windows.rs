//! Windows has no fork.

use std::io;

/// How many forks lie between this process and the first that used the library.
#[inline]
pub(crate) fn generation() -> u64 {
    0
}

/// Sees to it that a fork is noticed, from now on.
pub(crate) fn watch() -> io::Result<()> {
    Ok(())
}

/// A descriptor of this process.
pub(crate) struct Own<T>(T);

impl<T> Own<T> {
    pub(crate) fn new(inner: T) -> Self {
        Own(inner)
    }

    /// Never fails here, nor does the next.
    pub(crate) fn get(&self) -> io::Result<&T> {
        Ok(&self.0)
    }

    pub(crate) fn get_mut(&mut self) -> io::Result<&mut T> {
        Ok(&mut self.0)
    }
}
