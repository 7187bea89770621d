//! The token answer (RFC 6749 §5.1): tolerant of what servers do, strict where
//! a guess could hand out a wrong token.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::cache::source::TokenAnswer;
use crate::error::{Error, Status};
use crate::json;
use crate::secret::Secret;
use crate::transport::{HttpResponse, LARGEST_HEADER_VALUE};

/// Deeper or larger answers are not read (decoded bytes).
const DEEPEST: usize = 16;
pub(crate) const LARGEST_ANSWER: u64 = 1024 * 1024;

/// Reads a 2xx. The error says what is wrong, without quoting it.
///
/// `places`: where the server has members of the standard under other names.
pub(crate) fn read(
    response: &HttpResponse,
    from: &str,
    places: &BTreeMap<String, String>,
) -> Result<TokenAnswer, Error> {
    let body = &*response.body;
    let bad = |code: &'static str, what: &str| {
        Error::new(
            Status::BadResponse,
            code,
            format!("{from} answered without a usable token: {what}"),
        )
    };
    let no_json = |what: &str| Err(bad("token.not_json", what));
    let members = match (json::parse(body, DEEPEST), compression(response)) {
        (Ok(Value::Object(members)), _) => members,
        (Ok(_), _) => return no_json("the JSON is no object"),
        (Err(_), Some(coding)) => {
            return no_json(&format!(
                "it is compressed ({coding}), which was not asked for"
            ));
        }
        (Err(_), None) if body.is_empty() => {
            return no_json(&format!(
                "it is empty (HTTP {}); check \"token_endpoint\"",
                response.status
            ));
        }
        (Err(_), None) if looks_like_html(body) => {
            return no_json("it is a web page; check \"token_endpoint\"");
        }
        (Err(error), None) => return no_json(&format!("no valid JSON, {error}")),
    };
    let member = |name: &str| member(&members, name, places);
    let unusable = |what: &str| {
        let place = places.get("access_token");
        let name = place.map_or("access_token", String::as_str);
        bad("token.missing", &format!("\"{name}\" {what}"))
    };
    let access_token = match member("access_token") {
        Some(Value::String(token)) if !token.is_empty() => token,
        Some(Value::String(_)) => return Err(unusable("is empty")),
        Some(_) => return Err(unusable("is no text")),
        None => return Err(unusable("is missing")),
    };
    if access_token.len() > LARGEST_HEADER_VALUE {
        return Err(Error::new(
            Status::TooLarge,
            "token.too_large",
            format!("{from} issued a token of more than {LARGEST_HEADER_VALUE} bytes"),
        ));
    }
    if !access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(bad(
            "token.malformed",
            "\"access_token\" has a character that no header can carry",
        ));
    }
    let token_type = match member("token_type") {
        None | Some(Value::Null) => "Bearer",
        Some(Value::String(given)) if given.eq_ignore_ascii_case("bearer") => given,
        Some(_) => {
            return Err(bad(
                "token.type",
                "\"token_type\" is not Bearer, and no other is understood",
            ));
        }
    };
    let claimed_life_ms = milliseconds(member("expires_in")).map_err(|()| {
        bad(
            "token.expires_in",
            "\"expires_in\" is no whole number of seconds",
        )
    })?;
    Ok(TokenAnswer {
        access_token: Secret::new(access_token.clone()),
        token_type: token_type.to_owned(),
        scope: text(member("scope")).filter(|scope| !scope.contains('\0')),
        refresh_token: text(member("refresh_token")).map(Secret::new),
        claimed_life_ms,
        // A wish: what can't be read is none.
        refresh_in_ms: milliseconds(member("refresh_in")).unwrap_or_default(),
        is_static: false,
    })
}

/// The refresh token of an answer that is no use otherwise: the server may have
/// replaced the old one by it.
pub(crate) fn refresh_token(
    response: &HttpResponse,
    places: &BTreeMap<String, String>,
) -> Option<Secret> {
    match json::parse(&response.body, DEEPEST) {
        Ok(Value::Object(members)) => {
            text(member(&members, "refresh_token", places)).map(Secret::new)
        }
        _ => None,
    }
}

/// The coding that a body came in although none was asked for.
pub(crate) fn compression(response: &HttpResponse) -> Option<String> {
    let coding = response.header("content-encoding")?.trim();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    match coding.to_ascii_lowercase() {
        identity if identity == "identity" => None,
        word if !word.is_empty() && word.len() <= 20 && word.bytes().all(is_word) => Some(word),
        _ => Some("in an unknown way".into()),
    }
}

fn text(member: Option<&Value>) -> Option<String> {
    match member {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// A whole number in any of the forms that servers use; absent when the server
/// claims nothing.
fn milliseconds(seconds: Option<&Value>) -> Result<Option<i64>, ()> {
    let seconds = match seconds {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole,
            (None, Some(float)) if float.fract() == 0.0 => saturate(float),
            _ => return Err(()),
        },
        Some(Value::String(text)) => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(());
            }
            match text.parse::<i64>() {
                Ok(whole) => whole,
                // Digits alone: it can only be too large or too small.
                Err(_) if text.starts_with('-') => i64::MIN,
                Err(_) => i64::MAX,
            }
        }
        Some(_) => return Err(()),
    };
    Ok(Some(seconds.saturating_mul(1000)))
}

/// `as` saturates for floats, which is what is wanted of an absurd claim.
fn saturate(float: f64) -> i64 {
    float as i64
}

/// A member of the standard, where this server has it.
fn member<'a>(
    members: &'a Map<String, Value>,
    name: &str,
    places: &BTreeMap<String, String>,
) -> Option<&'a Value> {
    find(members, places.get(name).map_or(name, String::as_str))
}

/// The member of that name, or the one that a dotted name leads to.
fn find<'a>(members: &'a Map<String, Value>, place: &str) -> Option<&'a Value> {
    if let Some(found) = members.get(place) {
        return Some(found);
    }
    let (outer, inner) = place.split_once('.')?;
    find(members.get(outer)?.as_object()?, inner)
}

fn looks_like_html(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

#[cfg(test)]
mod tests;
