//! Whom an https connection trusts, and what is said when it doesn't.

use authkeep::{Call, Client, Error, Status};
use serde_json::{Value, json};

use crate::shown;
use crate::support::clients::{config_at, key_client};
use crate::support::raw::{RawServer, answer, read_request};
use crate::support::server::TestServer;
use crate::support::tls::{Identity, TLS13, TlsStream};

fn client_at(url: &str, more: Value) -> Client {
    Client::new(&config_at(url, more)).unwrap()
}

fn refused(client: &Client) -> Error {
    let error = client.get("/echo", &Call::new()).unwrap_err();
    assert_eq!(error.status(), Status::Tls, "{error}");
    assert_eq!(
        client.get_token(&Call::new()).unwrap_err().status(),
        Status::Tls
    );
    error
}

#[test]
fn a_ca_of_ones_own_is_trusted_for_tokens_and_requests() {
    let server = TestServer::start();
    let client = client_at(&server.tls_url, json!({"tls": {"ca_file": server.ca_file}}));
    for method in ["GET", "POST", "GET"] {
        let mut request = authkeep::Request::new(method, "/echo").unwrap();
        request.set_body(&vec![b'x'; 100_000], None).unwrap();
        let seen = shown(&client, &request);
        assert_eq!(seen["client_id"], "demo");
        assert_eq!(seen["body_size"], 100_000);
    }
    let response = client.get("/chunked/1000000", &Call::new()).unwrap();
    assert_eq!(response.body().len(), 1_000_000);
    assert_eq!(
        server.stats()["connections"]["tls"],
        2,
        "one for the token, one that is kept"
    );
}

#[test]
fn an_unknown_authority_is_refused_with_what_to_do() {
    let server = TestServer::start();
    let error = refused(&client_at(&server.tls_url, json!({})));
    assert_eq!(error.code(), "tls.certificate");
    assert!(error.message().contains("\"tls.ca_file\""), "{error}");
    assert!(error.message().contains(&server.tls_url), "{error}");
    assert_eq!(server.stats()["total"]["token_requests"], 0);
}

#[test]
fn another_servers_authority_is_no_reason_for_trust() {
    let (server, other) = (TestServer::start(), TestServer::start());
    let error = refused(&client_at(
        &server.tls_url,
        json!({"tls": {"ca_file": other.ca_file}}),
    ));
    assert_eq!(error.code(), "tls.certificate");
}

#[test]
fn a_certificate_for_another_host_is_refused() {
    let server = TestServer::start();
    let elsewhere = server.tls_url.replace("localhost", "127.0.0.2");
    // Without a listener there the test would prove nothing.
    let port: u16 = elsewhere.rsplit(':').next().unwrap().parse().unwrap();
    let forward = std::net::TcpListener::bind(("127.0.0.2", port)).unwrap();
    std::thread::spawn(move || {
        for stream in forward.incoming() {
            let client = stream.unwrap();
            let server = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
            for (mut from, mut to) in [
                (client.try_clone().unwrap(), server.try_clone().unwrap()),
                (server, client),
            ] {
                std::thread::spawn(move || std::io::copy(&mut from, &mut to));
            }
        }
    });
    let error = refused(&client_at(
        &elsewhere,
        json!({"tls": {"ca_file": server.ca_file}}),
    ));
    assert_eq!(error.code(), "tls.certificate");
    assert!(error.message().contains("another host name"), "{error}");
    let by_address = server.tls_url.replace("localhost", "127.0.0.1");
    let client = client_at(&by_address, json!({"tls": {"ca_file": server.ca_file}}));
    assert_eq!(client.get("/echo", &Call::new()).unwrap().status(), 200);
}

#[test]
fn a_server_without_tls_is_told_from_one_with_a_bad_certificate() {
    let server = RawServer::start(|stream, _| {
        use std::io::Write;
        stream.write_all(&answer(400, "plain http spoken here"))
    });
    let error = refused(&client_at(&server.https_url(), json!({})));
    assert_eq!(error.code(), "tls.handshake");
    assert!(
        error.message().contains("does not answer in TLS"),
        "{error}"
    );
}

#[test]
fn a_server_that_closes_during_the_handshake_is_unavailable() {
    let server = RawServer::start(|_, _| Ok(()));
    let client = key_client(&server.https_url(), json!({}));
    let error = client.get("/", &Call::new()).unwrap_err();
    assert_eq!(
        (error.status(), error.code()),
        (Status::Unavailable, "network.closed")
    );
}

#[test]
fn plain_http_to_a_server_of_tls_fails_without_a_hang() {
    let server = TestServer::start();
    let client = key_client(&server.tls_url.replace("https", "http"), json!({}));
    let error = client.get("/", &Call::new()).unwrap_err();
    assert!(
        matches!(error.status(), Status::BadResponse | Status::Unavailable),
        "{error}"
    );
}

#[test]
fn a_token_request_without_trust_is_not_repeated_at_once() {
    let server = TestServer::start();
    let client = client_at(&server.tls_url, json!({}));
    for _ in 0..5 {
        let error = client.get_token(&Call::new()).unwrap_err();
        assert_eq!(error.status(), Status::Tls);
        assert!(
            error.retry_after_ms().is_some_and(|ms| ms > 50_000),
            "{error}"
        );
    }
    assert_eq!(server.stats()["connections"]["tls"], 1);
}

#[test]
fn the_ca_file_is_read_when_the_client_is_made() {
    let config = json!({"tls": {"ca_file": "/nonexistent/ca.pem"}});
    let error = Client::new(&config_at("https://id.example", config)).unwrap_err();
    assert_eq!(
        (error.status(), error.code()),
        (Status::InvalidConfig, "tls.ca_file")
    );
    assert!(error.message().contains("/nonexistent/ca.pem"), "{error}");
}

#[test]
fn a_server_that_is_its_own_authority_is_told_what_is_wrong() {
    let identity = Identity::with_ca_true();
    let config = identity.server(&TLS13);
    let server = RawServer::start(move |socket, _| {
        read_request(&mut TlsStream::new(config.clone(), socket)).map(drop)
    });
    let tls = json!({"tls": {"ca_file": identity.ca_file}});
    let error = refused(&client_at(&server.https_url(), tls));
    assert_eq!(error.code(), "tls.certificate");
    assert!(error.message().contains("CA:TRUE"), "{error}");
}

#[test]
fn a_server_that_wants_a_client_certificate_is_named_and_costs_no_refresh_token() {
    let identity = Identity::new();
    let (asking, content) = (
        identity.server_for_clients_with_certificates(),
        identity.server(&TLS13),
    );
    let server = RawServer::start(move |socket, number| {
        let config = if number <= 3 { &asking } else { &content };
        let mut stream = TlsStream::new(config.clone(), socket);
        use std::io::Write;
        read_request(&mut stream)?;
        stream.write_all(&answer(200, r#"{"access_token":"t","expires_in":60}"#))?;
        stream.flush()
    });
    let config = json!({
        "tls": {"ca_file": identity.ca_file},
        "grant": "refresh_token", "refresh_token": "seed of the client certificate test",
    });
    let client = client_at(&server.https_url(), config);
    for _ in 0..3 {
        let error = client.get_token(&Call::new()).unwrap_err();
        assert_eq!(error.status(), Status::Tls, "{error}");
        assert_eq!(error.code(), "tls.client_certificate");
        assert!(error.message().contains("client certificate"), "{error}");
        client.reset();
    }
    assert_eq!(client.get_token(&Call::new()).unwrap().access_token(), "t");
}
