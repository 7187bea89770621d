//! The locks of the rest of the crate, and what a model takes in its hand beside
//! them: named here alone.
//!
//! `system` is what programs get. With `--cfg shuttle` the same code stands on
//! `model`, where a scheduler that can repeat itself decides who runs next; see
//! `cache/models`.

#[cfg_attr(not(shuttle), path = "sync/system.rs")]
#[cfg_attr(shuttle, path = "sync/model.rs")]
mod locks;

pub(crate) use locks::*;
