//! The token answer (RFC 6749 §5.1): tolerant of what servers do, strict where
//! a guess could hand out a wrong token.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::cache::source::TokenAnswer;
use crate::error::{Error, Status};
use crate::json;
use crate::secret::Secret;
use crate::transport::LARGEST_HEADER_VALUE;

/// Deeper or larger answers are not read (decoded bytes).
const DEEPEST: usize = 16;
pub(crate) const LARGEST_ANSWER: u64 = 1024 * 1024;

/// Reads the body of a 200. The error says what is wrong, without quoting it.
///
/// `places`: where the server has members of the standard under other names.
pub(crate) fn read(
    body: &[u8],
    from: &str,
    places: &BTreeMap<String, String>,
) -> Result<TokenAnswer, Error> {
    let bad = |code: &'static str, what: &str| {
        Error::new(
            Status::BadResponse,
            code,
            format!("{from} answered without a usable token: {what}"),
        )
    };
    let answer = match json::parse(body, DEEPEST) {
        Ok(Value::Object(members)) => members,
        Ok(_) => return Err(bad("token.not_json", "the JSON is no object")),
        Err(_) if looks_like_html(body) => {
            return Err(bad(
                "token.not_json",
                "it is a web page; check \"token_endpoint\"",
            ));
        }
        Err(error) => return Err(bad("token.not_json", &format!("no valid JSON, {error}"))),
    };
    let member = |name: &str| find(&answer, places.get(name).map_or(name, String::as_str));
    let text = |name: &str| match member(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        _ => None,
    };
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
    let claimed_life_ms = claimed_life_ms(member("expires_in")).map_err(|()| {
        bad(
            "token.expires_in",
            "\"expires_in\" is no whole number of seconds",
        )
    })?;
    Ok(TokenAnswer {
        access_token: Secret::new(access_token.clone()),
        token_type: token_type.to_owned(),
        scope: text("scope").filter(|scope| !scope.contains('\0')),
        refresh_token: text("refresh_token").map(Secret::new),
        claimed_life_ms,
        is_static: false,
    })
}

/// A whole number in any of the forms that servers use; absent when the server
/// claims nothing.
fn claimed_life_ms(expires_in: Option<&Value>) -> Result<Option<i64>, ()> {
    let seconds = match expires_in {
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
mod tests {
    use super::*;

    fn read_text(body: &str) -> Result<TokenAnswer, Error> {
        read(
            body.as_bytes(),
            "https://id.example/token",
            &BTreeMap::new(),
        )
    }

    fn read_at(body: &str, places: &[(&str, &str)]) -> Result<TokenAnswer, Error> {
        let places = places
            .iter()
            .map(|(name, place)| ((*name).into(), (*place).into()));
        read(
            body.as_bytes(),
            "https://id.example/token",
            &places.collect(),
        )
    }

    fn life(expires_in: &str) -> Result<Option<i64>, Error> {
        read_text(&format!(
            r#"{{"access_token":"a","token_type":"bearer","expires_in":{expires_in}}}"#
        ))
        .map(|answer| answer.claimed_life_ms)
    }

    #[test]
    fn expires_in_is_read_in_every_form_that_servers_use() {
        for (given, expected) in [
            ("3600", Some(3_600_000)),
            ("\"3600\"", Some(3_600_000)),
            ("3600.0", Some(3_600_000)),
            ("3.6e3", Some(3_600_000)),
            ("null", None),
            ("0", Some(0)),
            ("-1", Some(-1_000)),
            ("\"-1\"", Some(-1_000)),
            ("9223372036854775808", Some(i64::MAX)),
            ("\"99999999999999999999\"", Some(i64::MAX)),
            ("1e300", Some(i64::MAX)),
        ] {
            assert_eq!(life(given).unwrap(), expected, "{given}");
        }
        for bad in [
            "3600.5", "\"abc\"", "\"\"", "\"1 h\"", "\"+5\"", "true", "[]", "1e400",
        ] {
            assert_eq!(
                life(bad).unwrap_err().status(),
                Status::BadResponse,
                "{bad}"
            );
        }
        let absent = read_text(r#"{"access_token":"a"}"#).unwrap();
        assert_eq!(
            (absent.claimed_life_ms, &*absent.token_type),
            (None, "Bearer")
        );
    }

    #[test]
    fn the_type_is_bearer_in_any_case_and_no_other() {
        for (token_type, accepted) in [
            ("\"bearer\"", true),
            ("\"BEARER\"", true),
            ("null", true),
            ("\"mac\"", false),
            ("\"Bearer \"", false),
            ("1", false),
        ] {
            let body = format!(r#"{{"access_token":"a","token_type":{token_type}}}"#);
            assert_eq!(read_text(&body).is_ok(), accepted, "{token_type}");
        }
    }

    #[test]
    fn what_is_no_usable_token_is_refused_without_being_quoted() {
        for (body, code) in [
            ("", "token.not_json"),
            ("<html>canary</html>", "token.not_json"),
            ("[\"canary\"]", "token.not_json"),
            ("\"canary\"", "token.not_json"),
            (
                r#"{"access_token":"canary","access_token":"b"}"#,
                "token.not_json",
            ),
            (
                r#"{"access_token":"canary","x":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}"#,
                "token.not_json",
            ),
            (r#"{"token":"canary"}"#, "token.missing"),
            (r#"{"access_token":""}"#, "token.missing"),
            (r#"{"access_token":null}"#, "token.missing"),
            (r#"{"access_token":7}"#, "token.missing"),
            (r#"{"access_token":"can\r\nary"}"#, "token.malformed"),
            (r#"{"access_token":"canary é"}"#, "token.malformed"),
            (r#"{"access_token":"canary\u0000"}"#, "token.malformed"),
        ] {
            let error = read_text(body).err().unwrap_or_else(|| panic!("{body}"));
            assert_eq!(error.code(), code, "{body}");
            assert!(!error.message().contains("canary"), "{}", error.message());
        }
        let huge = format!(
            r#"{{"access_token":"{}"}}"#,
            "a".repeat(LARGEST_HEADER_VALUE + 1)
        );
        assert_eq!(read_text(&huge).err().unwrap().status(), Status::TooLarge);
    }

    #[test]
    fn members_are_found_where_the_config_says_they_are() {
        let body = r#"{"data":{"accessToken":"a","a.b":"c","life":{"s":60}},"scope":"x"}"#;
        let answer = read_at(
            body,
            &[
                ("access_token", "data.accessToken"),
                ("expires_in", "data.life.s"),
            ],
        )
        .unwrap();
        assert_eq!(answer.access_token.expose(), "a");
        assert_eq!(answer.claimed_life_ms, Some(60_000));
        assert_eq!(answer.scope.as_deref(), Some("x"));
        let dotted = read_at(body, &[("access_token", "data.a.b")]).unwrap();
        assert_eq!(dotted.access_token.expose(), "c");
        for place in ["data.token", "scope.token", "data", "data."] {
            let error = read_at(body, &[("access_token", place)]).err().unwrap();
            assert_eq!(error.code(), "token.missing", "{place}");
            assert!(error.message().contains(place), "{}", error.message());
        }
    }

    #[test]
    fn unknown_members_and_a_byte_order_mark_are_ignored() {
        let answer = read_text("\u{feff}{\"access_token\":\"a\",\"scope\":\"x y\",\"new\":{}}");
        assert_eq!(answer.unwrap().scope.as_deref(), Some("x y"));
    }
}
