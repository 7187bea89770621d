//! The token state machine: records, the pure functions over them, and the
//! flight around both.
//!
//! [`record`] holds raw facts. [`life`] says how old a token is, [`learned`] how
//! old tokens get, [`decide`] what a call gets, [`backoff`] when to try again,
//! [`budget`] how often: pure functions of a record and a time. [`entry`] adds
//! what isn't pure: one flight per key, its worker, its waiters, and the replicas
//! that readers of a fresh token share.

pub(crate) mod backoff;
pub(crate) mod budget;
pub(crate) mod counters;
pub(crate) mod decide;
pub(crate) mod entry;
pub(crate) mod flight;
pub(crate) mod guard;
pub(crate) mod learned;
pub(crate) mod life;
#[cfg(all(test, shuttle))]
mod models;
pub(crate) mod record;
pub(crate) mod refresh;
pub(crate) mod registry;
pub(crate) mod replicas;
pub(crate) mod source;
#[cfg(all(test, not(shuttle)))]
mod tests;
