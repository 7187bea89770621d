//! CloudBlue Connect.

use serde_json::json;

use crate::support::server::{Emulation, TestServer};
use crate::{FORM, refused, send, send_json};

const KEY: &str = "ApiKey SU-812-241-906:k3y";

fn open(server: &TestServer) -> Emulation<'_> {
    server.emulate(json!({"provider": "cloudblue-connect", "api_key": "SU-812-241-906:k3y"}))
}

#[test]
fn the_key_of_the_page_opens_the_api() {
    let server = TestServer::start();
    let connect = open(&server);
    let list = send(
        &connect,
        "GET",
        "/public/v1/products?limit=10&offset=20",
        KEY,
    );
    assert_eq!(
        (list.status, list.json().as_array().map(Vec::len)),
        (200, Some(5))
    );
    assert!(
        list.head.contains("Content-Range: items 20-24/25"),
        "{list:?}"
    );
    assert_eq!(
        send(&connect, "GET", "/public/v1/products/PRD-1", KEY).json()["id"],
        "PRD-1"
    );
    let case = send_json(
        &connect,
        "POST",
        "/public/v1/helpdesk/cases",
        KEY,
        &json!({"subject": "x"}),
    );
    assert_eq!((case.status, &case.json()["subject"]), (201, &json!("x")));
    let stats = connect.stats();
    assert_eq!(
        (&stats["token_requests"], &stats["refusals"]),
        (&json!(0), &json!(0))
    );
}

#[test]
fn any_other_request_is_refused() {
    let server = TestServer::start();
    let connect = open(&server);
    let products = "/public/v1/products";
    let unauthorized = ("/error_code", "AUTH_001");
    let with = |authorization: &str| send(&connect, "GET", products, authorization);
    refused(
        &connect,
        &connect.request("GET", products, &[], b""),
        401,
        unauthorized,
        "the Authorization header is missing",
    );
    refused(
        &connect,
        &with("Bearer SU-812-241-906:k3y"),
        401,
        unauthorized,
        "the scheme of the Authorization header is Bearer; it must be ApiKey",
    );
    refused(
        &connect,
        &with("apikey SU-812-241-906:k3y"),
        401,
        unauthorized,
        "the scheme of the Authorization header is apikey",
    );
    refused(
        &connect,
        &with("SU-812-241-906:k3y"),
        401,
        unauthorized,
        "the Authorization header has no scheme",
    );
    refused(
        &connect,
        &with("ApiKey SU-812-241-906:other"),
        401,
        unauthorized,
        "the key is not known",
    );
    refused(
        &connect,
        &with("ApiKey  SU-812-241-906:k3y"),
        401,
        unauthorized,
        "more than a credential follows ApiKey",
    );
    let header = [("X-Api-Key", "SU-812-241-906:k3y")];
    refused(
        &connect,
        &connect.request("GET", products, &header, b""),
        401,
        unauthorized,
        "the Authorization header is missing",
    );
    refused(
        &connect,
        &send(&connect, "GET", "/products", KEY),
        404,
        ("/error_code", "REQ_001"),
        "there is no /products",
    );
    refused(
        &connect,
        &send(&connect, "POST", "/oauth/token", KEY),
        404,
        ("/error_code", "REQ_001"),
        "there is no /oauth/token",
    );
    refused(
        &connect,
        &send(&connect, "PATCH", products, KEY),
        405,
        ("/error_code", "REQ_002"),
        "the method is PATCH",
    );
    let form = [FORM, ("Authorization", KEY)];
    refused(
        &connect,
        &connect.request("POST", products, &form, b"a=b"),
        400,
        ("/error_code", "VAL_001"),
        "Content-Type is",
    );
    assert_eq!(connect.stats()["api_statuses"]["401"], 7);
}

#[test]
fn a_key_does_what_its_permissions_say() {
    let server = TestServer::start();
    let connect = open(&server);
    connect.change(json!({"permissions": ["Catalog"]}));
    assert_eq!(
        send(&connect, "GET", "/public/v1/products", KEY).status,
        200
    );
    let answer = send(&connect, "GET", "/public/v1/helpdesk/cases", KEY);
    refused(
        &connect,
        &answer,
        403,
        (
            "/errors/0",
            "You do not have permission to perform this action.",
        ),
        "the key lacks the permission Helpdesk, which helpdesk needs",
    );
}

#[test]
fn a_key_that_is_disabled_or_replaced_is_dead_at_once() {
    let server = TestServer::start();
    let connect = open(&server);
    connect.change(json!({"disabled": true}));
    let unauthorized = ("/error_code", "AUTH_001");
    refused(
        &connect,
        &send(&connect, "GET", "/public/v1/products", KEY),
        401,
        unauthorized,
        "the account is disabled",
    );
    connect.change(json!({"disabled": false, "api_key": "SU-812-241-906:new"}));
    refused(
        &connect,
        &send(&connect, "GET", "/public/v1/products", KEY),
        401,
        unauthorized,
        "the key is not known",
    );
    assert_eq!(
        send(
            &connect,
            "GET",
            "/public/v1/products",
            "ApiKey SU-812-241-906:new"
        )
        .status,
        200
    );
}
