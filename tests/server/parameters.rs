//! The parameters of a token request, from a form or a JSON body.

use std::fmt;

use percent_encoding::percent_decode_str;
use serde::de::{Deserializer, MapAccess, Visitor};

use crate::http::Request;
use crate::registration::Format;

/// Name and value of each parameter, in the order sent, none twice.
pub struct Parameters {
    /// How the body said it.
    pub format: Format,
    pairs: Vec<(String, String)>,
}

impl Parameters {
    /// Reads the body of a token request; the error says what is wrong.
    pub fn read(request: &Request) -> Result<Parameters, String> {
        match request.media_type().as_str() {
            "application/x-www-form-urlencoded" => Parameters::parse(Format::Form, &request.body),
            "application/json" => Parameters::parse(Format::Json, &request.body),
            other => Err(format!("content type {other:?}")),
        }
    }

    /// Reads a body of a known format.
    pub fn parse(format: Format, body: &[u8]) -> Result<Parameters, String> {
        let body = str::from_utf8(body).map_err(|_| "the body is not UTF-8")?;
        let pairs = match format {
            Format::Form => read_form(body)?,
            Format::Json => read_json(body)?,
        };
        for (index, (name, _)) in pairs.iter().enumerate() {
            if pairs[..index].iter().any(|(earlier, _)| earlier == name) {
                return Err(format!("parameter {name} is there twice"));
            }
        }
        Ok(Parameters { format, pairs })
    }

    /// The value of a parameter.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every parameter's name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(name, _)| name.as_str())
    }
}

fn read_form(body: &str) -> Result<Vec<(String, String)>, String> {
    body.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').ok_or("a form field has no value")?;
            Ok((form_decode(name)?, form_decode(value)?))
        })
        .collect()
}

fn read_json(body: &str) -> Result<Vec<(String, String)>, String> {
    let mut deserializer = serde_json::Deserializer::from_str(body);
    let pairs = deserializer
        .deserialize_map(TextMembers)
        .map_err(|error| format!("JSON body: {error}"))?;
    deserializer
        .end()
        .map_err(|error| format!("JSON body: {error}"))?;
    Ok(pairs)
}

/// Undoes form encoding. Refuses what form encoding would have encoded, so
/// that a client that doesn't encode is found out at once.
pub fn form_decode(text: &str) -> Result<String, String> {
    let raw = |c: char| !(c.is_ascii_alphanumeric() || "-._~*+%".contains(c));
    if let Some(c) = text.chars().find(|c| raw(*c)) {
        return Err(format!("{c:?} is not form-encoded"));
    }
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    Ok(decoded
        .map_err(|_| "form-encoded bytes are not UTF-8")?
        .into_owned())
}

/// The members of an object of texts, without losing duplicates as a map does.
struct TextMembers;

impl<'de> Visitor<'de> for TextMembers {
    type Value = Vec<(String, String)>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(pairs)
    }
}
