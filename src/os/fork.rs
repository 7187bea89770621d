//! What a fork leaves to the child.
//!
//! A child has one thread and a copy of the memory: locks that are held by
//! threads which it doesn't have, and connections that its parent goes on to use.
//! So it takes no lock that it has inherited, but makes anew what the lock
//! guarded ([`Local`]), and it has no descriptor of its parent's ([`Own`]). What
//! it has inherited is never dropped.

#[cfg_attr(unix, path = "fork/unix.rs")]
#[cfg_attr(windows, path = "fork/windows.rs")]
mod system;

mod local;
mod once;

pub(crate) use local::Local;
pub(crate) use once::Once;
pub(crate) use system::{Own, generation, watch};
