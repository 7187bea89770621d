//! Ingram Micro's reseller API, which wants headers of its own.

use serde_json::json;

use crate::ingram_micro::{login, open};
use crate::support::server::{Answer, TestServer};
use crate::{refused, send};

#[test]
fn a_resellers_request_has_a_correlation_id_of_its_own() {
    let server = TestServer::start();
    let ingram = open(&server, json!({"reseller": true}));
    let token = login(&ingram);
    let get = |token: &str, id: &str, target: &str| -> Answer {
        let headers = [
            ("Authorization", token),
            ("IM-CorrelationID", id),
            ("IM-CustomerNumber", "20-222222"),
            ("IM-CountryCode", "US"),
        ];
        ingram.request("GET", target, &headers, b"")
    };
    let (orders, bad) = ("/vendors/v1/orders", ("/fault/faultstring", "Bad request"));
    refused(
        &ingram,
        &send(&ingram, "GET", orders, &token),
        400,
        bad,
        "header IM-CorrelationID is missing",
    );
    assert_eq!(get(&token, "one", orders).status, 200);
    refused(
        &ingram,
        &get(&token, "one", orders),
        400,
        bad,
        "IM-CorrelationID was used for another request",
    );

    // A 401 is answered by a new token and the same request.
    assert_eq!(get("Bearer stale", "two", orders).status, 401);
    assert_eq!(get(&token, "two", orders).status, 200);
    assert_eq!(get("Bearer stale", "three", orders).status, 401);
    refused(
        &ingram,
        &get(&token, "three", "/vendors/v1/products"),
        400,
        bad,
        "IM-CorrelationID was used",
    );

    let lower = [
        ("Authorization", token.as_str()),
        ("IM-CorrelationID", "four"),
        ("IM-CustomerNumber", "20-222222"),
        ("IM-CountryCode", "us"),
    ];
    refused(
        &ingram,
        &ingram.request("GET", orders, &lower, b""),
        400,
        bad,
        "IM-CountryCode is not two capital letters",
    );
    refused(
        &ingram,
        &ingram.request("GET", orders, &lower[..2], b""),
        400,
        bad,
        "header IM-CustomerNumber is missing",
    );
}
