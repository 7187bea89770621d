//! Text that must not leak: no `Debug`, no `Display`, wiped when dropped.
//!
//! The one way to the text is [`Secret::expose`], so that a review finds every
//! place where a secret is used by searching for that word.

use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

/// A password, client secret, API key or token.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Secret(Arc::new(Zeroizing::new(text.into())))
    }

    /// The text itself.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

/// For the records of tokens, which are kept in a store that protects them.
pub(crate) mod stored {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Secret;

    pub(crate) fn serialize<S: Serializer>(secret: &Secret, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(secret.expose())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
        String::deserialize(from).map(Secret::new)
    }
}

/// Replaces each of `secrets` in `text`, as it is and as a URL, a form or JSON
/// would encode it, for text that a server sent and that may echo what it was
/// sent.
pub(crate) fn mask(text: &str, secrets: &[&Secret]) -> String {
    let mut forms: Vec<Zeroizing<String>> = secrets
        .iter()
        // Masking a very short secret would destroy the text and hide nothing.
        .filter(|secret| secret.expose().len() >= 4)
        .flat_map(|secret| encodings(secret.expose()))
        .collect();
    // A secret may hold another: the rest of the longer one must not stay.
    forms.sort_unstable_by_key(|form| std::cmp::Reverse(form.len()));
    forms.iter().fold(text.to_owned(), |text, form| {
        text.replace(form.as_str(), "***")
    })
}

/// The text itself, and as it may look in a URL, a form or a JSON text.
fn encodings(plain: &str) -> Vec<Zeroizing<String>> {
    const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    let in_form = |text: &str| text.replace("%20", "+");
    let percent = |set| utf8_percent_encode(plain, set).to_string();
    let json = serde_json::Value::from(plain).to_string();
    let unquoted = json.get(1..json.len() - 1).unwrap_or_default();
    let mut forms = vec![unquoted.to_owned(), plain.to_owned()];
    for url in [percent(NON_ALPHANUMERIC), percent(UNRESERVED)] {
        for text in [url.replace("%2A", "*"), url] {
            let lower = lower_hex(&text);
            forms.extend([in_form(&text), in_form(&lower), text, lower]);
        }
    }
    forms.into_iter().map(Zeroizing::new).collect()
}

/// `%2F` as `%2f`; other letters as they are.
fn lower_hex(encoded: &str) -> String {
    let mut digits = 0;
    encoded
        .chars()
        .map(|c| {
            let in_escape = digits > 0;
            digits = if c == '%' { 2 } else { digits.max(1) - 1 };
            if in_escape { c.to_ascii_lowercase() } else { c }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_plain_and_encoded() {
        let secret = Secret::new("pa/ss word");
        let text = "bad pa/ss word, sent as pa%2Fss%20word";
        assert_eq!(mask(text, &[&secret]), "bad ***, sent as ***");
    }

    #[test]
    fn every_usual_encoding_of_a_secret_is_masked() {
        let secret = Secret::new("p-w /*é+\"");
        for echoed in [
            "p-w%20%2F%2A%C3%A9%2B%22",
            "p-w+%2F*%C3%A9%2B%22",
            "p-w+%2f*%c3%a9%2b%22",
            "p%2Dw%20%2F%2A%C3%A9%2B%22",
            r#"p-w /*é+\""#,
        ] {
            assert_eq!(mask(echoed, &[&secret]), "***", "{echoed}");
        }
    }

    #[test]
    fn a_secret_that_holds_another_is_masked_whole() {
        let (short, long) = (Secret::new("canary"), Secret::new("canary-longer"));
        assert_eq!(mask("canary-longer canary", &[&short, &long]), "*** ***");
    }
}
