//! What is said of a token request that brought no token.

use super::Issuer;
use crate::cache::refresh::Step;
use crate::cache::source::Failure;
use crate::config::{GrantKind, SecretSource};
use crate::error::{Error, Status};
use crate::grant::ended::Ended;
use crate::url::Url;

impl Issuer {
    /// The refresh token was refused, but it is kept: an empty 400, or a reason
    /// in words of the server's own, is how some say that it is dead; an empty
    /// 401 or 403 may be a firewall's.
    pub(super) fn doubted(&self, ended: Ended) -> Failure {
        let is_told = ended.failure.error.http_status() == Some(400) || ended.said.is_some();
        match ended.oauth_error {
            None if is_told => self.sign_in_because("was refused", Some(ended)),
            _ => ended.failure.once(),
        }
    }

    pub(super) fn forked(&self) -> Failure {
        Failure::definitive(Error::new(
            Status::ReauthRequired,
            "token.forked",
            format!(
                "{}: the refresh token is left to the process that this one was forked from, since \
                 the server may replace it with each use; open the client after the fork, in one \
                 process only",
                self.settings.label
            ),
        ))
    }

    pub(super) fn sign_in(&self, ended: Option<Ended>) -> Failure {
        self.sign_in_because("is no longer valid", ended)
    }

    fn sign_in_because(&self, why: &str, ended: Option<Ended>) -> Failure {
        let source = self.settings.refresh_token.as_ref();
        let place = source.map_or_else(String::new, |source| format!(" ({})", source.describe()));
        let error = Error::new(
            Status::ReauthRequired,
            "token.sign_in",
            format!(
                "{}: the refresh token {why}; sign in again, put the new one in \
                 \"refresh_token\"{place}, then call reset",
                self.settings.label
            ),
        );
        let Some(ended) = ended else {
            return Failure::definitive(error);
        };
        let error = match &ended.said {
            Some(said) => {
                error.map_message(|message| format!("{message}; the server says: {said}"))
            }
            None => error,
        };
        let error = match ended.failure.error.http_status() {
            Some(http_status) => error.with_http_status(http_status),
            None => error,
        };
        Failure::definitive(match ended.oauth_error {
            Some(code) => {
                let description = ended.failure.error.oauth_description();
                error.with_oauth(code, description.map(str::to_owned))
            }
            None => error,
        })
    }

    pub(super) fn name_of(&self, endpoint: &Url) -> String {
        if self.settings.label == endpoint.host() {
            format!("the token endpoint {}", endpoint.without_query())
        } else {
            format!(
                "{}: the token endpoint {}",
                self.settings.label,
                endpoint.without_query()
            )
        }
    }

    /// Which keys to look at when `step` was refused.
    pub(super) fn credential_of(&self, step: &Step) -> Vec<String> {
        let settings = &self.settings;
        match step {
            Step::Refresh(_) => vec![named("refresh_token", settings.refresh_token.as_ref())],
            _ if settings.grant == GrantKind::Password => vec![
                named("username", None),
                named("password", settings.password.as_ref()),
            ],
            _ => match &settings.client_secret {
                Some(secret) => vec![named("client_secret", Some(secret))],
                None => vec![named("client_id", None)],
            },
        }
    }

    /// Which keys to look at when the client itself was refused.
    pub(super) fn client_keys(&self) -> Vec<String> {
        let settings = &self.settings;
        let mut keys = vec![named("client_id", None)];
        if let Some(secret) = &settings.client_secret {
            keys.push(named("client_secret", Some(secret)));
            keys.push(named("client_auth", None));
        }
        keys
    }
}

fn named(key: &str, source: Option<&SecretSource>) -> String {
    match source {
        Some(source) => format!("\"{key}\" ({})", source.describe()),
        None => format!("\"{key}\""),
    }
}
