//! CloudBlue Connect: one static key, and what it may do.
//!
//! `Authorization: ApiKey SU-…:…` is all there is; a missing, wrong or
//! disabled key is a 401 for good. A key may use the modules that its
//! `permissions` name, as on the page's list, and gets a 403 at the others.
//! The page shows no error; `error_code` and `errors` are Connect's form, the
//! code of a 401 is known, that of a 403 is not and made up here.
//!
//! Settings: `api_key`, `permissions` (`["All"]`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::refusal::{Kind, Refusal};
use super::visit::{Place, Visit};
use super::{Vendor, checks, listing, settings};
use crate::http::Response;

/// The modules that the page shows, and the collections of each.
const MODULES: [(&str, &[&str]); 8] = [
    ("Account", &["accounts", "users"]),
    ("Agreements", &["agreements"]),
    ("Catalog", &["products"]),
    ("Contracts", &["contracts"]),
    ("Customers", &["tier"]),
    ("Integrations", &["webhooks", "extensions"]),
    ("Forms", &["forms"]),
    ("Helpdesk", &["helpdesk"]),
];

/// The system.
#[derive(Default)]
pub struct CloudBlueConnect {
    settings: Settings,
}

#[derive(Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    api_key: String,
    permissions: Vec<String>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            api_key: "SU-812-241-906:8f0c6b7d5a3e4f1a9b2c7d6e5f4a3b2c".into(),
            permissions: vec!["All".into()],
        }
    }
}

impl Vendor for CloudBlueConnect {
    fn configure(&mut self, told: Map<String, Value>) -> Result<(), String> {
        let settings: Settings = settings::read(told)?;
        let known = |name: &str| name == "All" || MODULES.iter().any(|(module, _)| *module == name);
        if let Some(alien) = settings.permissions.iter().find(|name| !known(name)) {
            return Err(format!("there is no module {alien}"));
        }
        self.settings = settings;
        Ok(())
    }

    fn settings(&self) -> Value {
        json!(self.settings)
    }

    fn api(&self, visit: &Visit) -> Result<Response, Refusal> {
        let request = visit.request;
        let path = request.path.strip_prefix("/public/v1/");
        let path = path
            .filter(|path| !path.is_empty())
            .ok_or_else(|| visit.no_such_path())?;
        if visit.credential("ApiKey")? != self.settings.api_key {
            return Err(Refusal::new(Kind::Credential, "the key is not known"));
        }
        visit.account_is_enabled(Kind::Credential)?;
        let (collection, id) = path.split_once('/').unwrap_or((path, ""));
        self.may_use(collection)?;
        visit.is_permitted()?;
        checks::methods(visit, &["GET", "POST", "PUT", "DELETE"])?;
        let payload = checks::payload(visit)?;
        match (request.method.as_str(), id) {
            ("GET", "") => list(request.query.as_deref()),
            ("GET", id) => Ok(Response::json(200, &listing::item(id))),
            (method, _) => Ok(listing::written(method, payload)),
        }
    }

    fn refuse(&self, _place: Place, kind: Kind) -> Response {
        let (status, code, text) = match kind {
            Kind::Credential => (401, "AUTH_001", "API request is unauthorized."),
            Kind::Permission => (
                403,
                "AUTH_002",
                "You do not have permission to perform this action.",
            ),
            Kind::Route => (404, "REQ_001", "Not found."),
            Kind::Method => (405, "REQ_002", "Method not allowed."),
            _ => (400, "VAL_001", "The request is not valid."),
        };
        Response::json(status, &json!({"error_code": code, "errors": [text]}))
    }
}

impl CloudBlueConnect {
    fn may_use(&self, collection: &str) -> Result<(), Refusal> {
        let module = MODULES.iter().find(|(_, all)| all.contains(&collection));
        let granted =
            |name: &String| name == "All" || module.is_some_and(|(module, _)| name == module);
        if self.settings.permissions.iter().any(granted) {
            return Ok(());
        }
        let module = module.map_or("every module", |(module, _)| module);
        Err(Refusal::new(
            Kind::Permission,
            format!("the key lacks the permission {module}, which {collection} needs"),
        ))
    }
}

fn list(query: Option<&str>) -> Result<Response, Refusal> {
    let offset = listing::number(query, "offset")?.unwrap_or(0);
    let items = listing::slice(offset, listing::number(query, "limit")?.unwrap_or(10));
    let last = (offset + items.len()).saturating_sub(1);
    let range = format!("items {offset}-{last}/{}", listing::ITEMS);
    Ok(Response::json(200, &json!(items)).with_header("Content-Range", &range))
}
