//! Ingram Micro: client credentials in a form, and two environments.
//!
//! Tokens claim 30 days and die after 24 hours, as the page says. A token of a
//! sandbox app opens `/sandbox` and nothing else, one of a production app
//! `/vendors/v1`. With `"reseller": true` the API also wants what the
//! reseller API wants: `IM-CustomerNumber`, `IM-CountryCode`, and an
//! `IM-CorrelationID` that is new for each request, but for a request that is
//! sent again because it got a 401.
//!
//! The page shows no error. The bodies are those of the API gateway that
//! stands there (Apigee): `ErrorCode` and `Error` at the token endpoint,
//! `fault` at the API, and 401 for a token of the other environment.
//!
//! Settings: `client_id`, `client_secret`, `environment`, `reseller`.

use std::collections::HashMap;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::refusal::{Kind, Refusal};
use super::visit::{Place, Visit, token_answer};
use super::{Issuing, Vendor, checks, listing, settings};
use crate::http::{Request, Response};
use crate::registration::Format;

const GRANT: &str = "client_credentials";
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
const CLAIM: u64 = 2_592_000;

/// The system, and the correlation ids that it has seen.
#[derive(Default)]
pub struct IngramMicro {
    settings: Settings,
    seen: Mutex<HashMap<String, Seen>>,
}

struct Seen {
    request: String,
    unauthorized: bool,
}

#[derive(Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    client_id: String,
    client_secret: String,
    environment: Environment,
    reseller: bool,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Environment {
    Production,
    Sandbox,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            client_id: "YOUR_CLIENT_ID".into(),
            client_secret: "YOUR_CLIENT_SECRET".into(),
            environment: Environment::Production,
            reseller: false,
        }
    }
}

impl Environment {
    /// The environment of a path, if it is one of the API.
    fn of(path: &str) -> Option<Environment> {
        let below = |root| {
            path.strip_prefix(root)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if below("/vendors/v1") {
            Some(Environment::Production)
        } else {
            below("/sandbox").then_some(Environment::Sandbox)
        }
    }
}

impl Vendor for IngramMicro {
    fn configure(&mut self, told: Map<String, Value>) -> Result<(), String> {
        self.settings = settings::read(told)?;
        Ok(())
    }

    fn settings(&self) -> Value {
        json!(self.settings)
    }

    fn issuing(&self) -> Option<Issuing> {
        Some(Issuing {
            path: "/oauth/oauth30/token",
            life_ms: DAY_MS,
            claim: |_| CLAIM,
            outlives_disabling_ms: Some(0),
        })
    }

    fn token(&self, visit: &Visit) -> Result<Response, Refusal> {
        let form = checks::token_request(visit, Format::Form)?;
        checks::no_authorization(visit)?;
        checks::grant_type(visit, &form, &[GRANT])?;
        let [_, id, secret] =
            checks::exact_fields(&form, ["grant_type", "client_id", "client_secret"])?;
        let registered = (&*self.settings.client_id, &*self.settings.client_secret);
        checks::client((id, secret), registered)?;
        visit.account_is_enabled(Kind::Client)?;
        Ok(token_answer(visit.issue(GRANT, "", "Bearer")))
    }

    fn api(&self, visit: &Visit) -> Result<Response, Refusal> {
        let request = visit.request;
        let environment = Environment::of(&request.path).ok_or_else(|| visit.no_such_path())?;
        let bearer = visit.bearer();
        let repeated = self.settings.reseller && self.note(request, bearer.is_err());
        bearer?;
        if self.settings.reseller {
            check_headers(request, repeated)?;
        }
        if environment != self.settings.environment {
            return Err(Refusal::new(
                Kind::Environment,
                format!("the app is of the other environment than {}", request.path),
            ));
        }
        checks::methods(visit, &["GET", "POST", "PUT", "DELETE"])?;
        visit.is_permitted()?;
        let payload = checks::payload(visit)?;
        Ok(match request.method.as_str() {
            "GET" => Response::json(
                200,
                &json!({"recordsFound": listing::ITEMS, "items": listing::page(1, listing::ITEMS)}),
            ),
            method => listing::written(method, payload),
        })
    }

    fn refuse(&self, place: Place, kind: Kind) -> Response {
        let fault = |status, text: &str, code: &str| {
            let detail = json!({"errorcode": code});
            Response::json(
                status,
                &json!({"fault": {"faultstring": text, "detail": detail}}),
            )
        };
        let error = |status, code: &str, text: &str| {
            Response::json(status, &json!({"ErrorCode": code, "Error": text}))
        };
        match kind {
            Kind::Client => error(401, "invalid_client", "Client credentials are invalid"),
            Kind::GrantType => error(400, "invalid_request", "Unsupported grant type"),
            Kind::Malformed => error(400, "invalid_request", "The request is not valid"),
            Kind::Credential => fault(401, "Invalid access token", "oauth.v2.InvalidAccessToken"),
            Kind::Expired => fault(
                401,
                "Access Token expired",
                "keymanagement.service.access_token_expired",
            ),
            Kind::Environment => fault(
                401,
                "Invalid API call as no apiproduct match found",
                "keymanagement.service.InvalidAPICallAsNoApiProductMatchFound",
            ),
            Kind::Permission => fault(403, "Access denied", "accesscontrol.Denied"),
            Kind::Route => fault(
                404,
                "Unable to identify proxy",
                "messaging.adaptors.http.flow.ApplicationNotFound",
            ),
            Kind::Method if place == Place::Token => {
                error(405, "invalid_request", "Method not allowed")
            }
            Kind::Method => fault(405, "Method not allowed", "MethodNotAllowed"),
            _ => fault(400, "Bad request", "BadRequest"),
        }
    }
}

impl IngramMicro {
    /// Notes a correlation id; true if it was used for something else than
    /// this very request, last refused with a 401.
    fn note(&self, request: &Request, unauthorized: bool) -> bool {
        let Some(id) = request.header("IM-CorrelationID") else {
            return false;
        };
        let query = request.query.as_deref().unwrap_or("");
        let body = String::from_utf8_lossy(&request.body);
        let now = Seen {
            request: format!("{} {}?{query}\n{body}", request.method, request.path),
            unauthorized,
        };
        let mut seen = self.seen.lock();
        let repeated = seen
            .get(id)
            .is_some_and(|before| !before.unauthorized || before.request != now.request);
        seen.insert(id.to_owned(), now);
        repeated
    }
}

fn check_headers(request: &Request, repeated: bool) -> Result<(), Refusal> {
    let refused = |reason: String| Refusal::new(Kind::Header, reason);
    for name in ["IM-CorrelationID", "IM-CustomerNumber", "IM-CountryCode"] {
        if request.header(name).is_none_or(str::is_empty) {
            return Err(refused(format!("header {name} is missing")));
        }
    }
    let country = request.header("IM-CountryCode").unwrap_or_default();
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(refused("IM-CountryCode is not two capital letters".into()));
    }
    if repeated {
        return Err(refused(
            "IM-CorrelationID was used for another request".into(),
        ));
    }
    Ok(())
}
