//! Each grant with each client authentication and each body format.

use serde_json::{Value, json};

use crate::support::clients::{aging_client, client};
use crate::support::server::TestServer;
use crate::{PAST_EXPIRY_MS, assert_nothing_refused, echo, requests};

const GRANTS: [(&str, &str); 5] = [
    ("client_credentials", "none"),
    ("password", "none"),
    ("password", "rotating"),
    ("refresh_token", "rotating"),
    ("refresh_token", "fixed"),
];

/// Id, secret and way of authentication; the texts need encoding, or must not
/// be encoded.
const CLIENTS: [(&str, Option<&str>, &str); 4] = [
    ("shop:1 &é+%", Some("p+q/é=&:% x"), "basic"),
    ("raw-1 é+%", Some("p+q/é=&:% x"), "basic_raw"),
    ("body:1 &é+%", Some("p+q/é=&:% x\"\\"), "body"),
    ("public:1 &é+%", None, "none"),
];

fn merged(mut document: Value, more: Value) -> Value {
    let members = more.as_object().unwrap().clone();
    document.as_object_mut().unwrap().extend(members);
    document
}

#[test]
fn every_grant_works_with_every_client_authentication_and_format() {
    let server = TestServer::start();
    for (grant, refresh) in GRANTS {
        for (name, secret, auth) in CLIENTS {
            for format in ["form", "json"] {
                let id = format!("{name} {grant} {refresh} {format}");
                server.register(json!({
                    "client_id": id, "client_secret": secret, "auth": auth, "format": format,
                    "username": "mé & you", "password": "pw+%=é", "refresh": refresh,
                    "refresh_seed": format!("seed {id}"), "scope": "read write",
                }));
                let mut config = json!({
                    "grant": grant, "client_id": id, "client_secret": secret, "client_auth": auth,
                    "token_request": {"format": format}, "scope": "write",
                });
                match grant {
                    "password" => {
                        config = merged(
                            config,
                            json!({"username": "mé & you", "password": "pw+%=é"}),
                        );
                    }
                    "refresh_token" => {
                        config = merged(config, json!({"refresh_token": format!("seed {id}")}));
                    }
                    _ => {}
                }
                let (client, clock) = aging_client(&server, config);
                let first = echo(&client);
                assert_eq!(first["client_id"], json!(id));
                assert_eq!(first["credential"]["scheme"], "Bearer");
                clock.advance(PAST_EXPIRY_MS);
                assert_ne!(first["token_number"], echo(&client)["token_number"], "{id}");

                let counted = ["client_credentials", "password", "refresh_token"]
                    .map(|grant| requests(&server, &id, grant));
                let expected = match (grant, refresh) {
                    ("client_credentials", _) => [2, 0, 0],
                    ("password", "none") => [0, 2, 0],
                    ("password", _) => [0, 1, 1],
                    _ => [0, 0, 2],
                };
                assert_eq!(counted, expected, "{id}");
            }
        }
    }
    assert_nothing_refused(&server);
}

#[test]
fn extra_fields_and_headers_and_renamed_fields_arrive_as_the_server_wants_them() {
    let server = TestServer::start();
    for format in ["form", "json"] {
        let id = format!("tenant {format}");
        let rename = json!({
            "grant_type": "GrantType", "username": "UserName", "password": "Pass Word",
            "client_id": "app", "client_secret": "app_key", "refresh_token": "renewal",
            "scope": "scopes",
        });
        server.register(json!({
            "client_id": id, "client_secret": "s", "auth": "body", "format": format,
            "username": "me", "password": "pw", "refresh": "rotating", "scope": "a b",
            "rename": rename,
            "require_fields": {"audience": "x y&z=é", "resource": "https://api.example/?a=b"},
            "require_headers": {"X-Tenant": "t 1", "Accept": "application/vnd.shop+json"},
        }));
        let (client, clock) = aging_client(
            &server,
            json!({
                "grant": "password", "client_id": id, "client_secret": "s", "client_auth": "body",
                "username": "me", "password": "pw", "scope": "a b",
                "token_request": {
                    "format": format, "rename": rename,
                    "fields": {"audience": "x y&z=é", "resource": "https://api.example/?a=b"},
                    "headers": {"X-Tenant": "t 1", "accept": "application/vnd.shop+json"},
                },
            }),
        );
        echo(&client);
        clock.advance(PAST_EXPIRY_MS);
        echo(&client);
        assert_eq!(requests(&server, &id, "password"), 1);
        assert_eq!(requests(&server, &id, "refresh_token"), 1);
    }
    assert_nothing_refused(&server);
}

#[test]
fn an_extra_field_replaces_a_standard_one_instead_of_being_sent_beside_it() {
    let server = TestServer::start();
    server.register(json!({"client_id": "s", "client_secret": "s", "scope": "a b"}));
    let config = json!({
        "client_id": "s", "client_secret": "s", "scope": "a",
        "token_request": {"fields": {"scope": "b"}},
    });
    let token = client(&server, config).get_token(&authkeep::Call::new());
    assert_eq!(token.unwrap().scope(), Some("b"));
    assert_nothing_refused(&server);
}

#[test]
fn a_token_goes_into_the_configured_header_and_scheme() {
    let server = TestServer::start();
    for (header, scheme) in [
        ("X-Token", ""),
        ("Authorization", "Token"),
        ("api-auth", "Key"),
    ] {
        let id = format!("{header} {scheme}");
        server.register(json!({
            "client_id": id, "client_secret": "s",
            "credential_header": header, "credential_scheme": scheme,
        }));
        let config = json!({
            "client_id": id, "client_secret": "s",
            "credential": {"header": header, "scheme": scheme},
        });
        let seen = echo(&client(&server, config));
        assert_eq!(seen["client_id"], json!(id));
        let sent = seen["credential"]["header"].as_str().unwrap();
        assert!(sent.eq_ignore_ascii_case(header), "{sent}");
        assert_eq!(seen["credential"]["scheme"], scheme);
    }
}
