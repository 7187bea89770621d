//! One request at an emulation, with what a vendor needs to judge it.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::Issuing;
use super::journal::Journal;
use super::refusal::{Kind, Refusal};
use super::settings::Conduct;
use super::tokens::{Standing, Tokens};
use crate::http::{Request, Response};

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// The token path.
    Token,
    /// What looks like a token path, and is none of this system's.
    MisspeltToken,
    /// Anywhere else.
    Api,
}

impl Place {
    /// The place of a request at a system that issues tokens like this.
    pub fn of(request: &Request, issuing: Option<&Issuing>) -> Place {
        let path = request.path.as_str();
        match issuing {
            Some(issuing) if issuing.path == path => Place::Token,
            Some(_) if path.to_ascii_lowercase().ends_with("/token") => Place::MisspeltToken,
            _ => Place::Api,
        }
    }
}

/// A request and the system that it came to.
pub struct Visit<'a> {
    /// The request.
    pub request: &'a Request,
    /// It came over TLS.
    pub over_tls: bool,
    /// Where it goes.
    pub place: Place,
    /// How the system issues tokens, if it does.
    pub issuing: Option<&'a Issuing>,
    /// How the system treats its account.
    pub conduct: &'a Conduct,
    /// The system's tokens.
    pub tokens: &'a Tokens,
    /// The system's counters.
    pub journal: &'a Journal,
}

impl Visit<'_> {
    /// Issues an access token: the members of the answer. Each vendor spells
    /// the type in its own way.
    pub fn issue(&self, grant: &str, holder: &str, token_type: &str) -> Map<String, Value> {
        let issuing = self.issuing.expect("only a system with tokens issues one");
        let life_ms = self.conduct.token_life_ms.unwrap_or(issuing.life_ms);
        let claim = self
            .conduct
            .expires_in
            .unwrap_or_else(|| (issuing.claim)(life_ms));
        let token = self.tokens.issue(holder, Duration::from_millis(life_ms));
        self.journal.issued(grant);
        let mut answer = Map::new();
        answer.insert("access_token".into(), json!(token));
        answer.insert("token_type".into(), json!(token_type));
        answer.insert("expires_in".into(), json!(claim));
        answer
    }

    /// Refuses a disabled account, as if its credentials were wrong.
    pub fn account_is_enabled(&self, kind: Kind) -> Result<(), Refusal> {
        if self.conduct.disabled {
            return Err(Refusal::new(kind, "the account is disabled"));
        }
        Ok(())
    }

    /// The holder of a live access token in `Authorization: Bearer TOKEN`.
    pub fn bearer(&self) -> Result<String, Refusal> {
        let token = self.credential("Bearer")?;
        match self.tokens.standing(token) {
            Standing::Unknown => Err(Refusal::new(
                Kind::Credential,
                "the access token was never issued here",
            )),
            Standing::Expired(ms) => Err(Refusal::new(
                Kind::Expired,
                format!("the access token expired {ms} ms ago"),
            )),
            Standing::Live {
                holder,
                disabled_for: None,
            } => Ok(holder),
            Standing::Live {
                holder,
                disabled_for: Some(time),
            } => match self
                .issuing
                .and_then(|issuing| issuing.outlives_disabling_ms)
            {
                Some(most) if time >= Duration::from_millis(most) => Err(Refusal::new(
                    Kind::Credential,
                    format!("the account was disabled {} ms ago", time.as_millis()),
                )),
                _ => Ok(holder),
            },
        }
    }

    /// What follows the scheme in the only Authorization header.
    pub fn credential(&self, scheme: &str) -> Result<&str, Refusal> {
        let refused = |reason: String| Refusal::new(Kind::Credential, reason);
        let mut values = self.authorizations();
        let value = values
            .next()
            .ok_or_else(|| refused("the Authorization header is missing".into()))?;
        if values.next().is_some() {
            return Err(refused(
                "there is more than one Authorization header".into(),
            ));
        }
        match value.split_once(' ') {
            Some((sent, credential)) if sent == scheme && !credential.contains(' ') => {
                Ok(credential)
            }
            Some((sent, _)) if sent == scheme => {
                Err(refused(format!("more than a credential follows {scheme}")))
            }
            Some((sent, _)) => Err(refused(format!(
                "the scheme of the Authorization header is {sent}; it must be {scheme}"
            ))),
            None => Err(refused(format!(
                "the Authorization header has no scheme; it must be {scheme}"
            ))),
        }
    }

    /// The values of each Authorization header.
    pub fn authorizations(&self) -> impl Iterator<Item = &str> {
        let headers = self.request.headers.iter();
        headers
            .filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
            .map(|(_, value)| value.as_str())
    }

    /// Refuses what lies below a forbidden path.
    pub fn is_permitted(&self) -> Result<(), Refusal> {
        let path = self.request.path.as_str();
        let below = |root: &&String| {
            path.strip_prefix(root.trim_end_matches('/'))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        match self.conduct.forbidden.iter().find(below) {
            Some(root) => Err(Refusal::new(
                Kind::Permission,
                format!("the account may not use {root}"),
            )),
            None => Ok(()),
        }
    }

    /// The refusal of a path that only looks like the token path.
    pub fn misspelt_token_path(&self) -> Refusal {
        let right = self.issuing.map_or("no path", |issuing| issuing.path);
        Refusal::new(
            Kind::Route,
            format!("there is no {}; tokens are at {right}", self.request.path),
        )
    }

    /// The refusal of a path that the API doesn't have.
    pub fn no_such_path(&self) -> Refusal {
        Refusal::new(Kind::Route, format!("there is no {}", self.request.path))
    }
}

/// The successful answer to a token request.
pub fn token_answer(members: Map<String, Value>) -> Response {
    Response::json(200, &Value::Object(members)).with_header("Cache-Control", "no-store")
}
