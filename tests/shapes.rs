//! What a token request and an API request look like to a server that shares
//! not a line with the library's own test server: mockito's matchers, which
//! answer 501 to what differs.
#![cfg(unix)] // mockito isn't built for Windows here
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use authkeep::{Call, Client, Config, Request};
use mockito::{Matcher, Mock, Server};
use serde_json::{Value, json};

const TOKEN: &str = r#"{"access_token":"t-1","token_type":"Bearer","expires_in":60}"#;

fn client(server: &Server, keys: Value) -> Client {
    let mut config = Config::new();
    let places = json!({"base_url": server.url(), "token_endpoint": "/oauth/token"});
    for layer in [places, keys] {
        config.merge_json(&layer.to_string()).unwrap();
    }
    Client::new(&config).unwrap()
}

fn token_request(server: &mut Server) -> Mock {
    server
        .mock("POST", "/oauth/token")
        .match_header("accept", "application/json")
        .match_header("user-agent", Matcher::Regex("^authkeep/".into()))
        .with_body(TOKEN)
}

#[test]
fn client_credentials_by_basic_are_a_form_without_the_secret() {
    let mut server = Server::new();
    let asked = token_request(&mut server)
        .match_header("authorization", "Basic cm9ib3Q6cyUzQXQ=")
        .match_header("content-type", "application/x-www-form-urlencoded")
        .match_body("grant_type=client_credentials&scope=read+write")
        .create();
    let client = client(
        &server,
        json!({"client_id": "robot", "client_secret": "s:t", "scope": "read write"}),
    );
    let token = client.get_token(&Call::new()).unwrap();
    assert_eq!(token.access_token(), "t-1");
    asked.assert();
}

#[test]
fn a_password_as_json_has_the_servers_names() {
    let mut server = Server::new();
    let asked = token_request(&mut server)
        .match_header("authorization", Matcher::Missing)
        .match_header("content-type", "application/json")
        .match_body(Matcher::Json(json!({
            "grant_type": "password", "client_id": "app", "UserName": "me", "password": "p\"w",
        })))
        .create();
    let client = client(
        &server,
        json!({
            "grant": "password", "client_id": "app", "username": "me", "password": "p\"w",
            "token_request": {"format": "json", "rename": {"username": "UserName"}},
        }),
    );
    client.get_token(&Call::new()).unwrap();
    asked.assert();
}

#[test]
fn an_api_request_carries_the_token_the_query_and_the_body() {
    let mut server = Server::new();
    token_request(&mut server).create();
    let asked = server
        .mock("POST", "/orders")
        .match_query(Matcher::UrlEncoded("q".into(), "a&b=ü".into()))
        .match_header("authorization", "Bearer t-1")
        .match_header("content-type", "application/json")
        .match_body(Matcher::JsonString(r#"{"sku": "A-1"}"#.into()))
        .with_status(201)
        .create();
    let client = client(
        &server,
        json!({"client_id": "robot", "client_secret": "secret"}),
    );
    let mut order = Request::new("POST", "/orders").unwrap();
    order
        .add_query("q", "a&b=ü")
        .set_json(r#"{"sku": "A-1"}"#)
        .unwrap();
    assert_eq!(client.perform(&order, &Call::new()).unwrap().status(), 201);
    asked.assert();
}
