//! What the server knows about a client, as `POST /control/clients` says it.
//!
//! Every difference between real authorization servers is a member here, so
//! that a test states the server it needs as one JSON object.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::RwLock;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

/// A registered client.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// Its name; registering it again replaces it.
    pub client_id: String,
    /// Its secret; none for a public client.
    pub client_secret: Option<String>,
    auth: Option<Auth>,
    /// The grants that it may use.
    #[serde(default = "every_grant")]
    pub grants: Vec<Grant>,
    /// The only body format that its token requests may have.
    #[serde(default)]
    pub format: Format,
    /// Standard field name to the name this client must use instead.
    #[serde(default)]
    pub rename: HashMap<String, String>,
    /// Extra fields of each token request; `null` stands for any value.
    #[serde(default)]
    pub require_fields: BTreeMap<String, Option<String>>,
    /// Extra headers of each token request; `null` stands for any value.
    #[serde(default)]
    pub require_headers: BTreeMap<String, Option<String>>,
    /// The user of the password grant.
    pub username: Option<String>,
    /// The user's password.
    pub password: Option<String>,
    /// How long an access token lives, counted from its issue.
    #[serde(default = "one_hour_ms")]
    pub token_life_ms: u64,
    /// What the answer claims instead, verbatim; `"absent"` leaves it out.
    #[serde(default, deserialize_with = "even_null")]
    expires_in: Option<Value>,
    /// The token type; `"absent"` leaves it out.
    #[serde(default = "bearer")]
    token_type: String,
    /// The scopes that may be asked for, and are granted when none is.
    pub scope: Option<String>,
    /// Further members of each successful answer.
    #[serde(default)]
    answer: Map<String, Value>,
    /// What becomes of refresh tokens.
    #[serde(default)]
    pub refresh: Refresh,
    /// A refresh token that is valid from the start.
    pub refresh_seed: Option<String>,
    /// Rotation kills the older access tokens of the family at once.
    #[serde(default)]
    pub revoke_access_on_rotation: bool,
    /// The number of characters of an access token.
    #[serde(default = "token_bytes")]
    pub token_bytes: usize,
    /// A static key for the API.
    pub api_key: Option<String>,
    /// The header that carries the token or key.
    #[serde(default = "authorization", alias = "api_key_header")]
    pub credential_header: String,
    #[serde(alias = "api_key_scheme")]
    credential_scheme: Option<String>,
}

/// How a client proves who it is at the token endpoint.
#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// Basic, id and secret form-encoded (RFC 6749 §2.3.1).
    Basic,
    /// Basic, id and secret as they are.
    BasicRaw,
    /// `client_id` and `client_secret` in the body.
    Body,
    /// `client_id` in the body, no secret.
    None,
}

/// A grant type.
#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// RFC 6749 §4.4.
    ClientCredentials,
    /// RFC 6749 §4.3.
    Password,
    /// RFC 6749 §6.
    RefreshToken,
}

/// The body format of token requests.
#[derive(Clone, Copy, Default, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// `application/x-www-form-urlencoded`.
    #[default]
    Form,
    /// `application/json`.
    Json,
}

/// What becomes of refresh tokens.
#[derive(Clone, Copy, Default, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Refresh {
    /// None is issued.
    #[default]
    None,
    /// One is issued with the first answer and stays valid.
    Fixed,
    /// Each use replaces it; using a replaced one revokes the whole family.
    Rotating,
}

impl Registration {
    /// How this client authenticates: Basic if it has a secret, unless told.
    pub fn auth(&self) -> Auth {
        let default = if self.client_secret.is_some() {
            Auth::Basic
        } else {
            Auth::None
        };
        self.auth.unwrap_or(default)
    }

    /// The name that this client must use for a standard field.
    pub fn field<'a>(&'a self, standard: &'a str) -> &'a str {
        self.rename.get(standard).map_or(standard, String::as_str)
    }

    /// What stands before the credential in its header.
    pub fn credential_scheme(&self) -> &str {
        let default = if self.api_key.is_some() { "" } else { "Bearer" };
        self.credential_scheme.as_deref().unwrap_or(default)
    }

    /// The members of a successful answer that don't depend on the request.
    pub fn answer(&self) -> Map<String, Value> {
        let mut answer = Map::new();
        if self.token_type != "absent" {
            answer.insert("token_type".into(), json!(self.token_type));
        }
        let life = match self.token_life_ms {
            whole if whole % 1000 == 0 => json!(whole / 1000),
            #[expect(clippy::cast_precision_loss, reason = "a life in ms is far below 2^52")]
            fraction => json!(fraction as f64 / 1000.0),
        };
        let expires_in = self.expires_in.clone().unwrap_or(life);
        if expires_in != "absent" {
            answer.insert("expires_in".into(), expires_in);
        }
        answer.extend(self.answer.clone());
        answer
    }
}

/// Every client by its id.
pub struct Registry {
    clients: RwLock<HashMap<String, Entry>>,
    /// Kept apart, because every API request asks for them.
    credential_headers: RwLock<Vec<String>>,
}

struct Entry {
    /// As it was told, so that single members can be changed later.
    told: Map<String, Value>,
    client: Arc<Registration>,
}

impl Registry {
    /// A registry without clients.
    pub fn new() -> Registry {
        Registry {
            clients: RwLock::default(),
            credential_headers: RwLock::new(vec![authorization()]),
        }
    }

    /// Registers or replaces a client.
    pub fn register(&self, told: Map<String, Value>) -> Result<Arc<Registration>, String> {
        let client = serde_json::from_value::<Registration>(Value::Object(told.clone()));
        let client = Arc::new(client.map_err(|error| error.to_string())?);
        if !self.is_credential_header(&client.credential_header) {
            self.credential_headers
                .write()
                .push(client.credential_header.clone());
        }
        let entry = Entry {
            told,
            client: Arc::clone(&client),
        };
        self.clients.write().insert(client.client_id.clone(), entry);
        Ok(client)
    }

    /// Changes the given members of a client and leaves the others.
    pub fn change(&self, members: Map<String, Value>) -> Result<Arc<Registration>, String> {
        let client_id = members
            .get("client_id")
            .and_then(Value::as_str)
            .ok_or("client_id is missing")?;
        let told = self
            .clients
            .read()
            .get(client_id)
            .map(|entry| entry.told.clone());
        let mut told = told.ok_or_else(|| format!("there is no client {client_id}"))?;
        told.extend(members);
        self.register(told)
    }

    /// The client of this id.
    pub fn client(&self, client_id: &str) -> Option<Arc<Registration>> {
        self.clients
            .read()
            .get(client_id)
            .map(|entry| Arc::clone(&entry.client))
    }

    /// Some client for which this holds.
    pub fn find(&self, holds: impl Fn(&Registration) -> bool) -> Option<Arc<Registration>> {
        let clients = self.clients.read();
        clients
            .values()
            .find(|entry| holds(&entry.client))
            .map(|entry| Arc::clone(&entry.client))
    }

    /// Some client carries its credential in a header of this name.
    pub fn is_credential_header(&self, name: &str) -> bool {
        self.credential_headers
            .read()
            .iter()
            .any(|header| header.eq_ignore_ascii_case(name))
    }
}

/// Keeps a `null` that is there apart from a member that is not.
fn even_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn every_grant() -> Vec<Grant> {
    vec![
        Grant::ClientCredentials,
        Grant::Password,
        Grant::RefreshToken,
    ]
}

fn one_hour_ms() -> u64 {
    3_600_000
}

fn bearer() -> String {
    "Bearer".into()
}

fn authorization() -> String {
    "Authorization".into()
}

fn token_bytes() -> usize {
    128
}
