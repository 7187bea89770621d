//! What the rest of the crate works with: every value present, parsed and in
//! agreement with the others.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::secret_source::SecretSource;
use super::value::Generator;
use crate::url::Url;

/// A configuration that cannot be invalid. No `Debug`: it holds secrets.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// What messages call this credential: the profile's name or a host.
    pub(crate) label: String,
    pub(crate) grant: GrantKind,
    pub(crate) base_url: Option<Url>,
    pub(crate) allowed_urls: Vec<Url>,
    /// There unless the grant is an API key.
    pub(crate) token_endpoint: Option<Url>,
    pub(crate) client_id: Option<String>,
    pub(crate) client_secret: Option<SecretSource>,
    pub(crate) client_auth: ClientAuth,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<SecretSource>,
    pub(crate) refresh_token: Option<SecretSource>,
    pub(crate) on_unknown_outcome: OnUnknownOutcome,
    pub(crate) api_key: Option<SecretSource>,
    /// Words with single spaces, in the order given; never empty.
    pub(crate) scope: Option<String>,
    pub(crate) token_request: TokenRequestSettings,
    /// From members of the standard to where the server has them.
    pub(crate) token_answer: BTreeMap<String, String>,
    /// In the order of their names, of which no two differ only in case.
    pub(crate) request_headers: Vec<(String, HeaderSource)>,
    pub(crate) user_agent: String,
    pub(crate) credential: CredentialSettings,
    pub(crate) lifetime: Lifetime,
    pub(crate) renew_on: Vec<u16>,
    pub(crate) timeouts: Timeouts,
    pub(crate) max_response_bytes: u64,
    pub(crate) tls_ca_file: Option<PathBuf>,
    pub(crate) danger_allow_http: bool,
    /// Where each value came from, for an explanation.
    pub(crate) origins: Vec<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GrantKind {
    ClientCredentials,
    Password,
    RefreshToken,
    ApiKey,
}

/// What becomes of a refresh token when the outcome of spending it is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnUnknownOutcome {
    /// It is sent once more, and never a third time.
    Retry,
    /// It is not sent again: the first grant is spent, or a person signs in.
    Abandon,
}

/// How the client proves who it is at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientAuth {
    /// HTTP Basic of the form-encoded id and secret (RFC 6749 §2.3.1).
    Basic,
    /// HTTP Basic of the id and secret as they are.
    BasicRaw,
    Body,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Form,
    Json,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct TokenRequestSettings {
    pub(crate) format: Format,
    /// In the order of their names.
    pub(crate) fields: Vec<(String, SecretSource)>,
    /// In the order of their names, of which no two differ only in case.
    pub(crate) headers: Vec<(String, SecretSource)>,
    /// From names of the standard to names of the server.
    pub(crate) rename: BTreeMap<String, String>,
}

/// The value of a header of each request.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum HeaderSource {
    Read(SecretSource),
    Made(Generator),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CredentialSettings {
    pub(crate) header: String,
    /// Empty: the token or the key stands alone.
    pub(crate) scheme: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifetime {
    pub(crate) default_ms: i64,
    pub(crate) max_ms: i64,
    pub(crate) refresh_before_ms: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeouts {
    pub(crate) connect: Duration,
    pub(crate) token_request: Duration,
    pub(crate) total: Duration,
}
