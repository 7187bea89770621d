//! What every emulation can be told, whatever its vendor.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// How a system treats its account.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Conduct {
    /// The account is disabled.
    pub disabled: bool,
    /// Paths; a request below one of them gets a 403.
    pub forbidden: Vec<String>,
    /// The life of the tokens that are issued from now on.
    pub token_life_ms: Option<u64>,
    /// What is claimed instead of that life, in seconds.
    pub expires_in: Option<u64>,
}

/// What is done once.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Actions {
    /// Moves the clock on.
    pub advance_ms: u64,
    /// Kills every access token.
    pub expire_tokens: bool,
    /// Kills every refresh token.
    pub expire_refresh_tokens: bool,
}

impl Conduct {
    /// Takes these members out of `members`, and leaves the vendor's own.
    pub fn take(members: &mut Map<String, Value>) -> Result<Conduct, String> {
        take(
            members,
            &["disabled", "forbidden", "token_life_ms", "expires_in"],
        )
    }

    /// A member is set that only tokens can have.
    pub fn is_about_tokens(&self) -> bool {
        self.token_life_ms.or(self.expires_in).is_some()
    }
}

impl Actions {
    /// Takes these members out of `members`.
    pub fn take(members: &mut Map<String, Value>) -> Result<Actions, String> {
        take(
            members,
            &["advance_ms", "expire_tokens", "expire_refresh_tokens"],
        )
    }

    /// Something would be done to tokens.
    pub fn is_about_tokens(&self) -> bool {
        self.advance_ms > 0 || self.expire_tokens || self.expire_refresh_tokens
    }
}

/// Reads settings that must have no unknown member.
pub fn read<T: DeserializeOwned>(members: Map<String, Value>) -> Result<T, String> {
    serde_json::from_value(Value::Object(members)).map_err(|error| error.to_string())
}

fn take<T: DeserializeOwned>(
    members: &mut Map<String, Value>,
    names: &[&str],
) -> Result<T, String> {
    let taken = names.iter().filter_map(|name| members.remove_entry(*name));
    read(taken.collect())
}
