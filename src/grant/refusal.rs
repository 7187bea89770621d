//! The error answer (RFC 6749 §5.2), and what servers send in its place.

use serde_json::Value;

use crate::cache::source::{Failure, FailureKind};
use crate::error::{Error, Status};
use crate::json;
use crate::secret::{Secret, mask};
use crate::transport::HttpResponse;
use crate::url::Url;

const LONGEST_DESCRIPTION: usize = 200;

/// Who refused what: the words of a message.
pub(crate) struct Context<'a> {
    /// Such as `the token endpoint https://id.example/token`.
    pub(crate) from: &'a str,
    /// Such as `"client_secret" (from environment variable X)`.
    pub(crate) credential: &'a str,
    pub(crate) secrets: &'a [&'a Secret],
    pub(crate) now_unix_s: i64,
}

/// A refusal, with the OAuth error code if there was one.
pub(crate) struct Refusal {
    pub(crate) failure: Failure,
    pub(crate) oauth_error: Option<String>,
}

/// What an answer means that brings no token. `error` in a 200 is one as well.
pub(crate) fn read(answer: &HttpResponse, context: &Context) -> Option<Refusal> {
    let members = match json::parse(&answer.body, 16) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    };
    let member = |name: &str| match members.as_ref()?.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(text.as_str()),
        _ => None,
    };
    // Masked before it is cut: half a secret is no longer recognised as one.
    let shown = |text: &str| printable(&mask(text, context.secrets));
    let code = member("error").map(shown);
    if answer.status == 200 && code.is_none() {
        return None;
    }
    let description = member("error_description").map(shown);
    let failure = match code.as_deref() {
        Some(code) if (200..300).contains(&answer.status) || is_client_error(answer.status) => {
            by_code(code, answer, context)
        }
        _ => by_status(answer, context),
    };
    let error = failure.error.with_http_status(answer.status);
    let error = match &code {
        Some(code) => {
            let error = error.with_oauth(code.clone(), description.clone());
            match description {
                Some(text) => error.map_message(|message| format!("{message}; it says: {text}")),
                None => error,
            }
        }
        None => error,
    };
    Some(Refusal {
        failure: Failure { error, ..failure },
        oauth_error: code,
    })
}

fn is_client_error(status: u16) -> bool {
    (400..500).contains(&status) && status != 408 && status != 429
}

fn by_code(code: &str, answer: &HttpResponse, context: &Context) -> Failure {
    let Context {
        from, credential, ..
    } = context;
    let http = answer.status;
    let definitive = |status, code: &'static str, message: String| {
        Failure::definitive(Error::new(status, code, message))
    };
    match code {
        "invalid_client" => definitive(
            Status::InvalidCredentials,
            "oauth.invalid_client",
            format!(
                "{from} refused the client (invalid_client, HTTP {http}); check \"client_id\", \
                 {credential} and \"client_auth\", then call reset"
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
    let Context {
        from, credential, ..
    } = context;
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
                "{from} refused the token request (HTTP {http}); check \"client_id\", {credential} \
                 and \"client_auth\", then call reset"
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
        .take(LONGEST_DESCRIPTION)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str, headers: &[(&str, &str)]) -> HttpResponse {
        HttpResponse {
            status,
            headers: headers
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    fn refusal(answer: &HttpResponse) -> Refusal {
        let secret = Secret::new("canary-secret");
        let context = Context {
            from: "the token endpoint https://id.example/token",
            credential: "\"client_secret\" (given as a value)",
            secrets: &[&secret],
            now_unix_s: 784_111_777,
        };
        read(answer, &context).unwrap_or_else(|| panic!("HTTP {}", answer.status))
    }

    #[test]
    fn an_error_code_says_what_to_do() {
        for (code, status, kind) in [
            (
                "invalid_client",
                Status::InvalidCredentials,
                FailureKind::Definitive,
            ),
            (
                "invalid_grant",
                Status::InvalidCredentials,
                FailureKind::Definitive,
            ),
            (
                "invalid_scope",
                Status::InvalidConfig,
                FailureKind::Definitive,
            ),
            (
                "temporarily_unavailable",
                Status::Unavailable,
                FailureKind::Transient,
            ),
            (
                "made_up",
                Status::InvalidCredentials,
                FailureKind::Definitive,
            ),
        ] {
            let body = format!(r#"{{"error":"{code}"}}"#);
            let refusal = refusal(&answer(400, &body, &[]));
            assert_eq!(refusal.failure.error.status(), status, "{code}");
            assert_eq!(refusal.failure.kind, kind, "{code}");
            assert_eq!(refusal.failure.error.oauth_error(), Some(code));
            assert_eq!(refusal.failure.error.http_status(), Some(400));
        }
    }

    #[test]
    fn a_200_with_an_error_member_is_a_failure() {
        let body = r#"{"error":"invalid_client","access_token":"t"}"#;
        let refusal = refusal(&answer(200, body, &[]));
        assert_eq!(refusal.failure.error.code(), "oauth.invalid_client");
    }

    #[test]
    fn the_description_is_masked_cut_and_made_printable() {
        let body = format!(
            r#"{{"error":"invalid_client","error_description":"bad canary-secret\u001b[31m{}"}}"#,
            "x".repeat(500)
        );
        let refusal = refusal(&answer(401, &body, &[]));
        let description = refusal.failure.error.oauth_description().unwrap();
        assert!(description.starts_with("bad ***?[31mxxx"), "{description}");
        assert_eq!(description.len(), 200);
        assert!(!refusal.failure.error.message().contains("canary"));
        assert!(refusal.failure.error.message().contains("it says: bad ***"));
    }

    #[test]
    fn a_refusal_without_a_body_is_told_by_its_status() {
        for (status, code, kind) in [
            (400, "token.refused", FailureKind::Definitive),
            (401, "token.refused", FailureKind::Definitive),
            (403, "token.refused", FailureKind::Definitive),
            (404, "token.http_status", FailureKind::Transient),
            (500, "token.server_error", FailureKind::Transient),
            (502, "token.server_error", FailureKind::Transient),
        ] {
            let refusal = refusal(&answer(status, "", &[]));
            assert_eq!(refusal.failure.error.code(), code, "{status}");
            assert_eq!(refusal.failure.kind, kind, "{status}");
        }
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        for (value, expected) in [
            ("120", Some(120_000)),
            ("99999999999999999999", Some(i64::MAX)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10_000)),
            ("Sun, 06 Nov 1994 08:40:00 GMT", Some(0)),
            ("soon", None),
            ("-5", None),
            ("", None),
        ] {
            let refusal = refusal(&answer(429, "", &[("Retry-After", value)]));
            assert_eq!(
                refusal.failure.kind,
                FailureKind::Throttled {
                    retry_after_ms: expected
                },
                "{value}"
            );
        }
    }

    #[test]
    fn a_redirect_is_named_by_its_origin_alone() {
        let to = [("Location", "https://evil.example/x?token=canary")];
        let refusal = refusal(&answer(307, "", &to));
        let message = refusal.failure.error.message();
        assert!(
            message.contains("https://evil.example (HTTP 307)"),
            "{message}"
        );
        assert!(!message.contains("canary"));
    }
}
