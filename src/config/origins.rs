//! Where each value of a config came from, for an explanation: no secrets.

use serde_json::{Value, json};

use super::layer::{Entry, Layer};
use super::schema::{self, Default};
use super::value::{Generator, Setting};

/// Each key that has a value, with it and its place; `merged` is every layer but
/// the defaults.
pub(crate) fn origins(merged: &Layer) -> Vec<Value> {
    let given = merged.given();
    let given = given.map(|(key, entry, setting)| told(key, entry, setting));
    let is_left_out = |key: &&schema::Key| merged.get(key.name).is_none();
    let defaults = schema::keys()
        .filter(is_left_out)
        .filter_map(|key| match key.default {
            Default::Json(text) => {
                let value = serde_json::from_str::<Value>(text).ok()?;
                Some(json!({"key": key.name, "value": value, "from": "default"}))
            }
            Default::Absent | Default::Depends(_) => None,
        });
    given.chain(defaults).collect()
}

fn told(key: &str, entry: &Entry, setting: &Setting) -> Value {
    let value = match setting {
        Setting::Text(text) => json!(text),
        Setting::Url(url) => json!(url.without_query()),
        Setting::Urls(urls) => {
            json!(
                urls.iter()
                    .map(|url| url.without_query())
                    .collect::<Vec<_>>()
            )
        }
        Setting::Secret(origin) => json!(format!("a secret, {}", origin.describe())),
        Setting::Generated(Generator::Uuid) => json!({"generate": "uuid"}),
        Setting::Integer(integer) => json!(integer),
        Setting::Codes(codes) => json!(codes),
        Setting::Bool(bool) => json!(bool),
        Setting::Path(path) => json!(path.display().to_string()),
    };
    json!({"key": key, "value": value, "from": entry.source.name()})
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Map;

    use super::super::source::Source;
    use super::*;

    #[test]
    fn each_value_tells_where_it_came_from_and_no_secret() {
        let from = |value: Value, source: Source| {
            let Value::Object(object) = value else {
                return Layer::from_object(Map::new(), &Arc::new(source)).unwrap();
            };
            Layer::from_object(object, &Arc::new(source)).unwrap()
        };
        let mut merged = from(
            json!({"token_endpoint": "https://id.example/t?key=hidden"}),
            Source::provider("shop", None),
        );
        merged.absorb(from(
            json!({"client_secret": "hidden", "client_id": "me",
                "token_request": {"fields": {"pin": "hidden"}}}),
            Source::program(),
        ));
        let told = json!(origins(&merged));
        let text = told.to_string();
        assert!(!text.contains("hidden"), "{text}");
        for expected in [
            json!({"key": "token_endpoint", "value": "https://id.example/t",
                "from": "provider \"shop\""}),
            json!({"key": "client_secret", "value": "a secret, given as a value",
                "from": "program"}),
            json!({"key": "lifetime.max_s", "value": 86400, "from": "default"}),
        ] {
            assert!(
                told.as_array().unwrap().contains(&expected),
                "{expected} in {text}"
            );
        }
    }
}
