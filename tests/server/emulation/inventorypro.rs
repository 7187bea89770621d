//! Inventory Pro: client credentials in a form or by Basic, and four kinds of 403.
//!
//! A token request authenticates in exactly one of the page's two ways; Basic
//! is what `curl -u` sends, id and secret as they are. An old token goes on
//! after the secret was changed, and for `disabled_grace_ms` after the account
//! was disabled. With `"https_only": true` credentials that come without TLS
//! are refused, as the page says; without it a test may do without TLS.
//!
//! The page gives the statuses and no bodies: `error` tells the refusals
//! apart here. Nor does it say how a request names a warehouse: here it is
//! `warehouseId`, in the query or in the body.
//!
//! Settings: `client_id`, `client_secret`, `https_only`, `read_only`,
//! `warehouses` (`null`: all), `disabled_grace_ms`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::refusal::{Kind, Refusal};
use super::visit::{Place, Visit, token_answer};
use super::{Issuing, Vendor, checks, listing, settings};
use crate::http::Response;
use crate::registration::Format;

const GRANT: &str = "client_credentials";
const LIFE_MS: u64 = 4 * 3_600_000;
const CACHE_WINDOW_MS: u64 = 60_000;

/// The system.
#[derive(Default)]
pub struct InventoryPro {
    settings: Settings,
}

#[derive(Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    client_id: String,
    client_secret: String,
    https_only: bool,
    read_only: bool,
    warehouses: Option<Vec<String>>,
    disabled_grace_ms: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            client_id: "YOUR_CLIENT_ID".into(),
            client_secret: "YOUR_CLIENT_SECRET".into(),
            https_only: false,
            read_only: false,
            warehouses: None,
            disabled_grace_ms: CACHE_WINDOW_MS,
        }
    }
}

impl Vendor for InventoryPro {
    fn configure(&mut self, told: Map<String, Value>) -> Result<(), String> {
        self.settings = settings::read(told)?;
        Ok(())
    }

    fn settings(&self) -> Value {
        json!(self.settings)
    }

    fn issuing(&self) -> Option<Issuing> {
        Some(Issuing {
            path: "/api/v1/Token",
            life_ms: LIFE_MS,
            claim: |life_ms| (life_ms / 1000).saturating_sub(1),
            outlives_disabling_ms: Some(self.settings.disabled_grace_ms),
        })
    }

    fn token(&self, visit: &Visit) -> Result<Response, Refusal> {
        self.is_secure(visit)?;
        let form = checks::token_request(visit, Format::Form)?;
        checks::grant_type(visit, &form, &[GRANT])?;
        let registered = (&*self.settings.client_id, &*self.settings.client_secret);
        let by_header = visit.authorizations().next().is_some();
        if by_header {
            checks::exact_fields(&form, ["grant_type"])?;
            let (id, secret) = basic(visit)?;
            checks::client((&id, &secret), registered)
        } else {
            let names = ["grant_type", "client_id", "client_secret"];
            let [_, id, secret] = checks::exact_fields(&form, names)?;
            checks::client((id, secret), registered)
        }
        .and_then(|()| visit.account_is_enabled(Kind::Client))
        .map_err(|refusal| Refusal {
            kind: if by_header {
                Kind::ClientByHeader
            } else {
                Kind::Client
            },
            ..refusal
        })?;
        Ok(token_answer(visit.issue(GRANT, "", "bearer")))
    }

    fn api(&self, visit: &Visit) -> Result<Response, Refusal> {
        self.is_secure(visit)?;
        let request = visit.request;
        let path = request.path.strip_prefix("/api/v1/").unwrap_or_default();
        let (resource, id) = path.split_once('/').unwrap_or((path, ""));
        if !resource.starts_with(|first: char| first.is_ascii_uppercase()) {
            return Err(visit.no_such_path());
        }
        visit.bearer()?;
        visit.is_permitted()?;
        checks::methods(visit, &["GET", "POST", "PUT", "DELETE"])?;
        if self.settings.read_only && request.method != "GET" {
            return Err(Refusal::new(Kind::ReadOnly, "the account may only read"));
        }
        let payload = checks::payload(visit)?;
        let query = request.query.as_deref();
        let named = payload
            .as_ref()
            .and_then(|document| document["warehouseId"].as_str());
        self.may_enter(named)?;
        self.may_enter(listing::text(query, "warehouseId"))?;
        match (request.method.as_str(), id) {
            ("GET", "") => list(query),
            ("GET", id) => Ok(Response::json(200, &listing::item(id))),
            (method, _) => Ok(listing::written(method, payload)),
        }
    }

    fn refuse(&self, place: Place, kind: Kind) -> Response {
        let (status, error, text) = match kind {
            Kind::Insecure => (403, "https_required", "Credentials over HTTP are rejected."),
            Kind::GrantType => (400, "unsupported_grant_type", "Use client_credentials."),
            Kind::Client => (400, "invalid_client", "Client authentication failed."),
            Kind::ClientByHeader => (401, "invalid_client", "Client authentication failed."),
            Kind::Credential => (401, "invalid_token", "The token is missing or invalid."),
            Kind::Expired => (401, "invalid_token", "The token has expired."),
            Kind::Permission => (
                403,
                "permission_denied",
                "A security permission is missing.",
            ),
            Kind::Warehouse => (
                403,
                "warehouse_denied",
                "The warehouse is not assigned to you.",
            ),
            Kind::ReadOnly => (403, "read_only", "The user is marked read-only."),
            Kind::Route => (404, "not_found", "There is no such resource."),
            Kind::Method => (
                405,
                "method_not_allowed",
                "The resource does not take this method.",
            ),
            _ => (400, "invalid_request", "The request is not valid."),
        };
        let member = if place == Place::Api {
            "message"
        } else {
            "error_description"
        };
        let response = Response::json(status, &json!({"error": error, member: text}));
        match kind {
            Kind::ClientByHeader => {
                response.with_header("WWW-Authenticate", "Basic realm=\"Inventory Pro\"")
            }
            Kind::Credential | Kind::Expired => response.with_header("WWW-Authenticate", "Bearer"),
            _ => response,
        }
    }
}

impl InventoryPro {
    fn is_secure(&self, visit: &Visit) -> Result<(), Refusal> {
        if self.settings.https_only && !visit.over_tls {
            return Err(Refusal::new(Kind::Insecure, "the request came without TLS"));
        }
        Ok(())
    }

    fn may_enter(&self, warehouse: Option<&str>) -> Result<(), Refusal> {
        match (&self.settings.warehouses, warehouse) {
            (Some(assigned), Some(named)) if !assigned.iter().any(|one| one == named) => {
                Err(Refusal::new(
                    Kind::Warehouse,
                    format!("warehouse {named:?} is not assigned to the account"),
                ))
            }
            _ => Ok(()),
        }
    }
}

/// Id and secret of an Authorization header, as they are.
fn basic(visit: &Visit) -> Result<(String, String), Refusal> {
    let encoded = visit.credential("Basic").map_err(|refusal| Refusal {
        kind: Kind::ClientByHeader,
        ..refusal
    })?;
    let decoded = STANDARD
        .decode(encoded)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    decoded
        .as_deref()
        .and_then(|text| text.split_once(':'))
        .map(|(id, secret)| (id.to_owned(), secret.to_owned()))
        .ok_or_else(|| {
            Refusal::new(
                Kind::ClientByHeader,
                "what follows Basic is not ID:SECRET in base64",
            )
        })
}

fn list(query: Option<&str>) -> Result<Response, Refusal> {
    let page = listing::number(query, "page")?.unwrap_or(1);
    let size = listing::number(query, "pageSize")?.unwrap_or(listing::ITEMS);
    let items = listing::page(page, size);
    Ok(Response::json(
        200,
        &json!({"items": items, "page": page, "pageSize": size, "total": listing::ITEMS}),
    ))
}
