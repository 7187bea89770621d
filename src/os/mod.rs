//! What differs by operating system. The only place for `unsafe` but `ffi/`.

pub(crate) mod clock;
pub(crate) mod command;
pub(crate) mod dirs;
pub(crate) mod environment;
pub(crate) mod poll;
mod signal;
pub(crate) mod thread;
pub(crate) mod wake;
