//! Inventory Pro.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::json;

use crate::support::server::{Answer, Emulation, TestServer};
use crate::{FORM, JSON, bearer, post_form, refused, send, send_json, without_tokens};

const TOKEN: &str = "/api/v1/Token";
const ITEMS: &str = "/api/v1/Item?page=1&pageSize=10";
const GRANT: &str = "grant_type=client_credentials";
const GOOD: &str = "grant_type=client_credentials&client_id=inv&client_secret=s3cret";
/// `inv:s3cret`
const BASIC: (&str, &str) = ("Authorization", "Basic aW52OnMzY3JldA==");

fn open(server: &TestServer) -> Emulation<'_> {
    server
        .emulate(json!({"provider": "inventorypro", "client_id": "inv", "client_secret": "s3cret"}))
}

fn login(inventory: &Emulation) -> String {
    bearer(&post_form(inventory, TOKEN, GOOD))
}

fn by_basic(inventory: &Emulation, basic: (&str, &str), form: &str) -> Answer {
    inventory.request("POST", TOKEN, &[FORM, basic], form.as_bytes())
}

#[test]
fn both_exchanges_of_the_page_are_accepted() {
    let server = TestServer::start();
    let inventory = open(&server);
    let claim = json!({"access_token": "…", "token_type": "bearer", "expires_in": 14_399});
    let answer = post_form(&inventory, TOKEN, GOOD);
    assert_eq!(without_tokens(&answer), claim);
    assert_eq!(without_tokens(&by_basic(&inventory, BASIC, GRANT)), claim);
    let page = send(&inventory, "GET", ITEMS, &bearer(&answer));
    assert_eq!(
        (page.status, page.json()["items"].as_array().map(Vec::len)),
        (200, Some(10))
    );
    let item = send_json(
        &inventory,
        "POST",
        "/api/v1/Item",
        &bearer(&answer),
        &json!({"sku": "7"}),
    );
    assert_eq!((item.status, &item.json()["sku"]), (201, &json!("7")));
    assert_eq!(inventory.stats()["refusals"], 0);
}

#[test]
fn any_other_token_request_is_refused() {
    let server = TestServer::start();
    let inventory = open(&server);
    let no = |form: &str, error: &str, reason: &str| {
        refused(
            &inventory,
            &post_form(&inventory, TOKEN, form),
            400,
            ("/error", error),
            reason,
        );
    };
    no(
        &GOOD.replace("client_id", "clientId"),
        "invalid_request",
        "field clientId does not belong there",
    );
    no(GRANT, "invalid_request", "field client_id is missing");
    no(
        &GOOD.replace("client_credentials", "password"),
        "unsupported_grant_type",
        "grant_type is \"password\"",
    );
    no(
        &GOOD.replace("s3cret", "wrong"),
        "invalid_client",
        "client_secret is wrong",
    );
    no(
        &GOOD.replace("=inv", "=other"),
        "invalid_client",
        "client_id is not known",
    );
    let swapped = "grant_type=client_credentials&client_id=s3cret&client_secret=inv";
    no(
        swapped,
        "invalid_client",
        "client_id and client_secret are swapped",
    );

    let (invalid, client) = (("/error", "invalid_request"), ("/error", "invalid_client"));
    refused(
        &inventory,
        &by_basic(&inventory, BASIC, GOOD),
        400,
        invalid,
        "field client_id does not belong there",
    );
    let wrong = by_basic(&inventory, ("Authorization", "Basic aW52Ondyb25n"), GRANT);
    refused(&inventory, &wrong, 401, client, "client_secret is wrong");
    assert!(wrong.head.contains("WWW-Authenticate: Basic"), "{wrong:?}");
    refused(
        &inventory,
        &by_basic(&inventory, ("Authorization", "Basic ???"), GRANT),
        401,
        client,
        "what follows Basic is not",
    );
    refused(
        &inventory,
        &by_basic(&inventory, ("Authorization", "Bearer x"), GRANT),
        401,
        client,
        "the scheme of the Authorization",
    );
    refused(
        &inventory,
        &inventory.request("POST", TOKEN, &[JSON], b"{}"),
        400,
        invalid,
        "Content-Type is application/json",
    );
    refused(
        &inventory,
        &inventory.request("GET", TOKEN, &[], b""),
        405,
        ("/error", "method_not_allowed"),
        "the method is GET",
    );
    refused(
        &inventory,
        &post_form(&inventory, "/api/v1/token", GOOD),
        404,
        ("/error", "not_found"),
        "there is no /api/v1/token; tokens are at /api/v1/Token",
    );
    assert_eq!(inventory.stats()["tokens_issued"], 0);
}

#[test]
fn each_kind_of_403_has_a_body_of_its_own() {
    let server = TestServer::start();
    let inventory = open(&server);
    let token = login(&inventory);
    inventory.change(json!({"forbidden": ["/api/v1/Report"], "warehouses": ["north"]}));
    let get = |target: &str| send(&inventory, "GET", target, &token);
    let post = |document| send_json(&inventory, "POST", "/api/v1/Item", &token, &document);
    refused(
        &inventory,
        &get("/api/v1/Report"),
        403,
        ("/error", "permission_denied"),
        "the account may not use /api/v1/Report",
    );
    assert_eq!(get("/api/v1/Item?warehouseId=north").status, 200);
    refused(
        &inventory,
        &get("/api/v1/Item?warehouseId=south"),
        403,
        ("/error", "warehouse_denied"),
        "warehouse \"south\"",
    );
    refused(
        &inventory,
        &post(json!({"warehouseId": "south"})),
        403,
        ("/error", "warehouse_denied"),
        "warehouse \"south\"",
    );
    inventory.change(json!({"read_only": true}));
    assert_eq!(get(ITEMS).status, 200);
    refused(
        &inventory,
        &post(json!({"sku": "7"})),
        403,
        ("/error", "read_only"),
        "the account may only read",
    );
    assert_eq!(inventory.stats()["api_statuses"]["403"], 4);
}

#[test]
fn any_other_api_request_is_refused() {
    let server = TestServer::start();
    let inventory = open(&server);
    let token = login(&inventory);
    let invalid = ("/error", "invalid_token");
    refused(
        &inventory,
        &inventory.request("GET", ITEMS, &[], b""),
        401,
        invalid,
        "the Authorization header is missing",
    );
    refused(
        &inventory,
        &send(&inventory, "GET", ITEMS, BASIC.1),
        401,
        invalid,
        "the scheme of the Authorization header is Basic",
    );
    refused(
        &inventory,
        &send(&inventory, "GET", "/api/v1/item", &token),
        404,
        ("/error", "not_found"),
        "there is no /api/v1/item",
    );
    refused(
        &inventory,
        &send(&inventory, "GET", "/api/v2/Item", &token),
        404,
        ("/error", "not_found"),
        "there is no /api/v2/Item",
    );
    refused(
        &inventory,
        &send(&inventory, "PATCH", "/api/v1/Item", &token),
        405,
        ("/error", "method_not_allowed"),
        "the method is PATCH",
    );
    refused(
        &inventory,
        &send(&inventory, "POST", "/api/v1/Item", &token),
        400,
        ("/error", "invalid_request"),
        "Content-Type is missing",
    );
    inventory.change(json!({"advance_ms": 14_400_000}));
    refused(
        &inventory,
        &send(&inventory, "GET", ITEMS, &token),
        401,
        ("/message", "The token has expired."),
        "the access token expired",
    );
}

#[test]
fn tokens_outlive_a_rotated_secret() {
    let server = TestServer::start();
    let inventory = open(&server);
    let token = login(&inventory);
    inventory.change(json!({"client_secret": "new"}));
    assert_eq!(send(&inventory, "GET", ITEMS, &token).status, 200);
    refused(
        &inventory,
        &post_form(&inventory, TOKEN, GOOD),
        400,
        ("/error", "invalid_client"),
        "client_secret is wrong",
    );
    assert_eq!(
        post_form(&inventory, TOKEN, &GOOD.replace("s3cret", "new")).status,
        200
    );
}

#[test]
fn tokens_outlive_a_disabled_account_by_a_minute() {
    let server = TestServer::start();
    let inventory = open(&server);
    let token = login(&inventory);
    inventory.change(json!({"disabled": true}));
    refused(
        &inventory,
        &post_form(&inventory, TOKEN, GOOD),
        400,
        ("/error", "invalid_client"),
        "the account is disabled",
    );
    assert_eq!(send(&inventory, "GET", ITEMS, &token).status, 200);
    inventory.change(json!({"advance_ms": 60_000}));
    refused(
        &inventory,
        &send(&inventory, "GET", ITEMS, &token),
        401,
        ("/error", "invalid_token"),
        "the account was disabled 60",
    );
    inventory.change(json!({"disabled": false}));
    assert_eq!(send(&inventory, "GET", ITEMS, &token).status, 200);
}

#[test]
fn credentials_without_tls_are_refused_if_it_says_so() {
    let server = TestServer::start();
    let inventory = open(&server);
    let token = login(&inventory);
    inventory.change(json!({"https_only": true}));
    let insecure = ("/error", "https_required");
    refused(
        &inventory,
        &post_form(&inventory, TOKEN, GOOD),
        403,
        insecure,
        "the request came without TLS",
    );
    refused(
        &inventory,
        &send(&inventory, "GET", ITEMS, &token),
        403,
        insecure,
        "the request came without TLS",
    );
    let head = over_tls(&server, &inventory);
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
}

/// Asks for a token at the TLS port; the answer as text.
fn over_tls(server: &TestServer, inventory: &Emulation) -> String {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_file(&server.ca_file).expect("a certificate");
    roots.add(authority).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "localhost".try_into().expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
    let address = inventory.tls_url.trim_start_matches("https://");
    let socket = TcpStream::connect(address).expect("the emulation listens");
    let mut stream = StreamOwned::new(connection, socket);
    let request = format!(
        "POST {TOKEN} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{}: {}\r\nContent-Length: {}\r\n\r\n{GOOD}",
        FORM.0,
        FORM.1,
        GOOD.len(),
    );
    stream
        .write_all(request.as_bytes())
        .expect("it takes the request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}
