//! Gets an OAuth 2.0 access token, keeps it, renews it, and sends authenticated
//! HTTP requests with it: once, for every thread that needs it.
//!
//! Blocking and thread-safe. [`Config`] says where the credential comes from,
//! [`Client`] is the credential at work. The same library has a C ABI (feature
//! `capi`, header `include/authkeep.h`), on which the bindings of other
//! languages stand.
//!
//! ```no_run
//! use authkeep::{Call, Client, Config};
//! let mut config = Config::new();
//! config
//!     .set("base_url", "https://api.example/v1")?
//!     .set("token_endpoint", "https://id.example/oauth/token")?
//!     .set("client_id", "robot")?
//!     .set("client_secret.env", "ROBOT_SECRET")?;
//! let client = Client::new(&config)?;
//! println!("{}", client.get("/orders", &Call::new())?.status());
//! # Ok::<(), authkeep::Error>(())
//! ```
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")
)]

mod cache;
mod call;
mod client;
mod config;
mod error;
#[cfg(feature = "capi")]
#[allow(missing_docs, reason = "cbindgen turns these docs into the header")]
mod ffi;
mod grant;
mod json;
mod log;
mod os;
mod provider;
mod request;
mod response;
mod secret;
mod sync;
mod token;
mod transport;
mod url;

pub use cache::counters::Counters;
pub use call::Call;
pub use client::Client;
pub use config::{Config, config_reference};
pub use error::{Error, Result, Status};
pub use log::LogLevel;
pub use os::clock::{Clock, ManualClock};
pub use provider::{Need, Provider};
pub use request::Request;
pub use response::Response;
pub use token::Token;
