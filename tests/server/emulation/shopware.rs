//! Shopware's Admin API: JSON token requests, three grants, rotation.
//!
//! The page says which members each grant has, and that tokens live for 600 s.
//! Errors are what Shopware makes of its OAuth library's: an `errors` list
//! whose `code` is the library's number, and never an `error` member. A spent
//! refresh token is a 401, a wrong password a 400. A new password kills the
//! user's tokens; a new secret leaves those of the integration alive. After
//! either is disabled its access tokens live on, since nothing looks it up.
//!
//! The API has any entity: `/api/product`, `/api/v3/product/ID` and
//! `/api/search/product`; `limit` and `page` turn the pages.
//!
//! Settings: `client_id`, `client_secret` (the integration), `username`,
//! `password` (the user).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::refusal::{Kind, Refusal};
use super::visit::{Place, Visit, token_answer};
use super::{Issuing, Vendor, checks, listing, settings};
use crate::http::{Body, Response};
use crate::parameters::Parameters;
use crate::registration::Format;

const LIFE_MS: u64 = 600_000;
const USERS_CLIENT: &str = "administration";
const INTEGRATION: &str = "integration";

/// The system, and how often its user's password has changed.
#[derive(Default)]
pub struct Shopware {
    settings: Settings,
    passwords: u64,
}

#[derive(Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    client_id: String,
    client_secret: String,
    username: String,
    password: String,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            client_id: "SWIACLIENTID".into(),
            client_secret: "integration-secret".into(),
            username: "admin".into(),
            password: "user-password".into(),
        }
    }
}

/// What a path of the API stands for.
enum Resource<'a> {
    Entity,
    One(&'a str),
    Search,
}

impl Resource<'_> {
    fn of(path: &str) -> Option<Resource<'_>> {
        let mut segments: Vec<&str> = path.strip_prefix("/api/")?.split('/').collect();
        let version = |segment: &str| {
            segment
                .strip_prefix('v')
                .is_some_and(|digits| digits.parse::<u8>().is_ok())
        };
        if version(segments[0]) {
            segments.remove(0);
        }
        let entity = |name: &str| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        };
        let id = |text: &str| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match segments[..] {
            ["search", name] if entity(name) => Some(Resource::Search),
            [name] if entity(name) => Some(Resource::Entity),
            [name, one] if entity(name) && id(one) => Some(Resource::One(one)),
            _ => None,
        }
    }
}

impl Vendor for Shopware {
    fn configure(&mut self, told: Map<String, Value>) -> Result<(), String> {
        let settings: Settings = settings::read(told)?;
        if settings.password != self.settings.password {
            self.passwords += 1;
        }
        self.settings = settings;
        Ok(())
    }

    fn settings(&self) -> Value {
        json!(self.settings)
    }

    fn issuing(&self) -> Option<Issuing> {
        Some(Issuing {
            path: "/api/oauth/token",
            life_ms: LIFE_MS,
            claim: |life_ms| life_ms / 1000,
            outlives_disabling_ms: None,
        })
    }

    fn token(&self, visit: &Visit) -> Result<Response, Refusal> {
        let members = checks::token_request(visit, Format::Json)?;
        checks::no_authorization(visit)?;
        let grants = ["client_credentials", "password", "refresh_token"];
        let grant = checks::grant_type(visit, &members, &grants)?;
        let holder = match grant {
            "client_credentials" => self.integration(visit, &members)?,
            "password" => self.user(visit, &members)?,
            _ => self.refreshing_user(visit, &members)?,
        };
        let mut answer = visit.issue(grant, &holder, "Bearer");
        if holder != INTEGRATION {
            answer.insert(
                "refresh_token".into(),
                json!(visit.tokens.issue_refresh(&holder)),
            );
        }
        Ok(token_answer(answer))
    }

    fn api(&self, visit: &Visit) -> Result<Response, Refusal> {
        let request = visit.request;
        let resource = Resource::of(&request.path).ok_or_else(|| visit.no_such_path())?;
        let holder = visit.bearer()?;
        self.is_current(&holder, Kind::Credential)?;
        visit.is_permitted()?;
        checks::methods(
            visit,
            match resource {
                Resource::Entity => &["GET", "POST"],
                Resource::One(_) => &["GET", "PATCH", "DELETE"],
                Resource::Search => &["POST"],
            },
        )?;
        let criteria = checks::payload(visit)?.unwrap_or_default();
        match (resource, request.method.as_str()) {
            (Resource::One(id), "GET") => {
                Ok(Response::json(200, &json!({"data": listing::item(id)})))
            }
            (Resource::Entity, "GET") => {
                let query = request.query.as_deref();
                let (limit, page) = (
                    listing::number(query, "limit")?,
                    listing::number(query, "page")?,
                );
                Ok(list(limit, page))
            }
            (Resource::Search, _) => {
                let member = |name: &str| {
                    criteria[name]
                        .as_u64()
                        .and_then(|number| number.try_into().ok())
                };
                Ok(list(member("limit"), member("page")))
            }
            (resource, _) => {
                let entity = matches!(resource, Resource::Entity);
                let id = if entity { listing::NEW_ID } else { "" };
                let location = format!("{}/{id}", request.path);
                Ok(Response::new(204, Body::Bytes(Vec::new()))
                    .with_header("Location", location.trim_end_matches('/')))
            }
        }
    }

    fn refuse(&self, _place: Place, kind: Kind) -> Response {
        let (status, code, title) = match kind {
            Kind::GrantType => (
                400,
                "2",
                "The authorization grant type is not supported by the authorization server.",
            ),
            Kind::Malformed => (
                400,
                "3",
                "The request is missing a required parameter, includes an invalid parameter value, includes a parameter more than once, or is otherwise malformed.",
            ),
            Kind::Client => (401, "4", "Client authentication failed"),
            Kind::User => (400, "6", "The user credentials were incorrect."),
            Kind::RefreshToken => (401, "8", "The refresh token is invalid."),
            Kind::Credential | Kind::Expired => (
                401,
                "9",
                "The resource owner or authorization server denied the request.",
            ),
            Kind::Permission => (403, "FRAMEWORK__MISSING_PRIVILEGE_ERROR", "Forbidden"),
            Kind::Route => (404, "0", "Not Found"),
            Kind::Method => (405, "0", "Method Not Allowed"),
            _ => (400, "0", "Bad Request"),
        };
        let detail = match kind {
            Kind::RefreshToken => "Token has been revoked",
            Kind::Credential | Kind::Expired => "Access token could not be verified",
            _ => title,
        };
        let error =
            json!({"code": code, "status": status.to_string(), "title": title, "detail": detail});
        Response::json(status, &json!({"errors": [error]}))
    }
}

impl Shopware {
    fn integration(&self, visit: &Visit, members: &Parameters) -> Result<String, Refusal> {
        let names = ["grant_type", "client_id", "client_secret"];
        let [_, id, secret] = checks::exact_fields(members, names)?;
        let registered = (&*self.settings.client_id, &*self.settings.client_secret);
        checks::client((id, secret), registered)?;
        visit.account_is_enabled(Kind::Client)?;
        Ok(INTEGRATION.into())
    }

    fn user(&self, visit: &Visit, members: &Parameters) -> Result<String, Refusal> {
        let names = ["grant_type", "client_id", "scopes", "username", "password"];
        let [_, id, scopes, username, password] = checks::exact_fields(members, names)?;
        is_users_client(id)?;
        if scopes != "write" {
            return Err(Refusal::new(Kind::Malformed, "scopes is not write"));
        }
        let registered = (&*self.settings.username, &*self.settings.password);
        checks::user((username, password), registered)?;
        visit.account_is_enabled(Kind::User)?;
        Ok(self.users_holder())
    }

    fn refreshing_user(&self, visit: &Visit, members: &Parameters) -> Result<String, Refusal> {
        let names = ["grant_type", "client_id", "refresh_token"];
        let [_, id, token] = checks::exact_fields(members, names)?;
        is_users_client(id)?;
        let spent = visit.tokens.spend(token);
        let holder = spent.map_err(|why| Refusal::new(Kind::RefreshToken, why))?;
        self.is_current(&holder, Kind::RefreshToken)?;
        visit.account_is_enabled(Kind::RefreshToken)?;
        Ok(holder)
    }

    fn users_holder(&self) -> String {
        format!("user with password number {}", self.passwords)
    }

    /// Refuses a token from before the password changed.
    fn is_current(&self, holder: &str, kind: Kind) -> Result<(), Refusal> {
        if holder == INTEGRATION || holder == self.users_holder() {
            return Ok(());
        }
        Err(Refusal::new(
            kind,
            "the password was changed after the token was issued",
        ))
    }
}

fn is_users_client(id: &str) -> Result<(), Refusal> {
    if id == USERS_CLIENT {
        return Ok(());
    }
    let reason = format!("client_id of a user must be {USERS_CLIENT}");
    Err(Refusal::new(Kind::Client, reason))
}

fn list(limit: Option<usize>, page: Option<usize>) -> Response {
    let data = listing::page(page.unwrap_or(1), limit.unwrap_or(listing::ITEMS));
    Response::json(200, &json!({"total": listing::ITEMS, "data": data}))
}
