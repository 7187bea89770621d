//! The routes below `/control/`, by which a test runs the server.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::Server;
use crate::http::{Request, Response};
use crate::ledger::Kind;
use crate::switches::Switch;

/// Answers a request below `/control/`: 200, or 400 and what was wrong.
pub fn respond(server: &Server, request: &Request) -> Response {
    let done = match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/control/stats") => Ok(server.stats.report(&server.switches.outages())),
        ("GET", "/control/senders") => Ok(server.senders.report()),
        ("POST", "/control/reset_stats") => {
            server.stats.reset();
            server.senders.reset();
            server.switches.reset_outages();
            Ok(json!({}))
        }
        ("POST", "/control/clients") => register(server, request),
        ("POST", "/control/set") => set(server, request),
        ("POST", "/control/switch") => read::<Switch>(request).map(|switch| {
            server.switches.add(switch);
            json!({})
        }),
        ("POST", "/control/clear") => read::<Clear>(request).map(|clear| {
            server.switches.clear(clear.client_id.as_deref());
            json!({})
        }),
        ("POST", "/control/revoke") => {
            read::<Revoke>(request).and_then(|revoke| revoke.perform(server))
        }
        ("POST", "/control/emulate") => {
            read::<Map<String, Value>>(request).and_then(|told| server.emulations.open(told))
        }
        ("POST", "/control/emulation") => {
            read::<Map<String, Value>>(request).and_then(|told| server.emulations.change(told))
        }
        ("GET", "/control/emulation") => server
            .emulations
            .report(request.query.as_deref().unwrap_or("")),
        _ => return Response::json(404, &json!({"error": "no such control route"})),
    };
    match done {
        Ok(document) => Response::json(200, &document),
        Err(reason) => Response::json(400, &json!({"error": reason})),
    }
}

/// Registers a client; tokens of an earlier one with its id are revoked.
fn register(server: &Server, request: &Request) -> Result<Value, String> {
    let client = server
        .registry
        .register(read::<Map<String, Value>>(request)?)?;
    server.ledger.revoke_client(&client.client_id, Kind::All);
    server.ledger.seed(&client);
    Ok(json!({}))
}

/// Changes members of a client; its tokens live on.
fn set(server: &Server, request: &Request) -> Result<Value, String> {
    let members = read::<Map<String, Value>>(request)?;
    let seeds = members.contains_key("refresh_seed");
    let client = server.registry.change(members)?;
    if seeds {
        server.ledger.seed(&client);
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clear {
    client_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoke {
    access_token: Option<String>,
    client_id: Option<String>,
    #[serde(default)]
    kind: Kind,
}

impl Revoke {
    fn perform(self, server: &Server) -> Result<Value, String> {
        let count = match (self.access_token, self.client_id) {
            (Some(token), None) => server.ledger.revoke_access(&token),
            (None, Some(client_id)) => server.ledger.revoke_client(&client_id, self.kind),
            _ => return Err("either access_token or client_id".into()),
        };
        Ok(json!({"revoked": count}))
    }
}

fn read<T: for<'de> Deserialize<'de>>(request: &Request) -> Result<T, String> {
    let body = if request.body.is_empty() {
        b"{}"
    } else {
        request.body.as_slice()
    };
    serde_json::from_slice(body).map_err(|error| error.to_string())
}
