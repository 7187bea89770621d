//! The C ABI as C and C++ programs see it: those of `tests/c`, compiled with
//! every warning an error, against the built library and the test server.
//!
//! The programs check; here they get their server, and what they measure is
//! said.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod dll;
mod header;
mod host;
mod in_and_out;
mod threads;

use support::programs::{CANARY, config_of, registered, with};
