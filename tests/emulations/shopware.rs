//! Shopware.

use serde_json::{Value, json};

use crate::support::server::{Answer, Emulation, TestServer};
use crate::{FORM, JSON, bearer, refused, send, send_json, without_tokens};

const TOKEN: &str = "/api/oauth/token";

pub fn open(server: &TestServer) -> Emulation<'_> {
    server.emulate(json!({
        "provider": "shopware", "client_id": "SWIA1", "client_secret": "s3cret",
        "username": "admin", "password": "hunter22",
    }))
}

pub fn integration() -> Value {
    json!({"grant_type": "client_credentials", "client_id": "SWIA1", "client_secret": "s3cret"})
}

pub fn user() -> Value {
    json!({
        "client_id": "administration", "grant_type": "password", "scopes": "write",
        "username": "admin", "password": "hunter22",
    })
}

pub fn refresh(answer: &Answer) -> Value {
    json!({"grant_type": "refresh_token", "client_id": "administration", "refresh_token": answer.json()["refresh_token"]})
}

pub fn ask(shop: &Emulation, members: &Value) -> Answer {
    shop.request("POST", TOKEN, &[JSON], members.to_string().as_bytes())
}

pub fn with(mut members: Value, name: &str, value: Value) -> Value {
    members[name] = value;
    members
}

fn without(mut members: Value, name: &str) -> Value {
    members.as_object_mut().expect("an object").remove(name);
    members
}

pub const CODE: &str = "/errors/0/code";

#[test]
fn the_exchanges_of_the_page_are_accepted() {
    let server = TestServer::start();
    let shop = open(&server);
    let plain = json!({"token_type": "Bearer", "expires_in": 600, "access_token": "…"});
    let answer = ask(&shop, &integration());
    assert_eq!(without_tokens(&answer), plain);
    let refreshable = with(plain, "refresh_token", json!("…"));
    let first = ask(&shop, &user());
    assert_eq!(without_tokens(&first), refreshable);
    assert_eq!(without_tokens(&ask(&shop, &refresh(&first))), refreshable);

    let token = bearer(&answer);
    let one = "/api/v3/product/b7d2554b0ce847cd82f3ac9bd1c0dfad";
    let headers = [JSON, ("Authorization", token.as_str())];
    assert_eq!(shop.request("GET", one, &headers, b"").status, 200);
    let page = send(&shop, "GET", "/api/product?limit=10&page=3", &token).json();
    assert_eq!(
        (&page["total"], page["data"].as_array().map(Vec::len)),
        (&json!(25), Some(5))
    );
    let made = send_json(
        &shop,
        "POST",
        "/api/product",
        &token,
        &json!({"name": "Chair"}),
    );
    assert!(
        made.status == 204 && made.head.contains("Location: /api/product/00"),
        "{made:?}"
    );
    let found = send_json(
        &shop,
        "POST",
        "/api/search/product",
        &token,
        &json!({"limit": 2}),
    )
    .json();
    assert_eq!(found["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(shop.stats()["refusals"], 0);
    assert_eq!(
        shop.stats()["grants"]["refresh_token"],
        json!({"requests": 1, "issued": 1})
    );
}

#[test]
fn any_other_token_request_is_refused() {
    let server = TestServer::start();
    let shop = open(&server);
    let form = "grant_type=client_credentials&client_id=SWIA1&client_secret=s3cret";
    refused(
        &shop,
        &shop.request("POST", TOKEN, &[FORM], form.as_bytes()),
        400,
        (CODE, "3"),
        "Content-Type is application/x-www-form-urlencoded; this endpoint takes JSON only",
    );
    let basic = [JSON, ("Authorization", "Basic U1dJQTE6czNjcmV0")];
    let grant = br#"{"grant_type": "client_credentials"}"#;
    refused(
        &shop,
        &shop.request("POST", TOKEN, &basic, grant),
        400,
        (CODE, "3"),
        "a token request has no Authorization",
    );
    refused(
        &shop,
        &shop.request("POST", TOKEN, &[JSON], b"{"),
        400,
        (CODE, "3"),
        "JSON body",
    );
    refused(
        &shop,
        &shop.request("GET", TOKEN, &[], b""),
        405,
        (CODE, "0"),
        "the method is GET",
    );
    refused(
        &shop,
        &shop.request("POST", "/oauth/token", &[JSON], b"{}"),
        404,
        (CODE, "0"),
        "there is no /oauth/token",
    );

    for (members, reason) in [
        (
            with(integration(), "scope", json!("write")),
            "field scope does not belong there",
        ),
        (
            without(integration(), "client_secret"),
            "field client_secret is missing",
        ),
        (
            without(integration(), "grant_type"),
            "field grant_type is missing",
        ),
        (
            with(without(user(), "username"), "Username", json!("admin")),
            "field Username must be spelt username",
        ),
        (
            with(user(), "client_secret", json!("s3cret")),
            "field client_secret does not belong there",
        ),
        (without(user(), "scopes"), "field scopes is missing"),
        (
            with(user(), "scopes", json!("admin")),
            "scopes is not write",
        ),
    ] {
        refused(&shop, &ask(&shop, &members), 400, (CODE, "3"), reason);
    }
    let no = |members: &Value, status: u16, code: &str, reason: &str| {
        let answer = ask(&shop, members);
        refused(&shop, &answer, status, (CODE, code), reason);
        assert_eq!(answer.json()["errors"][0]["status"], status.to_string());
        assert_eq!(answer.json().get("error"), None);
    };
    no(
        &with(integration(), "grant_type", json!("implicit")),
        400,
        "2",
        "grant_type is \"implicit\"",
    );
    no(
        &with(integration(), "client_secret", json!("wrong")),
        401,
        "4",
        "client_secret is wrong",
    );
    no(
        &with(integration(), "client_id", json!("other")),
        401,
        "4",
        "client_id is not known",
    );
    let swapped = with(
        with(integration(), "client_id", json!("s3cret")),
        "client_secret",
        json!("SWIA1"),
    );
    no(
        &swapped,
        401,
        "4",
        "client_id and client_secret are swapped",
    );
    no(
        &with(user(), "client_id", json!("SWIA1")),
        401,
        "4",
        "client_id of a user must be administration",
    );
    no(
        &with(user(), "password", json!("wrong")),
        400,
        "6",
        "the password is wrong",
    );
    no(
        &with(user(), "username", json!("root")),
        400,
        "6",
        "the user name is not known",
    );
    let invented =
        json!({"grant_type": "refresh_token", "client_id": "administration", "refresh_token": "x"});
    no(
        &invented,
        401,
        "8",
        "the refresh token was never issued here",
    );
    assert_eq!(shop.stats()["tokens_issued"], 0);
}

#[test]
fn any_other_api_request_is_refused() {
    let server = TestServer::start();
    let shop = open(&server);
    let token = bearer(&ask(&shop, &integration()));
    let list = "/api/product";
    refused(
        &shop,
        &shop.request("GET", list, &[], b""),
        401,
        (CODE, "9"),
        "the Authorization header is missing",
    );
    for (method, target, authorization, status, code, reason) in [
        (
            "GET",
            list,
            "Basic eDp5",
            401,
            "9",
            "the scheme of the Authorization header is Basic",
        ),
        (
            "GET",
            list,
            "Bearer x",
            401,
            "9",
            "the access token was never issued",
        ),
        (
            "GET",
            "/api/v3/product/7",
            &token,
            404,
            "0",
            "there is no /api/v3/product/7",
        ),
        (
            "GET",
            "/api/product?limit=many",
            &token,
            400,
            "0",
            "limit in the query is no number",
        ),
        ("DELETE", list, &token, 405, "0", "the method is DELETE"),
    ] {
        let answer = send(&shop, method, target, authorization);
        refused(&shop, &answer, status, (CODE, code), reason);
    }
    let form = [FORM, ("Authorization", token.as_str())];
    refused(
        &shop,
        &shop.request("POST", "/api/product", &form, b"name=Chair"),
        400,
        (CODE, "0"),
        "Content-Type is",
    );
    shop.change(json!({"forbidden": ["/api/order"]}));
    refused(
        &shop,
        &send(&shop, "GET", "/api/order", &token),
        403,
        (CODE, "FRAMEWORK__MISSING_PRIVILEGE_ERROR"),
        "the account may not use /api/order",
    );
    shop.change(json!({"advance_ms": 600_000}));
    refused(
        &shop,
        &send(&shop, "GET", "/api/product", &token),
        401,
        (CODE, "9"),
        "the access token expired",
    );
}
