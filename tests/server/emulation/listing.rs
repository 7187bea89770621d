//! A list of items that is handed out in pages, as each vendor's API has one.

use serde_json::{Value, json};

use super::refusal::{Kind, Refusal};
use crate::http::{Body, Response};

/// How many items every list has.
pub const ITEMS: usize = 25;
/// The id of what is added to one.
pub const NEW_ID: &str = "0000000000000000000000000000001a";

/// The items of a page; pages count from 1.
pub fn page(number: usize, size: usize) -> Vec<Value> {
    let first = number.saturating_sub(1).saturating_mul(size);
    (first..ITEMS.min(first.saturating_add(size)))
        .map(numbered)
        .collect()
}

/// The items from `offset` on.
pub fn slice(offset: usize, limit: usize) -> Vec<Value> {
    (offset..ITEMS.min(offset.saturating_add(limit)))
        .map(numbered)
        .collect()
}

/// One item.
pub fn item(id: &str) -> Value {
    json!({"id": id, "name": format!("Item {id}")})
}

/// The answer to a request that writes: 201 to a POST, 204 to a DELETE, else 200.
pub fn written(method: &str, payload: Option<Value>) -> Response {
    match (method, payload) {
        ("POST", Some(mut document)) => {
            if let Some(members) = document.as_object_mut() {
                members.entry("id").or_insert(json!(NEW_ID));
            }
            Response::json(201, &document)
        }
        (_, Some(document)) => Response::json(200, &document),
        (_, None) => Response::new(204, Body::Bytes(Vec::new())),
    }
}

/// A number in a query, if it is there.
pub fn number(query: Option<&str>, name: &str) -> Result<Option<usize>, Refusal> {
    let Some(text) = text(query, name) else {
        return Ok(None);
    };
    text.parse()
        .map(Some)
        .map_err(|_| Refusal::new(Kind::Payload, format!("{name} in the query is no number")))
}

/// A text in a query, undecoded, if it is there.
pub fn text<'a>(query: Option<&'a str>, name: &str) -> Option<&'a str> {
    let mut pairs = query
        .unwrap_or("")
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(other, _)| *other == name)
        .map(|(_, value)| value)
}

fn numbered(index: usize) -> Value {
    item(&format!("{:032x}", index + 1))
}
