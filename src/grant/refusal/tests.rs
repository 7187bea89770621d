//! What servers send in the place of a token.

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

fn context<'a>(secrets: &'a [&'a Secret]) -> Context<'a> {
    // As long as the program, for tests of few words.
    let keys = |names: &[&str]| -> &'static [String] {
        Box::leak(names.iter().map(|name| format!("\"{name}\"")).collect())
    };
    Context {
        from: "the token endpoint https://id.example/token",
        credential: keys(&["client_secret"]),
        client: keys(&["client_id", "client_secret", "client_auth"]),
        secrets,
        now_unix_s: 784_111_777,
    }
}

fn refusal(answer: &HttpResponse) -> Refusal {
    let secret = Secret::new("canary-secret");
    let refusal = read(answer, &context(&[&secret]));
    refusal.unwrap_or_else(|| panic!("HTTP {}", answer.status))
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
fn an_error_member_without_a_name_is_a_failure_and_null_is_none() {
    for status in [200, 201] {
        for error in ["5", "false", "{\"x\":1}", "[]", "\"\""] {
            let body = format!(r#"{{"access_token":"canary","error":{error}}}"#);
            let refusal = refusal(&answer(status, &body, &[]));
            let told = &refusal.failure.error;
            assert_eq!(told.status(), Status::BadResponse, "{error}");
            assert_eq!(told.code(), "token.unnamed_error", "{error}");
            assert_eq!(told.http_status(), Some(status));
            assert_eq!(refusal.failure.kind, FailureKind::Definitive);
            assert!(!told.message().contains("canary"));
        }
    }
    let null = answer(200, r#"{"access_token":"t","error":null}"#, &[]);
    assert!(read(&null, &context(&[])).is_none());
}

#[test]
fn invalid_grant_decides_whatever_the_status_but_a_redirect() {
    for status in [200, 400, 401, 403, 404, 429, 500, 502, 503] {
        let refusal = refusal(&answer(status, r#"{"error":"invalid_grant"}"#, &[]));
        assert_eq!(refusal.failure.error.code(), "oauth.invalid_grant");
        assert_eq!(refusal.failure.kind, FailureKind::Definitive, "{status}");
    }
    let redirect = refusal(&answer(302, r#"{"error":"invalid_grant"}"#, &[]));
    assert_eq!(redirect.failure.error.code(), "token.redirect");
    assert_eq!(redirect.oauth_error, None);
}

#[test]
fn a_reason_that_is_compressed_is_told_to_be() {
    let gzip = answer(401, "\u{1f}\u{b}", &[("Content-Encoding", "gzip")]);
    let message = refusal(&gzip).failure.error.message().to_owned();
    assert!(message.contains("compressed (gzip)"), "{message}");
}

#[test]
fn the_description_is_cut_and_made_printable() {
    let body = format!(
        r#"{{"error":"invalid_client","error_description":"bad \u001b[31m{}"}}"#,
        "x".repeat(500)
    );
    let refusal = refusal(&answer(401, &body, &[]));
    let description = refusal.failure.error.oauth_description().unwrap();
    assert!(description.starts_with("bad ?[31mxxx"), "{description}");
    assert_eq!(description.len(), 200);
    assert!(refusal.failure.error.message().contains("it says: bad ?"));
}

#[test]
fn a_description_and_a_code_with_a_secret_are_withheld() {
    let body = r#"{"error":"no canary-secret","error_description":"bad canary-secret"}"#;
    let error = refusal(&answer(401, body, &[])).failure.error;
    assert_eq!(error.oauth_description(), Some(secret::WITHHELD));
    assert_eq!(error.oauth_error(), Some(secret::WITHHELD));
    assert!(!error.message().contains("canary"), "{error}");
}

#[test]
fn what_servers_say_in_a_form_of_their_own_is_quoted() {
    let secret = Secret::new("s3cret-canary");
    for (body, said) in [
        (r#"{"Message": "no such account"}"#, Some("no such account")),
        (
            r#"{"errors": [{"code": "4", "title": "T", "detail": "no such client"}]}"#,
            Some("no such client"),
        ),
        (
            r#"{"error_code": "AUTH", "errors": ["bad key"]}"#,
            Some("bad key"),
        ),
        (
            r#"{"ErrorCode": "x", "Error": "client is off"}"#,
            Some("client is off"),
        ),
        (r#"{"errors": [], "title": "Refused"}"#, Some("Refused")),
        (r#"{"errors": [7], "message": {"a": 1}}"#, None),
        (r#"["no"]"#, None),
    ] {
        let refused = refusal(&answer(401, body, &[]));
        let message = refused.failure.error.message().to_owned();
        let quoted = message.split("; it says: ").nth(1);
        assert_eq!(quoted, said, "{message}");
    }
    let echoed = answer(401, r#"{"message": "bad s3cret-canary"}"#, &[]);
    let refused = read(&echoed, &context(&[&secret])).unwrap();
    assert!(!refused.failure.error.message().contains("canary"));
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
