//! Strict emulations of real systems, each at its vendor's own paths.
//!
//! `POST /control/emulate {"provider": NAME, …}` opens one on a plain and a TLS
//! port of its own and answers with `emulation` (its id), `url`, `tls_url` and
//! `settings`: the credentials and whatever else it was told or has by default.
//! It takes what the vendor's page shows and refuses the rest; what the page
//! leaves open (error bodies above all) follows what such servers are known to
//! answer, and each vendor's file says so.
//!
//! `GET /control/emulation?id=ID` counts, and tells of each refusal why.
//! `POST /control/emulation {"id": ID, …}` changes any setting while it runs:
//!
//! - every system: `disabled`, `forbidden` (paths below which it answers 403);
//! - a system with tokens: `token_life_ms`, and `expires_in`, what it claims;
//! - each vendor's own settings, which its file names;
//! - and, done once: `advance_ms` moves its clock on, `expire_tokens` kills
//!   the access tokens, `expire_refresh_tokens` the refresh tokens.

mod aprimo_dm;
mod checks;
mod cloudblue_connect;
mod ingram_micro;
mod inventorypro;
mod journal;
mod listing;
mod refusal;
mod settings;
mod shopware;
mod tokens;
mod visit;

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use rustls::ServerConfig;
use serde_json::{Map, Value, json};

use crate::Reply;
use crate::connection::{self, Service};
use crate::http::{Request, Response};
use journal::Journal;
use refusal::{Kind, Refusal};
use settings::{Actions, Conduct};
use tokens::Tokens;
use visit::{Place, Visit};

/// A vendor's system: what it takes, and how it refuses.
trait Vendor: Send + Sync {
    /// Takes the vendor's own settings, all of them.
    fn configure(&mut self, settings: Map<String, Value>) -> Result<(), String>;

    /// The vendor's own settings, those by default included.
    fn settings(&self) -> Value;

    /// How tokens are issued; `None` if the system has none.
    fn issuing(&self) -> Option<Issuing> {
        None
    }

    /// Answers a request at the token path.
    fn token(&self, visit: &Visit) -> Result<Response, Refusal> {
        Err(visit.no_such_path())
    }

    /// Answers any other request.
    fn api(&self, visit: &Visit) -> Result<Response, Refusal>;

    /// The vendor's way to refuse.
    fn refuse(&self, place: Place, kind: Kind) -> Response;
}

/// How a system issues tokens.
struct Issuing {
    /// Where they are to be had.
    path: &'static str,
    /// How long one lives.
    life_ms: u64,
    /// What one of this life, in milliseconds, claims as its `expires_in`.
    claim: fn(u64) -> u64,
    /// How long one outlives a disabled account; `None`: to its expiry.
    outlives_disabling_ms: Option<u64>,
}

fn vendor(provider: &str) -> Result<Box<dyn Vendor>, String> {
    Ok(match provider {
        "aprimo-dm" => Box::new(aprimo_dm::AprimoDm::default()),
        "cloudblue-connect" => Box::new(cloudblue_connect::CloudBlueConnect::default()),
        "ingram-micro" => Box::new(ingram_micro::IngramMicro::default()),
        "inventorypro" => Box::new(inventorypro::InventoryPro::default()),
        "shopware" => Box::new(shopware::Shopware::default()),
        other => return Err(format!("no emulation of {other:?}")),
    })
}

/// Every emulation that runs, by its id.
pub struct Emulations {
    tls: Arc<ServerConfig>,
    running: Mutex<BTreeMap<u64, Arc<Emulation>>>,
}

impl Emulations {
    /// None yet; their TLS ports will serve with this.
    pub fn new(tls: Arc<ServerConfig>) -> Emulations {
        Emulations {
            tls,
            running: Mutex::default(),
        }
    }

    /// Opens one; it runs until the process ends.
    pub fn open(&self, mut told: Map<String, Value>) -> Result<Value, String> {
        let provider = told.remove("provider");
        let provider = provider.as_ref().and_then(Value::as_str);
        let emulation = Arc::new(Emulation::new(
            provider.ok_or("provider is missing")?,
            told,
        )?);
        let open = |tls: Option<&Arc<ServerConfig>>| {
            let (listeners, port) = connection::listen(0)?;
            for listener in listeners {
                let service: Arc<dyn Service> = emulation.clone();
                connection::accept(listener, tls.cloned(), service)?;
            }
            Ok(port)
        };
        let failed = |error: std::io::Error| error.to_string();
        let (plain, secure) = (
            open(None).map_err(failed)?,
            open(Some(&self.tls)).map_err(failed)?,
        );
        let settings = emulation.settings();
        let mut running = self.running.lock();
        let id = running.len() as u64 + 1;
        running.insert(id, emulation);
        Ok(json!({
            "emulation": id,
            "url": format!("http://127.0.0.1:{plain}"),
            "tls_url": format!("https://localhost:{secure}"),
            "settings": settings,
        }))
    }

    /// Changes the one that `id` names; answers with its settings.
    pub fn change(&self, mut told: Map<String, Value>) -> Result<Value, String> {
        let id = told.remove("id");
        let id = id.as_ref().and_then(Value::as_u64).ok_or("id is missing")?;
        let emulation = self.find(id)?;
        emulation.change(told)?;
        Ok(json!({"settings": emulation.settings()}))
    }

    /// What the one of the query `id=ID` has counted.
    pub fn report(&self, query: &str) -> Result<Value, String> {
        let id = query.strip_prefix("id=").and_then(|id| id.parse().ok());
        let emulation = self.find(id.ok_or("the query must be id=ID")?)?;
        Ok(emulation.journal.report())
    }

    fn find(&self, id: u64) -> Result<Arc<Emulation>, String> {
        let found = self.running.lock().get(&id).cloned();
        found.ok_or_else(|| format!("there is no emulation {id}"))
    }
}

/// One running system.
struct Emulation {
    state: RwLock<State>,
    tokens: Tokens,
    journal: Journal,
}

struct State {
    vendor: Box<dyn Vendor>,
    conduct: Conduct,
    /// As it was told, so that single members can be changed later.
    told: Map<String, Value>,
}

impl Emulation {
    fn new(provider: &str, told: Map<String, Value>) -> Result<Emulation, String> {
        let emulation = Emulation {
            state: RwLock::new(State {
                vendor: vendor(provider)?,
                conduct: Conduct::default(),
                told: Map::new(),
            }),
            tokens: Tokens::default(),
            journal: Journal::default(),
        };
        emulation.change(told)?;
        Ok(emulation)
    }

    fn change(&self, mut members: Map<String, Value>) -> Result<(), String> {
        let actions = Actions::take(&mut members)?;
        let state = &mut *self.state.write();
        let mut told = state.told.clone();
        told.extend(members);
        let mut own = told.clone();
        let conduct = Conduct::take(&mut own)?;
        if state.vendor.issuing().is_none()
            && (conduct.is_about_tokens() || actions.is_about_tokens())
        {
            return Err("this system issues no tokens".into());
        }
        state.vendor.configure(own)?;
        (state.conduct, state.told) = (conduct, told);
        self.tokens.set_disabled(state.conduct.disabled);
        self.tokens.act(&actions);
        Ok(())
    }

    fn settings(&self) -> Value {
        let state = self.state.read();
        let mut settings = state.vendor.settings();
        if let Some(settings) = settings.as_object_mut() {
            settings.extend(state.told.clone());
        }
        settings
    }
}

impl Service for Emulation {
    fn respond(&self, request: &Request, over_tls: bool) -> Reply {
        let state = &*self.state.read();
        let issuing = state.vendor.issuing();
        let visit = Visit {
            request,
            over_tls,
            place: Place::of(request, issuing.as_ref()),
            issuing: issuing.as_ref(),
            conduct: &state.conduct,
            tokens: &self.tokens,
            journal: &self.journal,
        };
        let result = match visit.place {
            Place::Token => state.vendor.token(&visit),
            Place::MisspeltToken => Err(visit.misspelt_token_path()),
            Place::Api => state.vendor.api(&visit),
        };
        Reply::Answer(match result {
            Ok(response) => {
                self.journal
                    .answered(visit.place, request, response.status, None);
                response
            }
            Err(refusal) => {
                let response = state.vendor.refuse(visit.place, refusal.kind);
                let why = Some(refusal.reason.as_str());
                self.journal
                    .answered(visit.place, request, response.status, why);
                response
            }
        })
    }
}
