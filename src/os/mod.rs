//! What differs by operating system. The only place for `unsafe` but `ffi/`.
//!
//! A module of one name serves both; `x/unix.rs` and `x/windows.rs` are its
//! halves where they have little in common.

pub(crate) mod clock;
pub(crate) mod command;
pub(crate) mod dirs;
pub(crate) mod environment;
pub(crate) mod fork;
#[cfg(all(windows, feature = "capi"))]
pub(crate) mod loaded;
pub(crate) mod poll;
#[cfg(unix)]
mod signals;
pub(crate) mod thread;
pub(crate) mod wake;
