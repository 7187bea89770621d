//! One value of one key: read strictly, parsed once.
//!
//! No message here quotes a value: somebody may have put a secret where
//! something else belongs.

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::schema::{self, Kind};
use super::secret_source::SecretOrigin;
use super::source::{Source, quoted};
use crate::error::{Result, Status};
use crate::provider::Provider;
use crate::request::FRAMING_HEADERS;
use crate::secret::Secret;
use crate::url::Url;

/// A value as the rest of the configuration uses it.
#[derive(Clone)]
pub(crate) enum Setting {
    Text(String),
    Url(Url),
    Urls(Vec<Url>),
    Secret(SecretOrigin),
    Generated(Generator),
    Integer(i64),
    Codes(Vec<u16>),
    Bool(bool),
    Path(PathBuf),
}

/// What is made for each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generator {
    /// A random UUID (RFC 9562 §5.4).
    Uuid,
}

/// Reads `value` as what `key` takes.
pub(crate) fn read(key: &str, kind: Kind, value: Value, source: &Source) -> Result<Setting> {
    Reader { key, source }.read(kind, value)
}

/// Checks the name of an entry of a map.
pub(crate) fn check_entry_name(map: &str, kind: Kind, name: &str, source: &Source) -> Result<()> {
    if name.is_empty() {
        let message = format!("\"{map}\" has an entry without a name");
        return Err(source.error("config.invalid_value", message));
    }
    let key = format!("{map}.{name}");
    let reader = Reader { key: &key, source };
    match kind {
        Kind::Headers | Kind::RequestHeaders => reader.header_name(name).map(drop),
        Kind::Renames(names) if !names.contains(&name) => Err(unknown(&key, source)),
        _ => reader.without_control(name).map(drop),
    }
}

/// The error for a key that isn't in the schema.
pub(crate) fn unknown(key: &str, source: &Source) -> crate::error::Error {
    let mut message = format!("{} is not a key of authkeep", quoted(key));
    if let Some(nearest) = schema::nearest(key) {
        message += &format!("; did you mean \"{nearest}\"?");
    }
    source.error("config.unknown_key", message)
}

struct Reader<'a> {
    key: &'a str,
    source: &'a Source,
}

impl Reader<'_> {
    fn read(&self, kind: Kind, value: Value) -> Result<Setting> {
        match (kind, value) {
            (Kind::Text, Value::String(text)) => self.filled(&text).map(text_of),
            (Kind::Words, Value::String(text)) => self.without_control(&text).map(text_of),
            (Kind::HeaderName, Value::String(text)) => self.header_name(&text).map(text_of),
            (Kind::HeaderText, Value::String(text)) => self.header_text(&text).map(text_of),
            (Kind::Provider, Value::String(text)) => self.provider(&text),
            (Kind::Scope, value) => self.scope(value),
            (Kind::Url, Value::String(text)) => self.place(&text).map(Setting::Url),
            (Kind::Urls, Value::Array(items)) => {
                let urls = items.into_iter().map(|item| match item {
                    Value::String(text) => self.place(&text),
                    _ => Err(self.wrong_type(kind)),
                });
                urls.collect::<Result<_>>().map(Setting::Urls)
            }
            (Kind::Endpoint, Value::String(text)) => self.endpoint(text),
            (Kind::Secret { in_header }, Value::String(text)) => self.secret(text, in_header),
            (Kind::HeaderValue, Value::String(text)) => self.secret(text, true),
            (Kind::Secret { .. } | Kind::HeaderValue, Value::Object(object)) => {
                self.reference(kind, object)
            }
            (Kind::Choice(choices), Value::String(text)) => {
                if !choices.contains(&text.as_str()) {
                    let choices: Vec<_> = choices.iter().map(|choice| quoted(choice)).collect();
                    return Err(self.invalid(&format!("must be one of {}", choices.join(", "))));
                }
                Ok(Setting::Text(text))
            }
            (Kind::Integer { min, max }, Value::Number(number)) => match number.as_i64() {
                Some(value) if (min..=max).contains(&value) => Ok(Setting::Integer(value)),
                None if number.is_f64() => Err(self.wrong_type(kind)),
                _ => Err(self.invalid(&format!("must be from {min} to {max}"))),
            },
            (Kind::Codes(allowed), Value::Array(items)) => self.codes(allowed, &items),
            (Kind::Bool, Value::Bool(value)) => Ok(Setting::Bool(value)),
            (Kind::Path, Value::String(text)) => {
                let path = self.source.path(self.filled(&text)?);
                Ok(Setting::Path(path))
            }
            (kind, _) => Err(self.wrong_type(kind)),
        }
    }

    fn provider(&self, text: &str) -> Result<Setting> {
        let text = self.filled(text)?;
        if text.contains(['/', '\\']) || text.ends_with(".json") {
            return Ok(Setting::Path(self.source.path(text)));
        }
        let mut names = Provider::all().iter().map(Provider::name);
        if names.any(|name| name == text) {
            return Ok(text_of(text));
        }
        let names: Vec<_> = Provider::all()
            .iter()
            .map(|known| quoted(known.name()))
            .collect();
        Err(self.invalid(&format!(
            "must be one of {}, or the path of a provider file",
            names.join(", ")
        )))
    }

    fn scope(&self, value: Value) -> Result<Setting> {
        let items = match value {
            Value::Array(items) => items,
            text => vec![text],
        };
        let mut words = Vec::new();
        for item in &items {
            let text = item.as_str().ok_or_else(|| self.wrong_type(Kind::Scope))?;
            let text = self.without_control(text)?;
            words.extend(text.split(' ').filter(|word| !word.is_empty()));
        }
        Ok(Setting::Text(words.join(" ")))
    }

    fn place(&self, text: &str) -> Result<Url> {
        let url = Url::parse(text).map_err(|why| self.invalid(&why))?;
        url.refuse_dot_segments()
            .map_err(|why| self.invalid(&why))?;
        if url.query().is_some() {
            return Err(self.invalid("has a query (?); remove it"));
        }
        Ok(url)
    }

    /// A path stays text until `base_url` is known.
    fn endpoint(&self, text: String) -> Result<Setting> {
        let parsed = if text.starts_with('/') {
            let anywhere = Url::parse("https://localhost");
            anywhere
                .and_then(|origin| origin.join_origin(&text))
                .map(|_| Setting::Text(text))
        } else {
            Url::parse(&text).map(Setting::Url)
        };
        parsed.map_err(|why| self.invalid(&why))
    }

    fn secret(&self, text: String, in_header: bool) -> Result<Setting> {
        let secret = Secret::new(text);
        self.filled_only(secret.expose())?;
        if in_header {
            self.without_control(secret.expose())?;
            if !secret.expose().is_ascii() {
                return Err(self.invalid("has a character beyond ASCII, which a header can't have"));
            }
        }
        Ok(Setting::Secret(SecretOrigin::Value(secret)))
    }

    fn reference(&self, kind: Kind, object: Map<String, Value>) -> Result<Setting> {
        if let Some(name) = object
            .keys()
            .find(|name| !kind.references().contains(&name.as_str()))
        {
            return Err(unknown(&format!("{}.{name}", self.key), self.source));
        }
        let mut members = object.into_iter();
        let (Some((name, value)), None) = (members.next(), members.next()) else {
            return Err(self.wrong_type(kind));
        };
        let key = format!("{}.{name}", self.key);
        let inner = Reader { key: &key, ..*self };
        if name == "generate" {
            return inner
                .read(Kind::Choice(schema::GENERATORS), value)
                .map(|_| Setting::Generated(Generator::Uuid));
        }
        if let Some(why) = self.source.references_refused {
            let message = format!("{} is a reference ({name}), which {why}", quoted(self.key));
            let code = "config.reference_not_allowed";
            return Err(self.source.error_of(Status::NotAllowed, code, message));
        }
        let origin = match (name.as_str(), value) {
            ("env", Value::String(text)) => inner.variable(&text)?,
            ("file", Value::String(text)) => SecretOrigin::File {
                path: self.source.path(inner.filled(&text)?),
            },
            ("command", Value::Array(words)) => inner.command(&words)?,
            ("command", _) => return Err(inner.not_a_command()),
            _ => return Err(inner.wrong_type(Kind::Text)),
        };
        Ok(Setting::Secret(origin))
    }

    fn variable(&self, name: &str) -> Result<SecretOrigin> {
        let name = self.filled(name)?;
        if name.contains('=') {
            return Err(self.invalid("is not the name of an environment variable"));
        }
        let name = name.to_owned();
        Ok(SecretOrigin::Env { name })
    }

    fn command(&self, words: &[Value]) -> Result<SecretOrigin> {
        let mut texts = Vec::new();
        for word in words {
            let text = word.as_str().ok_or_else(|| self.not_a_command())?;
            if text.contains('\0') {
                return Err(self.invalid("has the control character U+0000"));
            }
            texts.push(text.to_owned());
        }
        let mut texts = texts.into_iter();
        let program = texts.next().ok_or_else(|| self.not_a_command())?;
        let program = self.filled(&program)?;
        // A bare name is looked up in PATH; anything else is a path.
        let program = if program.contains('/') {
            self.source.path(program).to_string_lossy().into_owned()
        } else {
            program.to_owned()
        };
        let arguments = texts.collect();
        Ok(SecretOrigin::Command { program, arguments })
    }

    fn codes(&self, allowed: &[u16], items: &[Value]) -> Result<Setting> {
        let mut codes = Vec::new();
        for item in items {
            let number = item
                .as_u64()
                .ok_or_else(|| self.wrong_type(Kind::Codes(&[])))?;
            match allowed.iter().find(|code| u64::from(**code) == number) {
                Some(code) => codes.push(*code),
                None => {
                    let allowed: Vec<_> = allowed.iter().map(u16::to_string).collect();
                    let why = format!("may only have {}", allowed.join(" and "));
                    return Err(self.invalid(&why));
                }
            }
        }
        codes.sort_unstable();
        codes.dedup();
        Ok(Setting::Codes(codes))
    }

    fn header_name<'t>(&self, text: &'t str) -> Result<&'t str> {
        let text = self.filled(text)?;
        // A token of RFC 9110 §5.6.2.
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if !text.bytes().all(allowed) {
            return Err(self.invalid("is not the name of a header"));
        }
        if FRAMING_HEADERS.contains(&text.to_ascii_lowercase().as_str()) {
            return Err(self.invalid("is a header that belongs to the connection"));
        }
        Ok(text)
    }

    fn header_text<'t>(&self, text: &'t str) -> Result<&'t str> {
        let text = self.filled(text)?;
        if !text.is_ascii() || text.trim() != text {
            return Err(self.invalid("may have printable ASCII only, and no space at an end"));
        }
        Ok(text)
    }

    fn filled<'t>(&self, text: &'t str) -> Result<&'t str> {
        self.filled_only(text)?;
        self.without_control(text)
    }

    fn filled_only(&self, text: &str) -> Result<()> {
        match text {
            "" => Err(self.invalid("is empty")),
            _ => Ok(()),
        }
    }

    fn without_control<'t>(&self, text: &'t str) -> Result<&'t str> {
        match text.chars().find(|character| character.is_control()) {
            Some(bad) => {
                let why = format!("has the control character U+{:04X}", u32::from(bad));
                Err(self.invalid(&why))
            }
            None => Ok(text),
        }
    }

    fn invalid(&self, why: &str) -> crate::error::Error {
        let message = format!("{} {why}", quoted(self.key));
        self.source.error("config.invalid_value", message)
    }

    fn not_a_command(&self) -> crate::error::Error {
        let message = format!(
            "{} must be a list of texts: a program and its arguments",
            quoted(self.key)
        );
        self.source.error("config.wrong_type", message)
    }

    fn wrong_type(&self, kind: Kind) -> crate::error::Error {
        let wanted = match kind {
            Kind::Scope => "text or a list of texts",
            Kind::Urls => "a list of URLs",
            Kind::Secret { .. } => "text, or an object with one of \"env\", \"file\", \"command\"",
            Kind::HeaderValue => "text, or an object with one of \"env\", \"file\", \"generate\"",
            Kind::Integer { .. } => "a whole number",
            Kind::Codes(_) => "a list of whole numbers",
            Kind::Bool => "true or false",
            kind if kind.is_map() => "an object of names and values",
            _ => "text",
        };
        let message = format!("{} must be {wanted}", quoted(self.key));
        self.source.error("config.wrong_type", message)
    }
}

fn text_of(text: &str) -> Setting {
    Setting::Text(text.to_owned())
}
