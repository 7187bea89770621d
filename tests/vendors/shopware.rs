//! An administrator of a shop: a password, and refresh tokens that are spent once.

use std::sync::Arc;

use authkeep::{Client, ManualClock};
use serde_json::json;

use crate::support::server::{Emulation, TestServer};
use crate::support::vendors::Vendor;
use crate::{client, get, message_of, refusals};

const LIST: &str = "/api/product";
const LIFE_MS: i64 = 600_000;

fn administrator(shop: &Emulation) -> (Client, Arc<ManualClock>) {
    client(&json!({
        "provider": "shopware",
        "grant": "password",
        "base_url": shop.url,
        "username": shop.settings["username"],
        "password": shop.settings["password"],
    }))
}

/// Lets a token's life pass, at the shop and for the client.
fn expire(shop: &Emulation, clock: &ManualClock) {
    shop.change(json!({"advance_ms": LIFE_MS + 1}));
    clock.advance(LIFE_MS + 1);
}

fn requests(shop: &Emulation, grant: &str) -> u64 {
    let stats = shop.stats();
    stats["grants"][grant]["requests"].as_u64().unwrap_or(0)
}

#[test]
fn an_administrator_signs_in_once_and_each_renewal_spends_the_newest_refresh_token() {
    let server = TestServer::start();
    let shop = Vendor::named("shopware").emulate(&server, json!({}));
    let (client, clock) = administrator(&shop);
    for _ in 0..4 {
        assert_eq!(get(&client, LIST), 200);
        expire(&shop, &clock);
    }
    assert_eq!(requests(&shop, "password"), 1);
    assert_eq!(requests(&shop, "refresh_token"), 3);
    assert_eq!(refusals(&shop), Vec::<String>::new());
}

#[test]
fn a_dead_refresh_token_makes_an_administrator_sign_in_again_once() {
    let server = TestServer::start();
    let shop = Vendor::named("shopware").emulate(&server, json!({}));
    let (client, clock) = administrator(&shop);
    assert_eq!(get(&client, LIST), 200);
    shop.change(json!({"expire_refresh_tokens": true}));
    for _ in 0..2 {
        expire(&shop, &clock);
        assert_eq!(get(&client, LIST), 200);
    }
    assert_eq!(requests(&shop, "password"), 2);
    // The dead one, and the new one.
    assert_eq!(requests(&shop, "refresh_token"), 2);
    assert_eq!(refusals(&shop), ["the refresh token has expired"]);
}

#[test]
fn a_new_password_that_is_not_told_is_asked_for_by_name() {
    let server = TestServer::start();
    let shop = Vendor::named("shopware").emulate(&server, json!({}));
    let (client, clock) = administrator(&shop);
    assert_eq!(get(&client, LIST), 200);
    shop.change(json!({"password": "a new one"}));
    expire(&shop, &clock);
    for _ in 0..2 {
        assert_eq!(
            message_of(&client, LIST),
            format!(
                "shopware: the token endpoint {}/api/oauth/token refused the token request (HTTP \
                 400); check \"client_id\", \"username\" and \"password\" (given as a value), then \
                 call reset; it says: The user credentials were incorrect; no further attempt for 60 s",
                shop.url
            )
        );
    }
    assert_eq!(requests(&shop, "password"), 2);
    assert_eq!(requests(&shop, "refresh_token"), 1);
}
