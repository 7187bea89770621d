//! A strict JSON reader for configuration and for what servers answer.
//!
//! `serde_json` lets the last of two members with one name win and has its own
//! idea of depth. Two readers of one text could then see different tokens, so
//! both are errors here. An error says where and why, never what: the text may
//! hold secrets.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Why a text is not JSON as we want it; quotes nothing of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JsonError {
    /// A few words for after a colon: no full stop, no content.
    pub(crate) reason: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let JsonError {
            reason,
            line,
            column,
        } = self;
        write!(f, "{reason} at line {line} column {column}")
    }
}

/// Reads one JSON value and nothing after it. A UTF-8 byte order mark before it
/// is skipped. Arrays and objects may be nested `max_depth` deep.
pub(crate) fn parse(text: &[u8], max_depth: usize) -> Result<Value, JsonError> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let mut reader = serde_json::Deserializer::from_slice(text);
    Node {
        depth_left: max_depth,
    }
    .deserialize(&mut reader)
    .and_then(|value| reader.end().map(|()| value))
    .map_err(JsonError::from)
}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        // The texts of serde_json's syntax errors are fixed, and the other
        // kinds have only texts from below.
        let text = error.to_string();
        let place = format!(" at line {line} column {column}");
        let reason = text
            .strip_suffix(&place)
            .unwrap_or("is not JSON")
            .to_owned();
        JsonError {
            reason,
            line,
            column,
        }
    }
}

/// One value, with the nesting that is still allowed in it.
#[derive(Clone, Copy)]
struct Node {
    depth_left: usize,
}

impl Node {
    fn inner<E: serde::de::Error>(self) -> Result<Node, E> {
        match self.depth_left.checked_sub(1) {
            Some(depth_left) => Ok(Node { depth_left }),
            None => Err(E::custom("nested too deep")),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Node {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("number out of range"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = from.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut members = Map::new();
        while let Some(name) = from.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom("two members with one name"));
            }
            members.insert(name, from.next_value_seed(inner)?);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn failure(text: &str) -> String {
        parse(text.as_bytes(), 16).unwrap_err().to_string()
    }

    #[test]
    fn every_kind_of_value_is_read() {
        let text = r#" {"a": [null, true, -1, 18446744073709551615, 1.5, "é\n"], "b": {}} "#;
        let value = parse(text.as_bytes(), 2).unwrap();
        assert_eq!(
            value,
            json!({"a": [null, true, -1, u64::MAX, 1.5, "é\n"], "b": {}})
        );
    }

    #[test]
    fn a_byte_order_mark_is_skipped_once() {
        assert_eq!(parse(b"\xEF\xBB\xBF1", 0), Ok(json!(1)));
        assert!(parse(b"\xEF\xBB\xBF\xEF\xBB\xBF1", 0).is_err());
    }

    #[test]
    fn a_second_member_of_the_same_name_is_an_error() {
        assert_eq!(
            failure("{\"x\": 1,\n \"x\": 1}"),
            "two members with one name at line 2 column 4"
        );
        // Equal only once the escape is read.
        assert!(failure(r#"[{"x": 1, "\u0078": 2}]"#).starts_with("two members with one name"));
        assert!(parse(br#"[{"x": 1}, {"x": 2}]"#, 2).is_ok());
    }

    #[test]
    fn nesting_ends_at_the_limit() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(16).as_bytes(), 16).is_ok());
        assert!(failure(&nested(17)).starts_with("nested too deep at line 1"));
        assert!(parse(b"1", 0).is_ok());
        assert!(parse(b"{}", 0).is_err());
        // A hostile depth neither overflows the stack nor passes a large limit.
        assert!(parse(nested(100_000).as_bytes(), usize::MAX).is_err());
    }

    #[test]
    fn text_after_the_value_is_an_error() {
        assert_eq!(failure("{} {}"), "trailing characters at line 1 column 4");
    }

    #[test]
    fn no_error_quotes_the_text() {
        let broken = [
            "canary",
            "\"canary",
            "{\"canary\"}",
            "{\"canary\": 1, \"canary\": 2}",
            "[\"canary\" \"canary\"]",
            "{\"a\": \"canary\\q\"}",
            "{\"a\": \"canary\n\"}",
            "[1e999, \"canary\"]",
            "",
        ];
        for text in broken {
            let message = failure(text);
            assert!(!message.contains("canary"), "{message}");
            assert!(!message.contains("is not JSON"), "{message}");
        }
        assert!(parse(b"[\"\xFF\"]", 4).is_err());
    }
}
