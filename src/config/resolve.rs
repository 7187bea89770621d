//! From merged layers to [`Settings`]: defaults filled in, and what only the
//! keys together can tell checked.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::layer::{Entry, Layer};
use super::origins::origins;
use super::profile::Profile;
use super::schema::{self, Default, Kind};
use super::secret_source::{SecretOrigin, SecretSource};
use super::settings::{
    ClientAuth, CredentialSettings, Format, GrantKind, HeaderSource, Lifetime, OnUnknownOutcome,
    Settings, Timeouts, TokenRequestSettings,
};
use super::source::{Source, one_line};
use super::value::{self, Setting};
use crate::error::{Error, Result, Status};
use crate::os::environment::Environment;
use crate::provider::Provider;
use crate::url::Url;

/// `merged` is every layer but the defaults.
pub(crate) fn resolve(
    merged: &Layer,
    profile: Option<&Profile>,
    provider: Option<&Provider>,
    environment: &Environment,
) -> Result<Settings> {
    let program = Source::program();
    let keys = Merged {
        layer: merged,
        place: profile.map_or(&program, |profile| &profile.source),
        provider,
        environment,
    };
    let (grant_name, grant) = keys.grant();
    keys.check_provider(&grant_name)?;
    keys.require(&format!("grant \"{grant_name}\""), needs(grant))?;
    let base_url = keys.url("base_url");
    let token_endpoint = keys.endpoint(base_url.as_ref())?;
    let allowed_urls = match keys.setting("allowed_urls") {
        Some(Setting::Urls(urls)) => urls,
        _ => Vec::new(),
    };
    let label = match (profile, provider) {
        (Some(profile), _) => profile.name.clone(),
        (None, Some(provider)) => provider.name().to_owned(),
        (None, None) => {
            let url = token_endpoint.as_ref().or(base_url.as_ref());
            url.map_or("authkeep", Url::host).to_owned()
        }
    };
    let scheme = match (keys.text("credential.scheme"), grant) {
        (Some(scheme), _) => scheme,
        (None, GrantKind::ApiKey) => String::new(),
        (None, _) => "Bearer".to_owned(),
    };
    let settings = Settings {
        label,
        grant,
        base_url,
        allowed_urls,
        token_endpoint,
        client_id: keys.text("client_id"),
        client_secret: keys.secret("client_secret"),
        client_auth: keys.client_auth(grant)?,
        username: keys.text("username"),
        password: keys.secret("password"),
        refresh_token: keys.secret("refresh_token"),
        on_unknown_outcome: match keys.text("on_unknown_outcome").as_deref() {
            Some("retry") => OnUnknownOutcome::Retry,
            Some(_) => OnUnknownOutcome::Abandon,
            // With a password at hand there is nothing to gamble for.
            None if grant == GrantKind::Password => OnUnknownOutcome::Abandon,
            None => OnUnknownOutcome::Retry,
        },
        api_key: keys.secret("api_key"),
        scope: keys.text("scope").filter(|scope| !scope.is_empty()),
        token_request: TokenRequestSettings {
            format: match keys.text("token_request.format").as_deref() {
                Some("json") => Format::Json,
                _ => Format::Form,
            },
            fields: keys.secrets("token_request.fields"),
            headers: keys.secrets("token_request.headers"),
            rename: keys.renames("token_request.rename"),
        },
        token_answer: keys.renames("token_answer.rename"),
        request_headers: keys.request_headers(),
        user_agent: keys
            .text("user_agent")
            .unwrap_or_else(|| concat!("authkeep/", env!("CARGO_PKG_VERSION")).to_owned()),
        credential: CredentialSettings {
            header: keys.text("credential.header").unwrap_or_default(),
            scheme,
        },
        lifetime: Lifetime {
            default_ms: keys.integer("lifetime.default_s") * 1000,
            max_ms: keys.integer("lifetime.max_s") * 1000,
            refresh_before_ms: keys.integer("lifetime.refresh_before_s") * 1000,
        },
        renew_on: match keys.setting("renew_on") {
            Some(Setting::Codes(codes)) => codes,
            _ => Vec::new(),
        },
        timeouts: Timeouts {
            connect: keys.milliseconds("timeouts.connect_ms"),
            token_request: keys.milliseconds("timeouts.token_request_ms"),
            total: keys.milliseconds("timeouts.total_ms"),
        },
        max_response_bytes: keys.integer("max_response_bytes").unsigned_abs(),
        tls_ca_file: match keys.setting("tls.ca_file") {
            Some(Setting::Path(path)) => Some(path),
            _ => None,
        },
        danger_allow_http: matches!(keys.setting("danger_allow_http"), Some(Setting::Bool(true))),
        origins: origins(merged),
    };
    keys.check_pairs(&settings)?;
    keys.check_schemes(&settings)?;
    Ok(settings)
}

fn needs(grant: GrantKind) -> &'static [&'static str] {
    match grant {
        GrantKind::ClientCredentials => &["token_endpoint"],
        GrantKind::Password => &["token_endpoint", "username", "password"],
        GrantKind::RefreshToken => &["token_endpoint", "refresh_token"],
        GrantKind::ApiKey => &["api_key"],
    }
}

struct Merged<'a> {
    layer: &'a Layer,
    /// Where a missing key would be expected.
    place: &'a Source,
    provider: Option<&'a Provider>,
    environment: &'a Environment,
}

impl Merged<'_> {
    /// The value of a layer, or the default.
    fn setting(&self, key: &str) -> Option<Setting> {
        let given = self.layer.get(key).and_then(|entry| entry.setting.clone());
        given.or_else(|| default(schema::find(key)?))
    }

    fn text(&self, key: &str) -> Option<String> {
        match self.setting(key) {
            Some(Setting::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn integer(&self, key: &str) -> i64 {
        match self.setting(key) {
            Some(Setting::Integer(value)) => value,
            _ => 0,
        }
    }

    fn milliseconds(&self, key: &str) -> Duration {
        Duration::from_millis(self.integer(key).unsigned_abs())
    }

    fn secret(&self, key: &str) -> Option<SecretSource> {
        let known = schema::find(key)?;
        self.secret_of(key.to_owned(), known.kind, self.layer.get(key)?)
    }

    fn secrets(&self, map: &str) -> Vec<(String, SecretSource)> {
        let kind = schema::find(map).map_or(Kind::Text, |known| known.kind.entry());
        let secrets = self.layer.entries_of(map).filter_map(|(name, entry)| {
            let secret = self.secret_of(format!("{map}.{name}"), kind, entry)?;
            Some((name.to_owned(), secret))
        });
        secrets.collect()
    }

    fn secret_of(&self, key: String, kind: Kind, entry: &Entry) -> Option<SecretSource> {
        let Some(Setting::Secret(origin)) = &entry.setting else {
            return None;
        };
        Some(SecretSource {
            key,
            in_header: matches!(kind, Kind::Secret { in_header: true }),
            origin: origin.clone(),
            // No more of it than is needed: it may hold other secrets.
            environment: match origin {
                SecretOrigin::Env { name } => self.environment.only(name),
                SecretOrigin::Command { .. } => self.environment.clone(),
                SecretOrigin::Value(_) | SecretOrigin::File { .. } => Environment::default(),
            },
        })
    }

    fn request_headers(&self) -> Vec<(String, HeaderSource)> {
        let map = "request.headers";
        let headers = self.layer.entries_of(map).filter_map(|(name, entry)| {
            let source = match &entry.setting {
                Some(Setting::Generated(generator)) => HeaderSource::Made(*generator),
                _ => {
                    let kind = Kind::Secret { in_header: true };
                    HeaderSource::Read(self.secret_of(format!("{map}.{name}"), kind, entry)?)
                }
            };
            Some((name.to_owned(), source))
        });
        headers.collect()
    }

    fn renames(&self, map: &str) -> BTreeMap<String, String> {
        let entries = self.layer.entries_of(map);
        let renames = entries.filter_map(|(name, entry)| match &entry.setting {
            Some(Setting::Text(text)) => Some((name.to_owned(), text.clone())),
            _ => None,
        });
        renames.collect()
    }

    fn grant(&self) -> (String, GrantKind) {
        let name = self.text("grant").unwrap_or_default();
        let grant = match name.as_str() {
            "password" => GrantKind::Password,
            "refresh_token" => GrantKind::RefreshToken,
            "api_key" => GrantKind::ApiKey,
            _ => GrantKind::ClientCredentials,
        };
        (name, grant)
    }

    fn url(&self, key: &str) -> Option<Url> {
        match self.setting(key) {
            Some(Setting::Url(url)) => Some(url),
            _ => None,
        }
    }

    fn endpoint(&self, base_url: Option<&Url>) -> Result<Option<Url>> {
        let Some(Setting::Text(path)) = self.setting("token_endpoint") else {
            return Ok(self.url("token_endpoint"));
        };
        let Some(base_url) = base_url else {
            return Err(self.missing("base_url", "\"token_endpoint\" as a path"));
        };
        let joined = base_url.join_origin(&path);
        joined.map(Some).map_err(|why| {
            let message = format!("\"token_endpoint\" {why}");
            self.source("token_endpoint")
                .error("config.invalid_value", message)
        })
    }

    fn client_auth(&self, grant: GrantKind) -> Result<ClientAuth> {
        let given = self.text("client_auth");
        let has_secret = self.has("client_secret");
        let name = match given.as_deref() {
            // The grant has no token request to prove anything in.
            None if grant == GrantKind::ApiKey => return Ok(ClientAuth::None),
            None if grant == GrantKind::ClientCredentials => {
                self.require(
                    "grant \"client_credentials\"",
                    &["client_id", "client_secret"],
                )?;
                "basic"
            }
            None if has_secret => "basic",
            None => "none",
            Some(name) => name,
        };
        let auth = match name {
            "basic" => ClientAuth::Basic,
            "basic_raw" => ClientAuth::BasicRaw,
            "body" => ClientAuth::Body,
            _ if has_secret => {
                let why =
                    "\"client_secret\" is not sent with client_auth \"none\"; remove one of them";
                return Err(self.source("client_secret").error("config.conflict", why));
            }
            _ => return Ok(ClientAuth::None),
        };
        self.require(
            &format!("client_auth \"{name}\""),
            &["client_id", "client_secret"],
        )?;
        Ok(auth)
    }

    fn check_pairs(&self, settings: &Settings) -> Result<()> {
        match (&settings.username, &settings.password) {
            (None, Some(_)) => return Err(self.missing("username", "\"password\"")),
            (Some(_), None) => return Err(self.missing("password", "\"username\"")),
            _ => {}
        }
        let basic = matches!(
            settings.client_auth,
            ClientAuth::Basic | ClientAuth::BasicRaw
        );
        let of_tokens = settings.token_request.headers.iter().map(|(name, _)| name);
        self.check_headers("token_request.headers", of_tokens, |name| {
            let taken = basic && name.eq_ignore_ascii_case("authorization");
            taken.then_some("is also what \"client_auth\" sets; choose another \"client_auth\"")
        })?;
        let of_requests = settings.request_headers.iter().map(|(name, _)| name);
        self.check_headers("request.headers", of_requests, |name| {
            let taken = name.eq_ignore_ascii_case(&settings.credential.header);
            taken.then_some("carries the credential; see \"credential.header\"")
        })
    }

    /// `taken`: why a header may not be set here.
    fn check_headers<'n>(
        &self,
        map: &str,
        names: impl Iterator<Item = &'n String>,
        taken: impl Fn(&str) -> Option<&'static str>,
    ) -> Result<()> {
        let mut seen: Vec<String> = Vec::new();
        for name in names {
            let lower = name.to_ascii_lowercase();
            let twice = seen
                .contains(&lower)
                .then_some("is there twice, in other letters");
            if let Some(why) = taken(name).or(twice) {
                let key = format!("{map}.{name}");
                let message = format!("\"{key}\" {why}");
                return Err(self.source(&key).error("config.conflict", message));
            }
            seen.push(lower);
        }
        Ok(())
    }

    /// Credentials travel over https, or stay on this machine.
    fn check_schemes(&self, settings: &Settings) -> Result<()> {
        if settings.danger_allow_http {
            return Ok(());
        }
        let allowed = settings
            .allowed_urls
            .iter()
            .map(|url| ("allowed_urls", url));
        let base = settings.base_url.iter().map(|url| ("base_url", url));
        let endpoint = settings
            .token_endpoint
            .iter()
            .map(|url| ("token_endpoint", url));
        for (key, url) in base.chain(endpoint).chain(allowed) {
            if !url.is_https() && !url.is_loopback() {
                let message = format!(
                    "\"{key}\" is http, where anyone on the way can read the credential; use \
                     https, or set \"danger_allow_http\" to true"
                );
                let code = "config.http_not_allowed";
                return Err(self.source(key).error_of(Status::NotAllowed, code, message));
            }
        }
        Ok(())
    }

    fn require(&self, who: &str, keys: &[&str]) -> Result<()> {
        match keys.iter().find(|key| !self.has(key)) {
            Some(key) => Err(self.missing(key, who)),
            None => Ok(()),
        }
    }

    fn has(&self, key: &str) -> bool {
        self.layer.get(key).is_some()
    }

    fn check_provider(&self, grant: &str) -> Result<()> {
        let Some(provider) = self.provider else {
            if self.has("environment") {
                let why = "\"environment\" is one of a provider's; set \"provider\" too";
                return Err(self.source("environment").error("config.conflict", why));
            }
            return Ok(());
        };
        let mut needs = provider.needs().iter();
        let missing =
            needs.find(|need| need.grant().is_none_or(|of| of == grant) && !self.has(need.key()));
        match missing {
            Some(need) => Err(self.missing(need.key(), provider.title())),
            None => Ok(()),
        }
    }

    fn missing(&self, key: &str, who: &str) -> Error {
        let mut message = format!("\"{key}\" is missing; {who} needs it");
        let needs = self.provider.map_or(&[][..], Provider::needs);
        if let Some(need) = needs.iter().find(|need| need.key() == key) {
            message += &format!(" (see {})", one_line(need.place()));
        }
        self.place.error("config.missing_key", message)
    }

    fn source(&self, key: &str) -> &Source {
        self.layer
            .get(key)
            .map_or(self.place, |entry| &entry.source)
    }
}

fn default(key: &schema::Key) -> Option<Setting> {
    let Default::Json(json) = key.default else {
        return None;
    };
    let value: Value = serde_json::from_str(json).ok()?;
    value::read(key.name, key.kind, value, &Source::program()).ok()
}

#[cfg(test)]
mod tests;
