//! What becomes of Shopware's tokens when their account changes.

use serde_json::json;

use crate::shopware::{CODE, ask, integration, open, refresh, user, with};
use crate::support::server::TestServer;
use crate::{bearer, refused, send};

#[test]
fn a_refresh_token_is_spent_once() {
    let server = TestServer::start();
    let shop = open(&server);
    let first = ask(&shop, &user());
    let second = ask(&shop, &refresh(&first));
    let reuse = ask(&shop, &refresh(&first));
    refused(
        &shop,
        &reuse,
        401,
        (CODE, "8"),
        "the refresh token was spent before",
    );
    assert_eq!(reuse.json().get("error"), None);
    assert_eq!(
        send(&shop, "GET", "/api/product", &bearer(&first)).status,
        200
    );
    shop.change(json!({"expire_refresh_tokens": true}));
    refused(
        &shop,
        &ask(&shop, &refresh(&second)),
        401,
        (CODE, "8"),
        "the refresh token has expired",
    );
}

#[test]
fn a_new_password_kills_the_users_tokens_and_a_new_secret_none() {
    let server = TestServer::start();
    let shop = open(&server);
    let (integrations, users) = (ask(&shop, &integration()), ask(&shop, &user()));
    shop.change(json!({"client_secret": "new", "password": "new"}));
    assert_eq!(
        send(&shop, "GET", "/api/product", &bearer(&integrations)).status,
        200
    );
    let why = "the password was changed after the token was issued";
    refused(
        &shop,
        &send(&shop, "GET", "/api/product", &bearer(&users)),
        401,
        (CODE, "9"),
        why,
    );
    refused(&shop, &ask(&shop, &refresh(&users)), 401, (CODE, "8"), why);
    refused(
        &shop,
        &ask(&shop, &integration()),
        401,
        (CODE, "4"),
        "client_secret is wrong",
    );
    assert_eq!(
        ask(&shop, &with(user(), "password", json!("new"))).status,
        200
    );
}

#[test]
fn a_disabled_account_gets_no_token_and_keeps_those_it_has() {
    let server = TestServer::start();
    let shop = open(&server);
    let first = ask(&shop, &user());
    shop.change(json!({"disabled": true}));
    let why = "the account is disabled";
    refused(&shop, &ask(&shop, &integration()), 401, (CODE, "4"), why);
    refused(&shop, &ask(&shop, &user()), 400, (CODE, "6"), why);
    refused(&shop, &ask(&shop, &refresh(&first)), 401, (CODE, "8"), why);
    assert_eq!(
        send(&shop, "GET", "/api/product", &bearer(&first)).status,
        200
    );
}
