//! One layer of configuration: dotted keys, each with a checked value or with
//! the wish to delete what the layers below say.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::schema::{self, Kind};
use super::source::{Source, quoted};
use super::value::{self, Setting};
use crate::error::{Error, Result};

#[derive(Clone, Default)]
pub(crate) struct Layer {
    entries: BTreeMap<String, Entry>,
}

#[derive(Clone)]
pub(crate) struct Entry {
    /// `None` deletes the key, and whatever lies in it, from the layers below.
    pub(crate) setting: Option<Setting>,
    pub(crate) source: Arc<Source>,
}

impl Layer {
    /// Reads a JSON object of keys; objects in it hold the dotted keys.
    pub(crate) fn from_object(object: Map<String, Value>, source: &Arc<Source>) -> Result<Layer> {
        let mut reader = Reader::new(source);
        let mut object = object;
        let if_known = object.remove("if_known");
        reader.read_object("", object)?;
        match if_known {
            None | Some(Value::Null) => {}
            Some(Value::Object(object)) => {
                let mut known = Reader::new(source);
                known.skip_unknown = true;
                known.read_object("", object)?;
                reader.layer.absorb(known.layer);
            }
            Some(_) => {
                let message = "\"if_known\" must be an object of keys";
                return Err(source.error("config.wrong_type", message));
            }
        }
        Ok(reader.layer)
    }

    /// Reads one dotted key and its value as text. A reference to a secret is
    /// the key of the secret and `.env` or `.file`.
    pub(crate) fn from_text(key: &str, text: &str, source: &Arc<Source>) -> Result<Layer> {
        let mut reader = Reader::new(source);
        let known = key.strip_prefix("if_known.");
        reader.skip_unknown = known.is_some();
        reader.read_text(known.unwrap_or(key), text)?;
        Ok(reader.layer)
    }

    /// Puts `newer` on top of this layer.
    pub(crate) fn absorb(&mut self, newer: Layer) {
        for (key, entry) in newer.entries {
            if entry.setting.is_none() {
                self.entries.retain(|old, _| !schema::is_inside(old, &key));
            }
            self.entries.insert(key, entry);
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries
            .get(key)
            .filter(|entry| entry.setting.is_some())
    }

    /// The entries of the map `key` in the order of their names.
    pub(crate) fn entries_of(&self, key: &str) -> impl Iterator<Item = (&str, &Entry)> {
        let entries = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.setting.is_some());
        entries.filter_map(move |(name, entry)| {
            let name = name.strip_prefix(key)?.strip_prefix('.')?;
            Some((name, entry))
        })
    }

    /// Every key that has a value, in the order of their names.
    pub(crate) fn given(&self) -> impl Iterator<Item = (&str, &Entry, &Setting)> {
        self.entries.iter().filter_map(|(key, entry)| {
            let setting = entry.setting.as_ref()?;
            Some((key.as_str(), entry, setting))
        })
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    skip_unknown: bool,
    layer: Layer,
}

impl<'a> Reader<'a> {
    fn new(source: &'a Arc<Source>) -> Self {
        Reader {
            source,
            skip_unknown: false,
            layer: Layer::default(),
        }
    }

    /// `path` is empty, or the dotted name of `object`.
    fn read_object(&mut self, path: &str, object: Map<String, Value>) -> Result<()> {
        for (name, value) in object {
            let key = match path {
                "" => name.clone(),
                _ => format!("{path}.{name}"),
            };
            if name.contains('.') && schema::find(&key).is_some() {
                return Err(self.dotted(&key));
            }
            if let Some(known) = schema::find(&key) {
                self.read_key(&key, known.kind, value)?;
            } else if schema::members(&key).next().is_some() {
                match value {
                    Value::Null => schema::members(&key).for_each(|inner| self.delete(inner.name)),
                    Value::Object(inner) => self.read_object(&key, inner)?,
                    _ => return Err(self.not_an_object(&key)),
                }
            } else if !self.skip_unknown {
                return Err(value::unknown(&key, self.source));
            }
        }
        Ok(())
    }

    fn read_key(&mut self, key: &str, kind: Kind, value: Value) -> Result<()> {
        match value {
            Value::Null => self.delete(key),
            Value::Object(entries) if kind.is_map() => {
                for (name, value) in entries {
                    value::check_entry_name(key, kind, &name, self.source)?;
                    self.read_key(&format!("{key}.{name}"), kind.entry(), value)?;
                }
            }
            value => {
                let setting = value::read(key, kind, value, self.source)?;
                self.put(key, Some(setting));
            }
        }
        Ok(())
    }

    fn read_text(&mut self, key: &str, text: &str) -> Result<()> {
        if let Some(known) = schema::find(key) {
            let value = match known.kind {
                Kind::Integer { .. } => text.parse::<i64>().map_or(json!(text), Value::from),
                Kind::Bool => text.parse::<bool>().map_or(json!(text), Value::from),
                Kind::Urls | Kind::Codes(_) => return Err(self.not_as_text(key, "a list")),
                kind if kind.is_map() => return Err(self.container(key, "NAME")),
                _ => json!(text),
            };
            return self.read_key(key, known.kind, value);
        }
        if let Some((secret, kind, reference)) = reference(key) {
            if reference == "command" {
                return Err(self.not_as_text(key, "a list"));
            }
            self.check_name(secret)?;
            return self.read_key(secret, kind, json!({ reference: text }));
        }
        if let Some((_, kind)) = map_entry(key) {
            self.check_name(key)?;
            return self.read_key(key, kind.entry(), json!(text));
        }
        if let Some(inner) = schema::members(key).next() {
            let inner = &inner.name[key.len() + 1..];
            return Err(self.container(key, inner));
        }
        match self.skip_unknown {
            true => Ok(()),
            false => Err(value::unknown(key, self.source)),
        }
    }

    fn check_name(&self, key: &str) -> Result<()> {
        match map_entry(key) {
            Some((map, kind)) => {
                value::check_entry_name(map, kind, &key[map.len() + 1..], self.source)
            }
            None => Ok(()),
        }
    }

    fn delete(&mut self, key: &str) {
        self.put(key, None);
    }

    fn put(&mut self, key: &str, setting: Option<Setting>) {
        let source = Arc::clone(self.source);
        self.layer
            .entries
            .insert(key.to_owned(), Entry { setting, source });
    }

    fn dotted(&self, key: &str) -> Error {
        let message = format!(
            "{} is not a key in JSON; nest it as objects instead",
            quoted(key)
        );
        self.source.error("config.unknown_key", message)
    }

    fn not_an_object(&self, key: &str) -> Error {
        let message = format!("{} must be an object", quoted(key));
        self.source.error("config.wrong_type", message)
    }

    fn container(&self, key: &str, inner: &str) -> Error {
        let message = format!("{0} holds other keys; set \"{key}.{inner}\"", quoted(key));
        self.source.error("config.wrong_type", message)
    }

    fn not_as_text(&self, key: &str, what: &str) -> Error {
        let message = format!("{} is {what}; give it with merge_json", quoted(key));
        self.source.error("config.wrong_type", message)
    }
}

/// Splits `client_secret.env` into the key of a secret and the way to refer to it.
fn reference(key: &str) -> Option<(&str, Kind, &'static str)> {
    let (secret, last) = key.rsplit_once('.')?;
    let kind = match schema::find(secret) {
        Some(known) => known.kind,
        None => map_entry(secret)?.1.entry(),
    };
    let reference = kind.references().iter().find(|name| **name == last)?;
    Some((secret, kind, reference))
}

/// The map that the dotted `key` is an entry of.
fn map_entry(key: &str) -> Option<(&'static str, Kind)> {
    let map =
        schema::keys().find(|known| known.kind.is_map() && schema::is_inside(key, known.name))?;
    Some((map.name, map.kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(value: Value) -> Layer {
        let Value::Object(object) = value else {
            panic!("not an object")
        };
        Layer::from_object(object, &Arc::new(Source::program())).unwrap()
    }

    fn names(layer: &Layer, map: &str) -> Vec<String> {
        layer
            .entries_of(map)
            .map(|(name, _)| name.to_owned())
            .collect()
    }

    #[test]
    fn null_deletes_a_key_a_map_or_an_object_with_all_its_keys() {
        let below = layer(json!({
            "client_id": "id",
            "timeouts": {"total_ms": 1, "connect_ms": 1},
            "token_request": {"format": "json", "fields": {"a": "1", "b": "2"}},
        }));
        let after = |above: Value| {
            let mut merged = below.clone();
            merged.absorb(layer(above));
            merged
        };
        let merged = after(json!({"client_id": null, "timeouts": {"total_ms": null}}));
        assert!(merged.get("client_id").is_none());
        assert!(merged.get("timeouts.total_ms").is_none());
        assert!(merged.get("timeouts.connect_ms").is_some());
        let merged = after(json!({"timeouts": null, "token_request": {"fields": {"a": null}}}));
        assert!(merged.get("timeouts.connect_ms").is_none());
        assert_eq!(names(&merged, "token_request.fields"), ["b"]);
        let merged = after(json!({"token_request": null}));
        assert!(merged.get("token_request.format").is_none());
        assert!(names(&merged, "token_request.fields").is_empty());
    }

    #[test]
    fn a_deletion_reaches_the_layers_below_and_later_values_survive_it() {
        let mut program = layer(json!({"token_request": {"fields": {"a": "1"}}}));
        program.absorb(layer(json!({"token_request": {"fields": null}})));
        program.absorb(layer(json!({"token_request": {"fields": {"c": "3"}}})));
        let mut merged = layer(json!({"token_request": {"fields": {"b": "2"}}}));
        merged.absorb(program);
        assert_eq!(names(&merged, "token_request.fields"), ["c"]);
    }

    #[test]
    fn names_in_maps_may_have_dots() {
        let merged = layer(json!({"token_request": {"fields": {"a.b": "1", "a": "2"}}}));
        assert_eq!(names(&merged, "token_request.fields"), ["a", "a.b"]);
    }
}
