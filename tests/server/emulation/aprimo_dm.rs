//! Aprimo Distributed Marketing: the password grant with fields of its own.
//!
//! The body is the form of the page's sample, whose Content-Type may be
//! missing, since the page lists no request header. There is no secret and
//! no refresh token; `bearer` comes in lower case and `Bearer` goes back. The
//! page shows no error; they are those of the OAuth server of ASP.NET, which
//! answers like this (`bearer`, a second short of the hour): 400 and `error`
//! at the token endpoint, 401 and a `Message` at the API. Issued tokens
//! outlive a disabled account.
//!
//! Settings: `client_id`, `username`, `password`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::refusal::{Kind, Refusal};
use super::visit::{Place, Visit, token_answer};
use super::{Issuing, Vendor, checks, listing, settings};
use crate::http::Response;
use crate::parameters::Parameters;
use crate::registration::Format;

const GRANT: &str = "password";
const LIFE_MS: u64 = 3_600_000;

/// The system.
#[derive(Default)]
pub struct AprimoDm {
    settings: Settings,
}

#[derive(Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    client_id: String,
    username: String,
    password: String,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            client_id: "1BGEBC9E-A76D-4B85-936F-CFDBE412E8A5".into(),
            username: "myUserName".into(),
            password: "myPassword".into(),
        }
    }
}

impl Vendor for AprimoDm {
    fn configure(&mut self, told: Map<String, Value>) -> Result<(), String> {
        self.settings = settings::read(told)?;
        Ok(())
    }

    fn settings(&self) -> Value {
        json!(self.settings)
    }

    fn issuing(&self) -> Option<Issuing> {
        Some(Issuing {
            path: "/api/v1.0/token",
            life_ms: LIFE_MS,
            claim: |life_ms| (life_ms / 1000).saturating_sub(1),
            outlives_disabling_ms: None,
        })
    }

    fn token(&self, visit: &Visit) -> Result<Response, Refusal> {
        let form = if visit.request.header("content-type").is_none() {
            checks::token_method(visit)?;
            let parsed = Parameters::parse(Format::Form, &visit.request.body);
            parsed.map_err(|reason| Refusal::new(Kind::Malformed, reason))?
        } else {
            checks::token_request(visit, Format::Form)?
        };
        checks::no_authorization(visit)?;
        checks::grant_type(visit, &form, &[GRANT])?;
        let names = ["UserName", "Password", "grant_type", "client_id"];
        let [username, password, _, id] = checks::exact_fields(&form, names)?;
        if id != self.settings.client_id {
            return Err(Refusal::new(Kind::Client, "client_id is not known"));
        }
        let registered = (&*self.settings.username, &*self.settings.password);
        checks::user((username, password), registered)?;
        visit.account_is_enabled(Kind::User)?;
        Ok(token_answer(visit.issue(GRANT, "", "bearer")))
    }

    fn api(&self, visit: &Visit) -> Result<Response, Refusal> {
        let request = visit.request;
        if request.path.strip_prefix("/api/").is_none_or(str::is_empty) {
            return Err(visit.no_such_path());
        }
        visit.bearer()?;
        visit.is_permitted()?;
        checks::methods(visit, &["GET", "POST", "PUT", "DELETE"])?;
        let payload = checks::payload(visit)?;
        Ok(match request.method.as_str() {
            "GET" => Response::json(200, &json!({"items": listing::page(1, listing::ITEMS)})),
            method => listing::written(method, payload),
        })
    }

    fn refuse(&self, _place: Place, kind: Kind) -> Response {
        let error = |code: &str| Response::json(400, &json!({"error": code}));
        let message = |status, text: &str| Response::json(status, &json!({"Message": text}));
        match kind {
            Kind::GrantType => error("unsupported_grant_type"),
            Kind::Malformed => error("invalid_request"),
            Kind::Client => error("invalid_client"),
            Kind::User => Response::json(
                400,
                &json!({
                    "error": "invalid_grant",
                    "error_description": "The user name or password is incorrect.",
                }),
            ),
            Kind::Credential | Kind::Expired => {
                message(401, "Authorization has been denied for this request.")
                    .with_header("WWW-Authenticate", "Bearer")
            }
            Kind::Permission => message(403, "The user may not do this."),
            Kind::Route => message(
                404,
                "No HTTP resource was found that matches the request URI.",
            ),
            Kind::Method => message(405, "The requested resource does not support this method."),
            _ => message(400, "The request is invalid."),
        }
    }
}
