//! The token request (RFC 6749 §4.3.2, §4.4.2, §6), as the server wants it.

use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::cache::refresh::Step;
use crate::call::Call;
use crate::config::{ClientAuth, Format, GrantKind, SecretSource, Settings};
use crate::error::{Error, Result, Status};
use crate::secret::Secret;
use crate::transport::HttpRequest;
use crate::url::{Url, form_encode};

/// The secrets of one token request, read for it.
pub(crate) struct Credentials {
    pub(crate) client_secret: Option<Secret>,
    pub(crate) password: Option<Secret>,
    /// In the order of the settings.
    pub(crate) fields: Vec<Secret>,
    pub(crate) headers: Vec<Secret>,
}

impl Credentials {
    /// Blocks as [`SecretSource::read`] does.
    pub(crate) fn read(settings: &Settings, call: &Call, deadline: Instant) -> Result<Self> {
        let all = |sources: &[(String, SecretSource)]| -> Result<Vec<Secret>> {
            let read = |(_, source): &(String, SecretSource)| source.read(call, deadline);
            sources.iter().map(read).collect()
        };
        let one = |source: &Option<SecretSource>| -> Result<Option<Secret>> {
            let read = |source: &SecretSource| source.read(call, deadline);
            source.as_ref().map(read).transpose()
        };
        Ok(Credentials {
            client_secret: one(&settings.client_secret)?,
            password: one(&settings.password)?,
            fields: all(&settings.token_request.fields)?,
            headers: all(&settings.token_request.headers)?,
        })
    }

    /// What may never appear in a message.
    pub(crate) fn secrets(&self) -> Vec<&Secret> {
        self.client_secret
            .iter()
            .chain(&self.password)
            .chain(&self.fields)
            .chain(&self.headers)
            .collect()
    }
}

/// Builds the request that spends `step`.
pub(crate) fn token_request(
    settings: &Settings,
    endpoint: &Url,
    credentials: &Credentials,
    step: &Step,
) -> Result<HttpRequest<'static>> {
    let mut fields = Fields::new(settings);
    match step {
        Step::Refresh(refresh_token) => {
            fields.add("grant_type", "refresh_token");
            fields.add("refresh_token", refresh_token.expose());
        }
        Step::FirstGrant if settings.grant == GrantKind::Password => {
            fields.add("grant_type", "password");
            fields.add_optional("username", settings.username.as_deref());
            fields.add_optional(
                "password",
                credentials.password.as_ref().map(Secret::expose),
            );
        }
        Step::FirstGrant | Step::SignIn => fields.add("grant_type", "client_credentials"),
    }
    // A refresh keeps the scope of the grant (RFC 6749 §6); only one that the
    // config begins with may narrow it.
    if !matches!(step, Step::Refresh(_)) || settings.grant == GrantKind::RefreshToken {
        fields.add_optional("scope", settings.scope.as_deref());
    }
    let mut headers = Vec::new();
    authenticate(settings, credentials, &mut fields, &mut headers)?;
    for ((name, _), value) in settings
        .token_request
        .fields
        .iter()
        .zip(&credentials.fields)
    {
        fields.replace(name, value.expose());
    }
    let (content_type, body) = fields.encode(settings.token_request.format);
    headers.push(("Content-Type".into(), content_type.into()));
    headers.push(("Accept".into(), "application/json".into()));
    for ((name, _), value) in settings
        .token_request
        .headers
        .iter()
        .zip(&credentials.headers)
    {
        headers.retain(|(known, _): &(String, String)| !known.eq_ignore_ascii_case(name));
        headers.push((name.clone(), value.expose().to_owned()));
    }
    Ok(HttpRequest {
        method: "POST".into(),
        url: endpoint.clone(),
        headers,
        body: Some(body.into()),
    })
}

/// Exactly one way of client authentication (RFC 6749 §2.3).
fn authenticate(
    settings: &Settings,
    credentials: &Credentials,
    fields: &mut Fields,
    headers: &mut Vec<(String, String)>,
) -> Result<()> {
    let id = settings.client_id.as_deref();
    let secret = credentials.client_secret.as_ref().map(Secret::expose);
    match settings.client_auth {
        ClientAuth::Basic | ClientAuth::BasicRaw => {
            let has_colon = id.is_some_and(|id| id.contains(':'));
            if settings.client_auth == ClientAuth::BasicRaw && has_colon {
                return Err(Error::new(
                    Status::InvalidConfig,
                    "config.invalid_value",
                    "\"client_id\" has a colon, which client_auth \"basic_raw\" can't carry; use \
                     \"basic\"",
                ));
            }
            if let Some(basic) = basic(settings, credentials) {
                let value = format!("Basic {}", basic.expose());
                headers.push(("Authorization".into(), value));
            }
        }
        ClientAuth::Body => {
            fields.add_optional("client_id", id);
            fields.add_optional("client_secret", secret);
        }
        ClientAuth::None => fields.add_optional("client_id", id),
    }
    Ok(())
}

/// What follows `Basic` in the header, where the client authenticates by it.
/// A server that echoes it echoes the secret.
pub(crate) fn basic(settings: &Settings, credentials: &Credentials) -> Option<Secret> {
    let encode: fn(&str) -> String = match settings.client_auth {
        ClientAuth::Basic => form_encode,
        ClientAuth::BasicRaw => str::to_owned,
        ClientAuth::Body | ClientAuth::None => return None,
    };
    let id = settings.client_id.as_deref().unwrap_or_default();
    let secret = credentials.client_secret.as_ref().map(Secret::expose);
    let secret = Zeroizing::new(encode(secret.unwrap_or_default()));
    let pair = Zeroizing::new(format!("{}:{}", encode(id), *secret));
    Some(Secret::new(STANDARD.encode(pair.as_bytes())))
}

/// The fields of a request body, under the names that the server knows.
struct Fields<'a> {
    settings: &'a Settings,
    pairs: Vec<(String, Zeroizing<String>)>,
}

impl<'a> Fields<'a> {
    fn new(settings: &'a Settings) -> Self {
        Fields {
            settings,
            pairs: Vec::new(),
        }
    }

    fn add(&mut self, name: &str, value: &str) {
        let renamed = self.settings.token_request.rename.get(name);
        let name = renamed.map_or(name, String::as_str);
        self.pairs
            .push((name.to_owned(), Zeroizing::new(value.to_owned())));
    }

    /// A field without a value counts as absent (RFC 6749 §3.2): not sent.
    fn add_optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    /// An extra field wins over a standard one: no field is sent twice.
    fn replace(&mut self, name: &str, value: &str) {
        self.pairs.retain(|(known, _)| known != name);
        self.pairs
            .push((name.to_owned(), Zeroizing::new(value.to_owned())));
    }

    fn encode(self, format: Format) -> (&'static str, Vec<u8>) {
        match format {
            Format::Form => {
                let pairs: Vec<String> = self
                    .pairs
                    .iter()
                    .map(|(name, value)| format!("{}={}", form_encode(name), form_encode(value)))
                    .collect();
                (
                    "application/x-www-form-urlencoded",
                    pairs.join("&").into_bytes(),
                )
            }
            Format::Json => {
                let members: Map<String, Value> = self
                    .pairs
                    .iter()
                    .map(|(name, value)| (name.clone(), Value::String(value.to_string())))
                    .collect();
                (
                    "application/json",
                    Value::Object(members).to_string().into_bytes(),
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn sent(config: &[(&str, &str)], step: &Step) -> HttpRequest<'static> {
        let mut layers = Config::new();
        layers
            .set("token_endpoint", "https://id.example/token")
            .unwrap();
        for (key, value) in config {
            layers.set(key, value).unwrap();
        }
        let settings = layers.resolve().unwrap();
        let endpoint = settings.token_endpoint.clone().unwrap();
        let credentials = Credentials::read(&settings, &Call::new(), Instant::now()).unwrap();
        token_request(&settings, &endpoint, &credentials, step).unwrap()
    }

    fn body<'a>(request: &'a HttpRequest) -> &'a str {
        std::str::from_utf8(request.body.as_deref().unwrap()).unwrap()
    }

    fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
        let found = request.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    fn basic(request: &HttpRequest) -> String {
        let value = header(request, "Authorization").unwrap();
        let bytes = STANDARD
            .decode(value.strip_prefix("Basic ").unwrap())
            .unwrap();
        String::from_utf8(bytes).unwrap()
    }

    const ID: (&str, &str) = ("client_id", "a:b c");
    const SECRET: (&str, &str) = ("client_secret", "p+q/é=&");

    #[test]
    fn basic_credentials_are_form_encoded_and_stay_out_of_the_body() {
        let request = sent(&[ID, SECRET], &Step::FirstGrant);
        assert_eq!(basic(&request), "a%3Ab+c:p%2Bq%2F%C3%A9%3D%26");
        assert_eq!(body(&request), "grant_type=client_credentials");
    }

    #[test]
    fn raw_basic_credentials_are_sent_as_they_are() {
        let raw = ("client_auth", "basic_raw");
        let request = sent(&[("client_id", "ab"), SECRET, raw], &Step::FirstGrant);
        assert_eq!(basic(&request), "ab:p+q/é=&");
    }

    #[test]
    fn credentials_in_the_body_leave_no_header() {
        let request = sent(&[ID, SECRET, ("client_auth", "body")], &Step::FirstGrant);
        assert_eq!(header(&request, "Authorization"), None);
        assert_eq!(
            body(&request),
            "grant_type=client_credentials&client_id=a%3Ab+c&client_secret=p%2Bq%2F%C3%A9%3D%26"
        );
    }

    #[test]
    fn a_public_client_names_itself_in_the_body() {
        let user = [
            ("client_id", "app"),
            ("grant", "password"),
            ("username", "me"),
            ("password", "pw"),
        ];
        let request = sent(&user, &Step::FirstGrant);
        assert_eq!(
            body(&request),
            "grant_type=password&username=me&password=pw&client_id=app"
        );
    }

    #[test]
    fn a_json_body_with_renamed_and_extra_fields() {
        let shop = [
            ("client_id", "administration"),
            ("grant", "password"),
            ("username", "me"),
            ("password", "p\"w"),
            ("token_request.format", "json"),
            ("token_request.rename.username", "UserName"),
            ("token_request.fields.audience", "api"),
            ("token_request.headers.X-Tenant", "t1"),
            ("scope", "write"),
        ];
        let request = sent(&shop, &Step::FirstGrant);
        let sent: Value = serde_json::from_str(body(&request)).unwrap();
        assert_eq!(
            sent,
            serde_json::json!({"grant_type": "password", "UserName": "me", "password": "p\"w",
                "scope": "write", "client_id": "administration", "audience": "api"})
        );
        assert_eq!(header(&request, "Content-Type"), Some("application/json"));
        assert_eq!(header(&request, "X-Tenant"), Some("t1"));
    }

    #[test]
    fn a_refresh_sends_the_refresh_token_and_neither_password_nor_scope() {
        let user = [
            ("client_id", "app"),
            ("grant", "password"),
            ("username", "me"),
            ("password", "pw"),
            ("scope", "write"),
        ];
        let request = sent(&user, &Step::Refresh(Secret::new("r+1")));
        assert_eq!(
            body(&request),
            "grant_type=refresh_token&refresh_token=r%2B1&client_id=app"
        );
        let seeded = [
            ("client_id", "app"),
            ("grant", "refresh_token"),
            ("refresh_token", "r"),
            ("scope", "read"),
        ];
        let request = sent(&seeded, &Step::Refresh(Secret::new("r")));
        assert_eq!(
            body(&request),
            "grant_type=refresh_token&refresh_token=r&scope=read&client_id=app"
        );
    }
}
