//! The protected API, and the routes that show a caller what it sent.

use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::http::{Body, Request, Response};
use crate::registration::Registration;
use crate::stats::ApiOutcome;
use crate::switches::{Fault, Place};
use crate::{Reply, Server};

/// What a header that may carry a credential says.
#[derive(Clone, Copy)]
struct Credential<'a> {
    header: &'a str,
    scheme: &'a str,
    value: &'a str,
}

/// Who a request comes from, and whether it may.
struct Caller<'a> {
    credential: Option<Credential<'a>>,
    client: Option<Arc<Registration>>,
    token_number: Option<u64>,
    refused: Option<String>,
}

/// Answers a request below `/api/`.
pub fn respond(server: &Server, request: &Request) -> Reply {
    let caller = Caller::identify(server, request);
    let client_id = caller
        .client
        .as_ref()
        .map(|client| client.client_id.as_str());

    if let Some(switch) = server.switches.take(Place::Api, client_id, None) {
        switch.wait();
        if let Some(fault) = switch.fault() {
            return broken(server, client_id, request, fault);
        }
        if switch.wait_to_answer() {
            server
                .stats
                .api_request(client_id, &request.path, ApiOutcome::Switched);
            return Reply::Close;
        }
    }
    if let Some(reason) = &caller.refused {
        server
            .stats
            .api_request(client_id, &request.path, ApiOutcome::Unauthorized(reason));
        return Reply::Answer(unauthorized(reason));
    }
    server
        .stats
        .api_request(client_id, &request.path, ApiOutcome::Ok);
    serve(server, request, &caller)
}

/// Answers `/open/echo`, which asks for no credential.
pub fn open_echo(server: &Server, request: &Request) -> Response {
    echo(server, request, &Caller::identify(server, request))
}

fn broken(server: &Server, client_id: Option<&str>, request: &Request, fault: Fault) -> Reply {
    let outcome = match &fault {
        Fault::Answer(response) if response.status == 401 => ApiOutcome::Unauthorized("switch"),
        _ => ApiOutcome::Switched,
    };
    server.stats.api_request(client_id, &request.path, outcome);
    match fault {
        Fault::Answer(response) => Reply::Answer(response),
        Fault::Close => Reply::Close,
        Fault::Reset => Reply::Reset,
        Fault::Hang => Reply::Hang(None),
    }
}

fn unauthorized(reason: &str) -> Response {
    let challenge = match reason {
        "missing" => "Bearer",
        _ => "Bearer error=\"invalid_token\"",
    };
    Response::json(
        401,
        &json!({"error": "invalid_token", "error_description": reason}),
    )
    .with_header("WWW-Authenticate", challenge)
}

fn serve(server: &Server, request: &Request, caller: &Caller) -> Reply {
    let mut words = request.path.trim_start_matches("/api/").splitn(2, '/');
    let (route, rest) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let number = rest.parse::<u64>();
    Reply::Answer(match (route, number) {
        ("echo", _) => echo(server, request, caller),
        ("status", Ok(status @ 200..=599)) => fixed_status(request, status as u16),
        ("bytes", Ok(length)) => alphabet(length, false),
        ("chunked", Ok(length)) => alphabet(length, true),
        ("slow", Ok(ms)) => {
            sleep(Duration::from_millis(ms));
            Response::json(200, &json!({"slow_ms": ms}))
        }
        ("close", _) => return Reply::Close,
        _ => Response::json(404, &json!({"error": "no such route"})),
    })
}

/// The asked-for status; each parameter of the query becomes a header.
fn fixed_status(request: &Request, status: u16) -> Response {
    let mut response = Response::json(status, &json!({"status": status}));
    for pair in request.query.as_deref().unwrap_or("").split('&') {
        if let Some((name, value)) = pair.split_once('=') {
            let value = percent_decode_str(value)
                .decode_utf8_lossy()
                .replace(['\r', '\n'], " ");
            response = response.with_header(name, &value);
        }
    }
    let has_location = response
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("location"));
    if (300..400).contains(&status) && !has_location {
        return response.with_header("Location", "/api/echo");
    }
    response
}

fn alphabet(length: u64, chunked: bool) -> Response {
    Response::new(200, Body::Alphabet { length, chunked })
        .with_header("Content-Type", "application/octet-stream")
}

fn echo(server: &Server, request: &Request, caller: &Caller) -> Response {
    let mut headers = Map::new();
    for (name, value) in &request.headers {
        if server.registry.is_credential_header(name) {
            continue;
        }
        let joined = match headers
            .get(&name.to_ascii_lowercase())
            .and_then(Value::as_str)
        {
            Some(earlier) => format!("{earlier}, {value}"),
            None => value.clone(),
        };
        headers.insert(name.to_ascii_lowercase(), json!(joined));
    }
    let mut document = json!({
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": headers,
        "credential": caller.credential.map(|found| json!({"header": found.header, "scheme": found.scheme})),
        "client_id": caller.client.as_ref().map(|client| &client.client_id),
        "token_number": caller.token_number,
        "body_size": request.body.len(),
    });
    match str::from_utf8(&request.body) {
        Ok(text) => document["body"] = json!(text),
        Err(_) => document["body_base64"] = json!(STANDARD.encode(&request.body)),
    }
    Response::json(200, &document)
}

impl<'a> Credential<'a> {
    fn read((header, value): &'a (String, String)) -> Credential<'a> {
        let (scheme, value) = value.split_once(' ').unwrap_or(("", value));
        Credential {
            header,
            scheme,
            value,
        }
    }

    fn is_where_it_belongs(&self, client: &Registration) -> bool {
        client.credential_header.eq_ignore_ascii_case(self.header)
            && client.credential_scheme().eq_ignore_ascii_case(self.scheme)
    }
}

impl<'a> Caller<'a> {
    /// Finds the first header with a credential that is known.
    fn identify(server: &Server, request: &'a Request) -> Caller<'a> {
        let mut nobody = Caller {
            credential: None,
            client: None,
            token_number: None,
            refused: Some("missing".into()),
        };
        for header in request
            .headers
            .iter()
            .filter(|(name, _)| server.registry.is_credential_header(name))
        {
            let caller = Caller::with(server, Credential::read(header));
            if caller.client.is_some() {
                return caller;
            }
            nobody = caller;
        }
        nobody
    }

    fn with(server: &Server, credential: Credential<'a>) -> Caller<'a> {
        let (client, token_number, mut refused) = match server.ledger.access(credential.value) {
            Some(known) => (
                server.registry.client(&known.client),
                Some(known.number),
                known.refused,
            ),
            None => {
                let owns_key =
                    |client: &Registration| client.api_key.as_deref() == Some(credential.value);
                let client = server.registry.find(owns_key);
                let refused = client.is_none().then(|| "unknown".to_owned());
                (client, None, refused)
            }
        };
        if client
            .as_ref()
            .is_some_and(|client| !credential.is_where_it_belongs(client))
        {
            refused = Some("wrong header or scheme".into());
        }
        Caller {
            credential: Some(credential),
            client,
            token_number,
            refused,
        }
    }
}
