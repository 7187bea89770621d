//! What a configuration key is, and which there are.
//!
//! The one table, in `keys`, drives what is accepted, which key an error
//! suggests, and the reference page, so that the three can't disagree.

pub(crate) use super::keys::SECTIONS;

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// Text that may be empty.
    Words,
    HeaderName,
    /// Printable ASCII, as in every header.
    HeaderText,
    /// A name that the library knows, or the path of a file.
    Provider,
    Scope,
    /// A place that a credential may go: no query.
    Url,
    Urls,
    /// A URL, or an absolute path on the origin of `base_url`.
    Endpoint,
    Secret {
        /// Whether the value ends up in a header, where a line break is an attack.
        in_header: bool,
    },
    Choice(&'static [&'static str]),
    Integer {
        min: i64,
        max: i64,
    },
    Codes(&'static [u16]),
    Bool,
    Path,
    /// Field names to secrets.
    Fields,
    /// Header names to secrets.
    Headers,
    /// Header names to secrets, or to values that are made for each request.
    RequestHeaders,
    /// What `RequestHeaders` has for a name.
    HeaderValue,
    /// Names of the standard, of this list, to names of the server.
    Renames(&'static [&'static str]),
}

impl Kind {
    pub(crate) fn is_map(self) -> bool {
        matches!(
            self,
            Kind::Fields | Kind::Headers | Kind::RequestHeaders | Kind::Renames(_)
        )
    }

    /// What an entry of the map takes; any other kind is its own.
    pub(crate) fn entry(self) -> Kind {
        match self {
            Kind::Fields => Kind::Secret { in_header: false },
            Kind::Headers => Kind::Secret { in_header: true },
            Kind::RequestHeaders => Kind::HeaderValue,
            Kind::Renames(_) => Kind::Text,
            other => other,
        }
    }

    /// The ways to give a value of this kind as a reference, each the last part
    /// of a dotted key.
    pub(crate) fn references(self) -> &'static [&'static str] {
        match self {
            Kind::Secret { .. } => &["env", "file", "command"],
            // A command would run on the time of each request.
            Kind::HeaderValue => &["env", "file", "generate"],
            _ => &[],
        }
    }
}

/// What holds when no layer gives a value.
#[derive(Clone, Copy)]
pub(crate) enum Default {
    Absent,
    Json(&'static str),
    /// It depends on other keys, in the way that the text says.
    Depends(&'static str),
}

pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) default: Default,
    pub(crate) doc: &'static str,
}

pub(crate) struct Section {
    pub(crate) title: &'static str,
    pub(crate) keys: &'static [Key],
}

/// The fields of a token request that RFC 6749 names and that can be renamed.
pub(crate) const REQUEST_FIELDS: &[&str] = &[
    "grant_type",
    "client_id",
    "client_secret",
    "username",
    "password",
    "refresh_token",
    "scope",
];

/// The members of a token answer that RFC 6749 names and that can be elsewhere.
pub(crate) const ANSWER_MEMBERS: &[&str] = &[
    "access_token",
    "token_type",
    "expires_in",
    "refresh_in",
    "refresh_token",
    "scope",
];

/// What can be made for each request.
pub(crate) const GENERATORS: &[&str] = &["uuid"];

pub(crate) fn keys() -> impl Iterator<Item = &'static Key> {
    SECTIONS.iter().flat_map(|section| section.keys)
}

pub(crate) fn find(name: &str) -> Option<&'static Key> {
    keys().find(|key| key.name == name)
}

/// The keys inside the object `name`; none when it is no such object.
pub(crate) fn members(name: &str) -> impl Iterator<Item = &'static Key> {
    keys().filter(move |key| is_inside(key.name, name))
}

/// Whether the dotted key `inner` lies in the object `outer`.
pub(crate) fn is_inside(inner: &str, outer: &str) -> bool {
    let rest = inner.strip_prefix(outer);
    rest.is_some_and(|rest| rest.starts_with('.'))
}

/// The known key that `name` most likely means, if one is near enough.
pub(crate) fn nearest(name: &str) -> Option<String> {
    let name = name.to_lowercase();
    let length = name.chars().count();
    if length > 64 {
        return None;
    }
    // A way to refer to a secret, on a key that isn't one.
    let plain = |key: &&Key| !key.kind.is_map() && key.kind.references().is_empty();
    if let Some(outer) = keys().filter(plain).find(|key| is_inside(&name, key.name)) {
        return Some(outer.name.to_owned());
    }
    let leaf = |key: &str| key.rsplit('.').next().map(str::to_owned);
    let distance = |candidate: &String| {
        let whole = strsim::osa_distance(&name, candidate);
        // The right name in the wrong place counts as one mistake.
        let misplaced = leaf(&name) == leaf(candidate);
        if misplaced { whole.min(1) } else { whole }
    };
    suggestions()
        .map(|candidate| (distance(&candidate), candidate))
        .filter(|(distance, _)| *distance <= 1 + length / 5)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn suggestions() -> impl Iterator<Item = String> {
    let plain = keys().map(|key| key.name.to_owned());
    let objects = keys().filter_map(|key| Some(key.name.split_once('.')?.0.to_owned()));
    let inner = keys().flat_map(|key| {
        let names = match key.kind {
            Kind::Renames(names) => names,
            kind => kind.references(),
        };
        names
            .iter()
            .map(move |inner| format!("{}.{inner}", key.name))
    });
    plain
        .chain(objects)
        .chain(["if_known".to_owned()])
        .chain(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_key_is_suggested_and_a_far_one_is_not() {
        for (typed, meant) in [
            ("client_secrte", Some("client_secret")),
            ("clientSecret", Some("client_secret")),
            ("scopes", Some("scope")),
            ("timeout", Some("timeouts")),
            ("timeout.connect_ms", Some("timeouts.connect_ms")),
            ("format", Some("token_request.format")),
            ("token_request.scope", Some("scope")),
            ("client_secret.enw", Some("client_secret.env")),
            ("client_id.env", Some("client_id")),
            ("tokenrequest.fields", Some("token_request.fields")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed).as_deref(), meant, "{typed}");
        }
        assert_eq!(nearest(&"client_secret".repeat(1000)), None);
    }

    #[test]
    fn no_key_is_an_object_or_another_key() {
        for (index, key) in keys().enumerate() {
            assert_eq!(members(key.name).count(), 0, "{}", key.name);
            let later = keys().skip(index + 1);
            assert!(later.into_iter().all(|other| other.name != key.name));
        }
    }
}
