//! Answers with a token, and those that look like one.

use super::*;

fn response(body: &[u8], headers: &[(&str, &str)]) -> HttpResponse {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()));
    HttpResponse {
        status: 200,
        headers: headers.collect(),
        body: body.to_vec(),
    }
}

fn read_text(body: &str) -> Result<TokenAnswer, Error> {
    read_at(body, &[])
}

fn read_at(body: &str, places: &[(&str, &str)]) -> Result<TokenAnswer, Error> {
    let places = places
        .iter()
        .map(|(name, place)| ((*name).into(), (*place).into()));
    read(
        &response(body.as_bytes(), &[]),
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
fn a_refresh_token_is_found_in_an_answer_that_is_no_use_otherwise() {
    let found = |body: &str, place: &str| {
        let places = BTreeMap::from([("refresh_token".to_owned(), place.to_owned())]);
        let found = refresh_token(&response(body.as_bytes(), &[]), &places);
        found.map(|secret| secret.expose().to_owned())
    };
    let body = r#"{"access_token":7,"expires_in":"1 hour","data":{"next":"r2"}}"#;
    assert_eq!(found(body, "data.next").as_deref(), Some("r2"));
    assert_eq!(found(body, "refresh_token"), None);
    assert_eq!(found(body, "access_token"), None);
    assert_eq!(found(r#"{"refresh_token":"r2""#, "refresh_token"), None);
}

#[test]
fn a_body_in_a_coding_that_was_not_asked_for_is_named() {
    for (coding, named) in [
        ("gzip", Some("compressed (gzip)")),
        (" BR ", Some("compressed (br)")),
        ("evil\u{1b}[31m", Some("compressed (in an unknown way)")),
        ("identity", None),
    ] {
        let coded = response(b"\x1f\x8b\x08", &[("Content-Encoding", coding)]);
        let error = read(&coded, "x", &BTreeMap::new()).err().unwrap();
        assert_eq!(error.code(), "token.not_json", "{coding:?}");
        let message = error.message();
        match named {
            Some(named) => assert!(message.contains(named), "{message}"),
            None => assert!(!message.contains("compressed"), "{message}"),
        }
    }
    let plain = response(br#"{"access_token":"a"}"#, &[("Content-Encoding", "gzip")]);
    assert!(read(&plain, "x", &BTreeMap::new()).is_ok());
}

#[test]
fn unknown_members_and_a_byte_order_mark_are_ignored() {
    let answer = read_text("\u{feff}{\"access_token\":\"a\",\"scope\":\"x y\",\"new\":{}}");
    assert_eq!(answer.unwrap().scope.as_deref(), Some("x y"));
}
