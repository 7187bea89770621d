//! What the test programs share.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "each program uses a part of it, and a panic is how a test fails"
)]

pub mod cargo;
pub mod clients;
pub mod compiler;
pub mod dotnet;
pub mod drivers;
pub mod languages;
pub mod library;
pub mod mistakes;
pub mod page;
pub mod powershell;
pub mod programs;
pub mod proxy;
pub mod python;
pub mod raw;
pub mod require;
pub mod server;
pub mod shell;
pub mod snippet;
pub mod target;
pub mod tls;
pub mod vendors;
