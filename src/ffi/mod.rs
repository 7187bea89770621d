//! The C ABI, one file per noun in header order.
//!
//! Every function is a plain `extern "C" fn` with its whole documentation, so
//! that cbindgen sees it; the body runs inside [`guard`], which turns a panic
//! into a status. Pointers are handled in [`ptr`] alone. A type's owner is a
//! fact of its file: config, request, response and error are boxes, call and
//! token are shared, a client is counted by those who use it.
//!
//! What comes in is copied before a function returns. What goes out through
//! `out_x` is the caller's, and is NULL on failure. `const` is the promise that
//! any number of threads may pass the same handle at once.
#![allow(non_camel_case_types, reason = "the names are those of the header")]

mod allocator;
mod guard;
mod ptr;

// In header order; the empty lines keep rustfmt from sorting them.
mod version;

mod status;

mod log;

mod provider;

mod config;

mod handle;

mod client;

mod call;

mod token;

mod request;

mod response;

mod explanation;

mod error;
