//! The error answer (RFC 6749 §5.2), and what servers send in its place.

use serde_json::{Map, Value};

use super::answer::compression;
use crate::cache::source::{Failure, FailureKind};
use crate::error::{Error, Status};
use crate::json;
use crate::secret::{self, Secret};
use crate::transport::HttpResponse;
use crate::url::Url;

const LONGEST_DESCRIPTION: usize = 200;

/// Who refused what: the words of a message.
pub(crate) struct Context<'a> {
    /// Such as `the token endpoint https://id.example/token`.
    pub(crate) from: &'a str,
    /// The keys of what was spent, such as `"client_secret" (from environment
    /// variable X)`.
    pub(crate) credential: &'a [String],
    /// The keys of the client itself, such as `"client_id"`.
    pub(crate) client: &'a [String],
    pub(crate) secrets: &'a [&'a Secret],
    pub(crate) now_unix_s: i64,
}

impl<'a> Context<'a> {
    fn every_key(&self) -> impl Iterator<Item = &'a String> {
        let (client, credential) = (self.client, self.credential);
        let spent = credential.iter().filter(|key| !client.contains(key));
        client.iter().chain(spent)
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed<'a>(keys: impl Iterator<Item = &'a String>) -> String {
    let keys: Vec<&str> = keys.map(String::as_str).collect();
    match keys.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

/// A refusal, with the OAuth error code if there was one.
pub(crate) struct Refusal {
    pub(crate) failure: Failure,
    pub(crate) oauth_error: Option<String>,
    /// What the server says about it, fit to be shown.
    pub(crate) said: Option<String>,
}

/// What an answer means that brings no token. `error` in a 2xx is one as well,
/// whatever it holds.
pub(crate) fn read(answer: &HttpResponse, context: &Context) -> Option<Refusal> {
    let members = match json::parse(&answer.body, 16) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    };
    let present = |name: &str| {
        let member = members.as_ref()?.get(name);
        member.filter(|value| !value.is_null())
    };
    let shown = |text: &str| printable(&secret::shown(text, LONGEST_DESCRIPTION, context.secrets));
    let text = |name: &str| match present(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(shown(text)),
        _ => None,
    };
    if is_success(answer.status) && present("error").is_none() {
        return None;
    }
    // Where a redirect leads matters, not what it says.
    let is_redirect = (300..400).contains(&answer.status);
    let code = text("error").filter(|_| !is_redirect);
    let description = text("error_description");
    let said = description.clone().or_else(|| {
        let said = members.as_ref().and_then(said_otherwise)?;
        Some(shown(said)).filter(|_| !is_redirect)
    });
    let said = said.map(|text| text.trim_end_matches(['.', ' ']).to_owned());
    let failure = match code.as_deref() {
        Some(code) if decides(code, answer.status) => by_code(code, answer, context),
        None if is_success(answer.status) => unnamed(answer, context),
        _ => by_status(answer, context),
    };
    let error = failure.error.with_http_status(answer.status);
    let error = match &code {
        Some(code) => error.with_oauth(code.clone(), description),
        None => error,
    };
    let error = match &said {
        Some(text) => error.map_message(|message| format!("{message}; it says: {text}")),
        None => error,
    };
    Some(Refusal {
        failure: Failure { error, ..failure },
        oauth_error: code,
        said,
    })
}

/// What servers say that don't know `error_description`: the text of a usual
/// member, or that of the first of `errors`.
fn said_otherwise(members: &Map<String, Value>) -> Option<&str> {
    let first = members.get("errors").and_then(|errors| errors.get(0));
    if let Some(Value::Object(first)) = first {
        return usual_text(first);
    }
    first
        .and_then(Value::as_str)
        .or_else(|| usual_text(members))
}

fn usual_text(members: &Map<String, Value>) -> Option<&str> {
    ["detail", "message", "title", "error"]
        .iter()
        .find_map(|usual| {
            // "error" itself is the code of the standard.
            let mut named = members
                .iter()
                .filter(|(name, _)| name.eq_ignore_ascii_case(usual) && *name != "error");
            named.find_map(|(_, value)| value.as_str())
        })
}

pub(crate) fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

/// Whether the code says more than the HTTP status. What `invalid_grant` is
/// about must not be sent again, whichever status it comes with.
fn decides(code: &str, status: u16) -> bool {
    let is_client_error = (400..500).contains(&status) && status != 408 && status != 429;
    is_success(status) || is_client_error || code == "invalid_grant"
}

/// An `error` without a name, in an answer that looks like a success.
fn unnamed(answer: &HttpResponse, context: &Context) -> Failure {
    Failure::definitive(Error::new(
        Status::BadResponse,
        "token.unnamed_error",
        format!(
            "{} answered with an \"error\" that is empty or no text (HTTP {}); a token beside it \
             is not used; ask its administrator, then call reset",
            context.from, answer.status
        ),
    ))
}

fn by_code(code: &str, answer: &HttpResponse, context: &Context) -> Failure {
    let from = context.from;
    let credential = listed(context.credential.iter());
    let http = answer.status;
    let definitive = |status, code: &'static str, message: String| {
        Failure::definitive(Error::new(status, code, message))
    };
    match code {
        "invalid_client" => definitive(
            Status::InvalidCredentials,
            "oauth.invalid_client",
            format!(
                "{from} refused the client (invalid_client, HTTP {http}); check {}, then call reset",
                listed(context.client.iter())
            ),
        ),
        "invalid_grant" => definitive(
            Status::InvalidCredentials,
            "oauth.invalid_grant",
            format!(
                "{from} refused the credentials (invalid_grant, HTTP {http}); check {credential}, \
                 then call reset"
            ),
        ),
        "unauthorized_client" => definitive(
            Status::InvalidCredentials,
            "oauth.unauthorized_client",
            format!(
                "{from} does not allow this client this grant (unauthorized_client, HTTP {http}); \
                 allow it at the provider or choose another \"grant\", then call reset"
            ),
        ),
        "access_denied" => definitive(
            Status::InvalidCredentials,
            "oauth.access_denied",
            format!("{from} denied access (access_denied, HTTP {http}); ask its administrator"),
        ),
        "invalid_scope" => definitive(
            Status::InvalidConfig,
            "oauth.invalid_scope",
            format!("{from} refused the scope (invalid_scope, HTTP {http}); check \"scope\""),
        ),
        "unsupported_grant_type" => definitive(
            Status::InvalidConfig,
            "oauth.unsupported_grant_type",
            format!(
                "{from} does not know this grant (unsupported_grant_type, HTTP {http}); check \
                 \"grant\" and \"token_request.format\""
            ),
        ),
        "invalid_request" => definitive(
            Status::InvalidConfig,
            "oauth.invalid_request",
            format!(
                "{from} found the token request incomplete or malformed (invalid_request, HTTP \
                 {http}); check \"grant\", \"client_auth\" and \"token_request\""
            ),
        ),
        "temporarily_unavailable" | "server_error" | "slow_down" => Failure::transient(Error::new(
            Status::Unavailable,
            "token.server_error",
            format!("{from} can't issue a token now ({code}, HTTP {http})"),
        )),
        other => definitive(
            Status::InvalidCredentials,
            "oauth.other",
            format!(
                "{from} refused the token request ({other}, HTTP {http}); check the credentials, \
                 then call reset"
            ),
        ),
    }
}

fn by_status(answer: &HttpResponse, context: &Context) -> Failure {
    let from = context.from;
    let http = answer.status;
    match http {
        300..400 => Failure::definitive(Error::new(
            Status::BadResponse,
            "token.redirect",
            format!(
                "{from} redirects to {} (HTTP {http}); credentials are not sent along: name the \
                 right \"token_endpoint\"",
                redirect_target(answer)
            ),
        )),
        400 | 401 | 403 => Failure::definitive(Error::new(
            Status::InvalidCredentials,
            "token.refused",
            format!(
                "{from} refused the token request (HTTP {http}){}; check {}, then call reset",
                unreadable(answer),
                listed(context.every_key())
            ),
        )),
        429 | 503 => Failure {
            error: Error::new(
                Status::Unavailable,
                "token.throttled",
                format!("{from} asks to come back later (HTTP {http})"),
            ),
            kind: FailureKind::Throttled {
                retry_after_ms: retry_after_ms(answer, context.now_unix_s),
            },
            repeatable: false,
        },
        408 | 500.. => Failure::transient(Error::new(
            Status::Unavailable,
            "token.server_error",
            format!("{from} failed (HTTP {http})"),
        )),
        _ => Failure::transient(Error::new(
            Status::BadResponse,
            "token.http_status",
            format!(
                "{from} answered HTTP {http}, which is no answer of a token endpoint; check \
                 \"token_endpoint\" and \"token_request.format\""
            ),
        ))
        .once(),
    }
}

/// Why a reason that may be there is not told.
fn unreadable(answer: &HttpResponse) -> String {
    match compression(answer) {
        Some(coding) => format!("; its reason is compressed ({coding}), which was not asked for"),
        None => String::new(),
    }
}

/// Seconds or a date (RFC 9110 §10.2.3); nothing when it is neither.
fn retry_after_ms(answer: &HttpResponse, now_unix_s: i64) -> Option<i64> {
    let value = answer.header("retry-after")?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = value.parse::<i64>().unwrap_or(i64::MAX);
        return Some(seconds.saturating_mul(1000));
    }
    let date = httpdate::parse_http_date(value.get(..value.len().min(64))?).ok()?;
    let at = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    let at = i64::try_from(at.as_secs()).ok()?;
    Some(at.saturating_sub(now_unix_s).max(0).saturating_mul(1000))
}

/// The origin alone: a query may hold what is nobody's business.
fn redirect_target(answer: &HttpResponse) -> String {
    match answer.header("location").map(Url::parse) {
        Some(Ok(url)) => url.origin(),
        Some(Err(_)) => "another place of its own".into(),
        None => "nowhere".into(),
    }
}

/// What a terminal and a log can bear.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c == ' ' || c.is_ascii_graphic() {
                c
            } else {
                '?'
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
