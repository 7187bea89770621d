//! Ingram Micro.

use serde_json::{Value, json};

use crate::support::server::{Emulation, TestServer};
use crate::{FORM, JSON, bearer, post_form, refused, send, send_json, without_tokens};

const TOKEN: &str = "/oauth/oauth30/token";
const GOOD: &str = "grant_type=client_credentials&client_id=app&client_secret=s3cret";
const DAY_MS: u64 = 86_400_000;

pub fn open(server: &TestServer, more: Value) -> Emulation<'_> {
    let mut told =
        json!({"provider": "ingram-micro", "client_id": "app", "client_secret": "s3cret"});
    let more = more.as_object().cloned().expect("an object");
    told.as_object_mut().expect("an object").extend(more);
    server.emulate(told)
}

pub fn login(emulation: &Emulation) -> String {
    bearer(&post_form(emulation, TOKEN, GOOD))
}

#[test]
fn the_exchange_of_the_page_is_accepted() {
    let server = TestServer::start();
    let ingram = open(&server, json!({}));
    let answer = post_form(&ingram, TOKEN, GOOD);
    assert_eq!(
        without_tokens(&answer),
        json!({"access_token": "…", "token_type": "Bearer", "expires_in": 2_592_000})
    );
    let token = bearer(&answer);
    assert_eq!(
        send(&ingram, "GET", "/vendors/v1/orders?page=1", &token).status,
        200
    );
    let order = json!({"customerOrderNumber": "7"});
    let placed = send_json(&ingram, "POST", "/vendors/v1/orders", &token, &order);
    assert_eq!(
        (placed.status, &placed.json()["customerOrderNumber"]),
        (201, &json!("7"))
    );

    let stats = ingram.stats();
    assert_eq!(
        (
            &stats["token_requests"],
            &stats["tokens_issued"],
            &stats["api_requests"]
        ),
        (&json!(1), &json!(1), &json!(2))
    );
    assert_eq!(stats["api_statuses"], json!({"200": 1, "201": 1}));
    assert_eq!(
        stats["grants"]["client_credentials"],
        json!({"requests": 1, "issued": 1})
    );
    assert_eq!(stats["refusals"], 0);
}

#[test]
fn any_other_token_request_is_refused() {
    let server = TestServer::start();
    let ingram = open(&server, json!({}));
    let invalid = ("/ErrorCode", "invalid_request");
    for (form, reason) in [
        (
            "grant_type=client_credentials&client_id=app",
            "field client_secret is missing",
        ),
        (
            "client_id=app&client_secret=s3cret",
            "field grant_type is missing",
        ),
        (
            "grant_type=client_credentials&Client_Id=app&client_secret=s3cret",
            "field Client_Id must be spelt client_id",
        ),
        (
            "grant_type=client_credentials&client_id=app&client_secret=s3cret&scope=read",
            "field scope does not belong there",
        ),
        (
            "grant_type=password&client_id=app&client_secret=s3cret",
            "grant_type is \"password\"; this endpoint knows client_credentials",
        ),
    ] {
        refused(
            &ingram,
            &post_form(&ingram, TOKEN, form),
            400,
            invalid,
            reason,
        );
    }
    let basic = [FORM, ("Authorization", "Basic YXBwOnMzY3JldA==")];
    for (headers, body, reason) in [
        (
            &[JSON][..],
            r#"{"grant_type": "client_credentials", "client_id": "app", "client_secret": "s3cret"}"#,
            "Content-Type is application/json; this endpoint takes a form only",
        ),
        (&[], GOOD, "Content-Type is missing"),
        (
            &basic,
            "grant_type=client_credentials",
            "a token request has no Authorization header",
        ),
    ] {
        let answer = ingram.request("POST", TOKEN, headers, body.as_bytes());
        refused(&ingram, &answer, 400, invalid, reason);
    }
    let query = post_form(&ingram, &format!("{TOKEN}?{GOOD}"), "");
    refused(
        &ingram,
        &query,
        400,
        invalid,
        "a token request has no query",
    );
    let get = ingram.request("GET", TOKEN, &[], b"");
    refused(
        &ingram,
        &get,
        405,
        invalid,
        "the method is GET; this path takes POST",
    );
    let misspelt = post_form(&ingram, "/oauth/oauth20/token", GOOD);
    refused(
        &ingram,
        &misspelt,
        404,
        (
            "/fault/detail/errorcode",
            "messaging.adaptors.http.flow.ApplicationNotFound",
        ),
        "there is no /oauth/oauth20/token; tokens are at /oauth/oauth30/token",
    );

    for (id, secret, reason) in [
        ("app", "wrong", "client_secret is wrong"),
        ("other", "s3cret", "client_id is not known"),
        ("s3cret", "app", "client_id and client_secret are swapped"),
    ] {
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let answer = post_form(&ingram, TOKEN, &form);
        refused(
            &ingram,
            &answer,
            401,
            ("/ErrorCode", "invalid_client"),
            reason,
        );
    }
    assert_eq!(ingram.stats()["tokens_issued"], 0);
}

#[test]
fn any_other_api_request_is_refused() {
    let server = TestServer::start();
    let ingram = open(&server, json!({"forbidden": ["/vendors/v1/invoices"]}));
    let token = login(&ingram);
    let orders = "/vendors/v1/orders";
    let code = "/fault/detail/errorcode";
    let unknown = (code, "oauth.v2.InvalidAccessToken");
    let bad = ("/fault/faultstring", "Bad request");
    let lower = token.replace("Bearer", "bearer");
    for (method, target, authorization, status, body, reason) in [
        (
            "GET",
            orders,
            &*lower,
            401,
            unknown,
            "the scheme of the Authorization header is bearer; it must be Bearer",
        ),
        (
            "GET",
            orders,
            "Bearer invented",
            401,
            unknown,
            "the access token was never issued",
        ),
        (
            "GET",
            "/vendors/v2/orders",
            &token,
            404,
            ("/fault/faultstring", "Unable to identify proxy"),
            "there is no /vendors/v2/orders",
        ),
        (
            "GET",
            "/vendors/v1/invoices/7",
            &token,
            403,
            (code, "accesscontrol.Denied"),
            "the account may not use /vendors/v1/invoices",
        ),
        (
            "POST",
            orders,
            &token,
            400,
            bad,
            "Content-Type is missing; the API takes JSON only",
        ),
        (
            "PATCH",
            orders,
            &token,
            405,
            ("/fault/faultstring", "Method not allowed"),
            "the method is PATCH",
        ),
    ] {
        refused(
            &ingram,
            &send(&ingram, method, target, authorization),
            status,
            body,
            reason,
        );
    }
    let header = ("Authorization", token.as_str());
    for (method, headers, sent, status, body, reason) in [
        (
            "GET",
            &[][..],
            "",
            401,
            unknown,
            "the Authorization header is missing",
        ),
        (
            "GET",
            &[header, header],
            "",
            401,
            unknown,
            "there is more than one Authorization header",
        ),
        (
            "PUT",
            &[FORM, header],
            "a=b",
            400,
            bad,
            "Content-Type is application/x-www-form-urlencoded; the API takes JSON only",
        ),
        (
            "POST",
            &[JSON, header],
            "",
            400,
            bad,
            "the body is not JSON",
        ),
    ] {
        let answer = ingram.request(method, orders, headers, sent.as_bytes());
        refused(&ingram, &answer, status, body, reason);
    }
}

#[test]
fn a_token_claims_thirty_days_and_dies_after_one() {
    let server = TestServer::start();
    let ingram = open(&server, json!({}));
    let token = login(&ingram);
    ingram.change(json!({"advance_ms": DAY_MS - 60_000}));
    assert_eq!(
        send(&ingram, "GET", "/vendors/v1/orders", &token).status,
        200
    );
    ingram.change(json!({"advance_ms": 60_000}));
    refused(
        &ingram,
        &send(&ingram, "GET", "/vendors/v1/orders", &token),
        401,
        (
            "/fault/detail/errorcode",
            "keymanagement.service.access_token_expired",
        ),
        "the access token expired",
    );
}

#[test]
fn an_app_works_in_its_own_environment_only() {
    let server = TestServer::start();
    let other = (
        "/fault/detail/errorcode",
        "keymanagement.service.InvalidAPICallAsNoApiProductMatchFound",
    );
    for (environment, own, alien) in [
        ("sandbox", "/sandbox/orders", "/vendors/v1/orders"),
        ("production", "/vendors/v1/orders", "/sandbox/orders"),
    ] {
        let ingram = open(&server, json!({"environment": environment}));
        let token = login(&ingram);
        assert_eq!(send(&ingram, "GET", own, &token).status, 200);
        refused(
            &ingram,
            &send(&ingram, "GET", alien, &token),
            401,
            other,
            "the app is of the other environment",
        );
    }
}

#[test]
fn a_disabled_app_is_shut_out_at_once() {
    let server = TestServer::start();
    let ingram = open(&server, json!({}));
    let token = login(&ingram);
    ingram.change(json!({"disabled": true}));
    refused(
        &ingram,
        &post_form(&ingram, TOKEN, GOOD),
        401,
        ("/ErrorCode", "invalid_client"),
        "the account is disabled",
    );
    refused(
        &ingram,
        &send(&ingram, "GET", "/vendors/v1/orders", &token),
        401,
        ("/fault/detail/errorcode", "oauth.v2.InvalidAccessToken"),
        "the account was disabled",
    );
}
