//! The checks that vendors share: each says in a sentence what was wrong.

use serde_json::Value;

use super::refusal::{Kind, Refusal};
use super::visit::Visit;
use crate::parameters::Parameters;
use crate::registration::Format;

/// The parameters of a POST without a query whose body has this format.
pub fn token_request(visit: &Visit, format: Format) -> Result<Parameters, Refusal> {
    token_method(visit)?;
    let request = visit.request;
    let (takes, media_type) = match format {
        Format::Form => ("a form", "application/x-www-form-urlencoded"),
        Format::Json => ("JSON", "application/json"),
    };
    let sent = request.media_type();
    if sent != media_type {
        let sent = if sent.is_empty() { "missing" } else { &sent };
        return Err(malformed(format!(
            "Content-Type is {sent}; this endpoint takes {takes} only"
        )));
    }
    Parameters::parse(format, &request.body).map_err(malformed)
}

/// Refuses any method but POST, and a query.
pub fn token_method(visit: &Visit) -> Result<(), Refusal> {
    methods(visit, &["POST"])?;
    match visit.request.query {
        Some(_) => Err(malformed("a token request has no query")),
        None => Ok(()),
    }
}

/// The values of these fields; refuses any other field, and the lack of one.
pub fn exact_fields<'a, const N: usize>(
    parameters: &'a Parameters,
    names: [&str; N],
) -> Result<[&'a str; N], Refusal> {
    if let Some(alien) = parameters.names().find(|name| !names.contains(name)) {
        let near = names.iter().find(|name| name.eq_ignore_ascii_case(alien));
        return Err(malformed(match near {
            Some(right) => format!("field {alien} must be spelt {right}"),
            None => format!("field {alien} does not belong there"),
        }));
    }
    match names.iter().find(|name| parameters.value(name).is_none()) {
        Some(missing) => Err(malformed(format!("field {missing} is missing"))),
        None => Ok(names.map(|name| parameters.value(name).unwrap_or_default())),
    }
}

/// The `grant_type`, noted in the journal, if it is one of these.
pub fn grant_type<'a>(
    visit: &Visit,
    parameters: &'a Parameters,
    grants: &[&str],
) -> Result<&'a str, Refusal> {
    let grant = parameters
        .value("grant_type")
        .ok_or_else(|| malformed("field grant_type is missing"))?;
    if grants.contains(&grant) {
        visit.journal.asked(grant);
        return Ok(grant);
    }
    let grants = grants.join(", ");
    Err(Refusal::new(
        Kind::GrantType,
        format!("grant_type is {grant:?}; this endpoint knows {grants}"),
    ))
}

/// Refuses an Authorization header on a token request.
pub fn no_authorization(visit: &Visit) -> Result<(), Refusal> {
    match visit.authorizations().next() {
        Some(_) => Err(malformed(
            "a token request has no Authorization header; its credentials are in the body",
        )),
        None => Ok(()),
    }
}

/// Compares an id and a secret with what is registered.
pub fn client(sent: (&str, &str), registered: (&str, &str)) -> Result<(), Refusal> {
    let reason = match sent {
        sent if sent == registered => return Ok(()),
        (id, secret) if (secret, id) == registered => "client_id and client_secret are swapped",
        (id, _) if id != registered.0 => "client_id is not known",
        _ => "client_secret is wrong",
    };
    Err(Refusal::new(Kind::Client, reason))
}

/// Compares a user name and a password with what is registered.
pub fn user(sent: (&str, &str), registered: (&str, &str)) -> Result<(), Refusal> {
    let reason = match sent {
        sent if sent == registered => return Ok(()),
        (name, _) if name != registered.0 => "the user name is not known",
        _ => "the password is wrong",
    };
    Err(Refusal::new(Kind::User, reason))
}

/// Refuses any method but these.
pub fn methods(visit: &Visit, methods: &[&str]) -> Result<(), Refusal> {
    let method = visit.request.method.as_str();
    if methods.contains(&method) {
        return Ok(());
    }
    let methods = methods.join(", ");
    Err(Refusal::new(
        Kind::Method,
        format!("the method is {method}; this path takes {methods}"),
    ))
}

/// The JSON body of an API request.
pub fn json_payload(visit: &Visit) -> Result<Value, Refusal> {
    let refused = |reason: String| Refusal::new(Kind::Payload, reason);
    let sent = visit.request.media_type();
    if sent != "application/json" {
        let sent = if sent.is_empty() { "missing" } else { &sent };
        return Err(refused(format!(
            "Content-Type is {sent}; the API takes JSON only"
        )));
    }
    serde_json::from_slice(&visit.request.body)
        .map_err(|error| refused(format!("the body is not JSON: {error}")))
}

/// The JSON body of a method that has one, and `None` of one that has none.
pub fn payload(visit: &Visit) -> Result<Option<Value>, Refusal> {
    match visit.request.method.as_str() {
        "POST" | "PUT" | "PATCH" => json_payload(visit).map(Some),
        _ if visit.request.body.is_empty() => Ok(None),
        method => Err(Refusal::new(
            Kind::Payload,
            format!("a {method} has no body"),
        )),
    }
}

fn malformed(reason: impl Into<String>) -> Refusal {
    Refusal::new(Kind::Malformed, reason)
}
