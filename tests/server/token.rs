//! The token endpoint: RFC 6749, with nothing overlooked in a client's favour.
//!
//! A request that differs in the least from what its client is registered for
//! is refused, and the reason is logged and told in `error_description`.

use serde_json::{Value, json};

use crate::authenticate::Claim;
use crate::http::{Request, Response};
use crate::ledger::{Issued, RefreshRefusal};
use crate::parameters::Parameters;
use crate::registration::{Format, Grant, Registration};
use crate::stats::Flight;
use crate::switches::{Fault, Place};
use crate::{Reply, Server};

/// A refused token request (RFC 6749 §5.2).
pub struct Refusal {
    error: &'static str,
    status: u16,
    challenge: bool,
    reason: String,
}

impl Refusal {
    /// The client is not who it says: 401 if it tried by a header, else 400.
    pub fn invalid_client(by_header: bool, reason: String) -> Refusal {
        Refusal {
            error: "invalid_client",
            status: if by_header { 401 } else { 400 },
            challenge: by_header,
            reason,
        }
    }

    fn new(error: &'static str, reason: impl Into<String>) -> Refusal {
        Refusal {
            error,
            status: 400,
            challenge: false,
            reason: reason.into(),
        }
    }

    fn response(&self) -> Response {
        let document = json!({"error": self.error, "error_description": self.reason});
        let response =
            Response::json(self.status, &document).with_header("Cache-Control", "no-store");
        if self.challenge {
            response.with_header("WWW-Authenticate", "Basic realm=\"test\"")
        } else {
            response
        }
    }
}

/// Answers a token request.
pub fn respond(server: &Server, request: &Request) -> Reply {
    let parameters = Parameters::read(request);
    let claim = Claim::read(&server.registry, request, parameters.as_ref().ok());
    let client_id = claim.client_id.as_deref();
    let grant_field = claim
        .client
        .as_deref()
        .map_or("grant_type", |client| client.field("grant_type"));
    let grant = parameters
        .as_ref()
        .ok()
        .and_then(|parameters| parameters.value(grant_field));

    let flight = server.stats.token_request(client_id, grant);
    let switch = server.switches.take(Place::Token, client_id, grant);
    if let Some(switch) = &switch {
        switch.wait();
        if let Some(fault) = switch.fault() {
            return broken(fault, flight);
        }
    }
    let result = match &parameters {
        Ok(parameters) => grant_token(server, request, &claim, parameters, &flight),
        Err(reason) => Err(Refusal::new("invalid_request", reason)),
    };
    let lost = switch.is_some_and(|switch| switch.wait_to_answer());
    match result {
        _ if lost => {
            flight.failed("lost_answer");
            Reply::Close
        }
        Ok(document) => {
            flight.succeeded();
            server.switches.success(client_id.unwrap_or(""));
            Reply::Answer(Response::json(200, &document).with_header("Cache-Control", "no-store"))
        }
        Err(refusal) => {
            flight.refused(refusal.error, &refusal.reason);
            Reply::Answer(refusal.response())
        }
    }
}

fn broken(fault: Fault, flight: Flight) -> Reply {
    match fault {
        Fault::Answer(response) => {
            flight.failed(&format!("switch: {}", response.status));
            Reply::Answer(response)
        }
        Fault::Close => {
            flight.failed("switch: close");
            Reply::Close
        }
        Fault::Reset => {
            flight.failed("switch: refuse");
            Reply::Reset
        }
        Fault::Hang => {
            flight.failed("switch: hang");
            Reply::Hang(Some(flight))
        }
    }
}

fn grant_token(
    server: &Server,
    request: &Request,
    claim: &Claim,
    parameters: &Parameters,
    flight: &Flight,
) -> Result<Value, Refusal> {
    if request.method != "POST" || request.query.is_some() {
        return Err(Refusal::new(
            "invalid_request",
            "a token request is a POST without a query",
        ));
    }
    let client = claim.prove(parameters)?;
    let grant = read_grant(client, parameters)?;
    check_shape(client, grant, request, parameters)?;
    let scope = grant_scope(client, parameters.value(client.field("scope")))?;
    let field = |name| parameters.value(client.field(name));
    let issued = match grant {
        Grant::ClientCredentials => server.ledger.issue(client, false),
        Grant::Password => {
            let (username, password) = (field("username"), field("password"));
            if username.is_none()
                || username != client.username.as_deref()
                || password != client.password.as_deref()
            {
                return Err(Refusal::new(
                    "invalid_grant",
                    "the user name or password is wrong",
                ));
            }
            server.ledger.issue(client, true)
        }
        Grant::RefreshToken => {
            let token = field("refresh_token")
                .ok_or_else(|| Refusal::new("invalid_request", "refresh_token is missing"))?;
            server
                .ledger
                .refresh(client, token)
                .map_err(|refusal| match refusal {
                    RefreshRefusal::Invalid => {
                        Refusal::new("invalid_grant", "the refresh token is not valid")
                    }
                    RefreshRefusal::Reused => {
                        flight.reuse_detected();
                        Refusal::new(
                            "invalid_grant",
                            "the refresh token was used before; its family is revoked",
                        )
                    }
                })?
        }
    };
    flight.issued();
    Ok(answer(client, issued, scope))
}

fn read_grant(client: &Registration, parameters: &Parameters) -> Result<Grant, Refusal> {
    let field = client.field("grant_type");
    let name = parameters
        .value(field)
        .ok_or_else(|| Refusal::new("invalid_request", format!("{field} is missing")))?;
    let grant: Grant = serde_json::from_value(json!(name))
        .map_err(|_| Refusal::new("unsupported_grant_type", "the grant type is not known"))?;
    if client.grants.contains(&grant) {
        Ok(grant)
    } else {
        Err(Refusal::new(
            "unauthorized_client",
            "the client may not use this grant",
        ))
    }
}

/// Refuses any field, format or header that the client is not registered for.
fn check_shape(
    client: &Registration,
    grant: Grant,
    request: &Request,
    parameters: &Parameters,
) -> Result<(), Refusal> {
    if parameters.format != client.format {
        let wanted = if client.format == Format::Json {
            "JSON"
        } else {
            "a form"
        };
        return Err(Refusal::new(
            "invalid_request",
            format!("the client must send {wanted}"),
        ));
    }
    let own: &[&str] = match grant {
        Grant::ClientCredentials => &[],
        Grant::Password => &["username", "password"],
        Grant::RefreshToken => &["refresh_token"],
    };
    let standard = ["grant_type", "scope", "client_id", "client_secret"];
    let may_be_sent = |name: &str| {
        standard
            .iter()
            .chain(own)
            .any(|standard| client.field(standard) == name)
            || client.require_fields.contains_key(name)
    };
    if let Some(name) = parameters.names().find(|name| !may_be_sent(name)) {
        return Err(Refusal::new(
            "invalid_request",
            format!("parameter {name:?} does not belong there"),
        ));
    }
    let as_required = |sent: Option<&str>, wanted: &Option<String>| match wanted {
        Some(wanted) => sent == Some(wanted),
        None => sent.is_some(),
    };
    for (name, wanted) in &client.require_fields {
        if !as_required(parameters.value(name), wanted) {
            return Err(Refusal::new(
                "invalid_request",
                format!("parameter {name} is missing or wrong"),
            ));
        }
    }
    for (name, wanted) in &client.require_headers {
        if !as_required(request.header(name), wanted) {
            return Err(Refusal::new(
                "invalid_request",
                format!("header {name} is missing or wrong"),
            ));
        }
    }
    Ok(())
}

/// The scope that is granted: what was asked for, if all of it is allowed.
fn grant_scope(client: &Registration, asked: Option<&str>) -> Result<Option<String>, Refusal> {
    let (Some(asked), Some(allowed)) = (asked, &client.scope) else {
        return Ok(asked.map(str::to_owned).or_else(|| client.scope.clone()));
    };
    match asked
        .split(' ')
        .find(|one| !allowed.split(' ').any(|other| other == *one))
    {
        Some(_) => Err(Refusal::new(
            "invalid_scope",
            "a scope that the client may not have",
        )),
        None => Ok(Some(asked.to_owned())),
    }
}

fn answer(client: &Registration, issued: Issued, scope: Option<String>) -> Value {
    let mut answer = client.answer();
    answer.insert("access_token".into(), json!(issued.access_token));
    if let Some(refresh_token) = issued.refresh_token {
        answer.insert("refresh_token".into(), json!(refresh_token));
    }
    if let Some(scope) = scope {
        answer.insert("scope".into(), json!(scope));
    }
    Value::Object(answer)
}
