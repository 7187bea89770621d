//! What a test can tell an emulation, and can't.

use serde_json::{Value, json};

use crate::support::server::{Answer, TestServer};
use crate::{bearer, post_form, refused, send};

const INGRAM: &str = "/oauth/oauth30/token";
const GOOD: &str =
    "grant_type=client_credentials&client_id=YOUR_CLIENT_ID&client_secret=YOUR_CLIENT_SECRET";

fn control(server: &TestServer, route: &str, document: &Value) -> Answer {
    server.request("POST", route, &[], document.to_string().as_bytes())
}

#[test]
fn what_a_system_lacks_can_not_be_set() {
    let server = TestServer::start();
    for (told, why) in [
        (json!({}), "provider is missing"),
        (json!({"provider": "acme"}), "no emulation of"),
        (
            json!({"provider": "shopware", "warehouses": []}),
            "unknown field `warehouses`",
        ),
        (
            json!({"provider": "aprimo-dm", "client_secret": "s"}),
            "unknown field `client_secret`",
        ),
        (
            json!({"provider": "cloudblue-connect", "token_life_ms": 1}),
            "this system issues no tokens",
        ),
        (
            json!({"provider": "cloudblue-connect", "permissions": ["Toys"]}),
            "there is no module Toys",
        ),
    ] {
        let answer = control(&server, "/control/emulate", &told);
        let error = answer.json()["error"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert!(
            answer.status == 400 && error.contains(why),
            "{told}: {answer:?}"
        );
    }
}

#[test]
fn a_refused_change_changes_nothing() {
    let server = TestServer::start();
    let ingram = server.emulate(json!({"provider": "ingram-micro"}));
    let change = json!({"id": 1, "client_secret": "new", "warehouses": []});
    assert_eq!(control(&server, "/control/emulation", &change).status, 400);
    assert_eq!(post_form(&ingram, INGRAM, GOOD).status, 200);
    assert_eq!(
        control(&server, "/control/emulation", &json!({"id": 2})).status,
        400
    );
}

#[test]
fn emulations_share_nothing() {
    let server = TestServer::start();
    let [one, other] = [0, 1].map(|_| server.emulate(json!({"provider": "ingram-micro"})));
    let token = bearer(&post_form(&one, INGRAM, GOOD));
    assert_eq!(send(&one, "GET", "/vendors/v1/orders", &token).status, 200);
    assert_eq!(
        send(&other, "GET", "/vendors/v1/orders", &token).status,
        401
    );
    assert_eq!(other.stats()["token_requests"], 0);
    assert_eq!(one.stats()["refusals"], 0);
}

#[test]
fn every_token_can_be_killed_and_a_life_be_chosen() {
    let server = TestServer::start();
    let shop = server.emulate(json!({"provider": "shopware", "token_life_ms": 2000}));
    let login = json!({"grant_type": "client_credentials", "client_id": shop.settings["client_id"], "client_secret": shop.settings["client_secret"]});
    let ask = || {
        shop.request(
            "POST",
            "/api/oauth/token",
            &[crate::JSON],
            login.to_string().as_bytes(),
        )
    };
    let first = ask();
    assert_eq!(first.json()["expires_in"], 2);
    shop.change(json!({"expire_tokens": true, "token_life_ms": 600_000, "expires_in": 7}));
    let dead = send(&shop, "GET", "/api/product", &bearer(&first));
    refused(
        &shop,
        &dead,
        401,
        ("/errors/0/code", "9"),
        "the access token expired",
    );
    let second = ask();
    assert_eq!(second.json()["expires_in"], 7);
    assert_eq!(
        send(&shop, "GET", "/api/product", &bearer(&second)).status,
        200
    );
}
