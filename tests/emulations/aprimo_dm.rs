//! Aprimo Distributed Marketing.

use serde_json::json;

use crate::support::server::{Emulation, TestServer};
use crate::{FORM, JSON, bearer, post_form, refused, send, send_json, without_tokens};

const TOKEN: &str = "/api/v1.0/token";
const GOOD: &str = "UserName=ann&Password=hunter22&grant_type=password&client_id=1BGEBC9E-A76D-4B85-936F-CFDBE412E8A5";

fn open(server: &TestServer) -> Emulation<'_> {
    server.emulate(json!({"provider": "aprimo-dm", "username": "ann", "password": "hunter22"}))
}

#[test]
fn the_exchange_of_the_page_is_accepted() {
    let server = TestServer::start();
    let aprimo = open(&server);
    let answer = post_form(&aprimo, TOKEN, GOOD);
    assert_eq!(
        without_tokens(&answer),
        json!({"access_token": "…", "token_type": "bearer", "expires_in": 3599})
    );
    // "Request Headers: None", says the page.
    assert_eq!(
        aprimo.request("POST", TOKEN, &[], GOOD.as_bytes()).status,
        200
    );
    let token = bearer(&answer);
    assert_eq!(send(&aprimo, "GET", "/api/v1.0/orders", &token).status, 200);
    assert_eq!(
        send_json(
            &aprimo,
            "POST",
            "/api/v1.0/orders",
            &token,
            &json!({"n": 1})
        )
        .status,
        201
    );
    assert_eq!(aprimo.stats()["refusals"], 0);
}

#[test]
fn any_other_token_request_is_refused() {
    let server = TestServer::start();
    let aprimo = open(&server);
    let no = |form: &str, error: &str, reason: &str| {
        refused(
            &aprimo,
            &post_form(&aprimo, TOKEN, form),
            400,
            ("/error", error),
            reason,
        );
    };
    no(
        &GOOD.replace("UserName", "username"),
        "invalid_request",
        "field username must be spelt UserName",
    );
    no(
        &GOOD.replace("&Password=hunter22", ""),
        "invalid_request",
        "field Password is missing",
    );
    no(
        &format!("{GOOD}&client_secret=x"),
        "invalid_request",
        "field client_secret does not belong there",
    );
    no(
        &format!("{GOOD}&scope=api"),
        "invalid_request",
        "field scope does not belong there",
    );
    no(
        &GOOD.replace("=password", "=client_credentials"),
        "unsupported_grant_type",
        "grant_type is \"client_credentials\"",
    );
    no(
        &GOOD.replace("1BGEBC9E", "00000000"),
        "invalid_client",
        "client_id is not known",
    );
    no(
        &GOOD.replace("hunter22", "wrong"),
        "invalid_grant",
        "the password is wrong",
    );
    no(
        &GOOD.replace("ann", "bob"),
        "invalid_grant",
        "the user name is not known",
    );
    let invalid = ("/error", "invalid_request");
    let basic = [FORM, ("Authorization", "Basic YW5uOmh1bnRlcjIy")];
    refused(
        &aprimo,
        &aprimo.request("POST", TOKEN, &basic, GOOD.as_bytes()),
        400,
        invalid,
        "a token request has no Authorization",
    );
    refused(
        &aprimo,
        &aprimo.request("POST", TOKEN, &[JSON], b"{}"),
        400,
        invalid,
        "Content-Type is application/json",
    );
    refused(
        &aprimo,
        &aprimo.request("GET", TOKEN, &[], b""),
        405,
        (
            "/Message",
            "The requested resource does not support this method.",
        ),
        "the method is GET",
    );
    refused(
        &aprimo,
        &post_form(&aprimo, "/oauth/token", GOOD),
        404,
        (
            "/Message",
            "No HTTP resource was found that matches the request URI.",
        ),
        "there is no /oauth/token",
    );
    assert_eq!(aprimo.stats()["tokens_issued"], 0);
}

#[test]
fn any_other_api_request_is_refused() {
    let server = TestServer::start();
    let aprimo = open(&server);
    let token = bearer(&post_form(&aprimo, TOKEN, GOOD));
    let denied = (
        "/Message",
        "Authorization has been denied for this request.",
    );
    let orders = "/api/v1.0/orders";
    refused(
        &aprimo,
        &aprimo.request("GET", orders, &[], b""),
        401,
        denied,
        "the Authorization header is missing",
    );
    // The token type of the answer isn't the scheme of the header.
    refused(
        &aprimo,
        &send(&aprimo, "GET", orders, &token.replace("Bearer", "bearer")),
        401,
        denied,
        "the scheme of the Authorization header is bearer; it must be Bearer",
    );
    refused(
        &aprimo,
        &send(&aprimo, "GET", "/orders", &token),
        404,
        (
            "/Message",
            "No HTTP resource was found that matches the request URI.",
        ),
        "there is no /orders",
    );
    aprimo.change(json!({"forbidden": [orders]}));
    refused(
        &aprimo,
        &send(&aprimo, "GET", orders, &token),
        403,
        ("/Message", "The user may not do this."),
        "the account may not use",
    );
    aprimo.change(json!({"forbidden": [], "advance_ms": 3_600_000}));
    refused(
        &aprimo,
        &send(&aprimo, "GET", orders, &token),
        401,
        denied,
        "the access token expired",
    );
}

#[test]
fn a_disabled_user_gets_no_token_and_keeps_those_it_has() {
    let server = TestServer::start();
    let aprimo = open(&server);
    let token = bearer(&post_form(&aprimo, TOKEN, GOOD));
    aprimo.change(json!({"disabled": true}));
    refused(
        &aprimo,
        &post_form(&aprimo, TOKEN, GOOD),
        400,
        ("/error", "invalid_grant"),
        "the account is disabled",
    );
    assert_eq!(send(&aprimo, "GET", "/api/v1.0/orders", &token).status, 200);
}
