//! Text that must not leak: no `Debug`, no `Display`, wiped when dropped.
//!
//! The one way to the text is [`Secret::expose`], so that a review finds every
//! place where a secret is used by searching for that word.

use std::sync::Arc;

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

/// Replaces each of `secrets` in `text`, as it is and as a URL would encode it,
/// for text that a server sent and that may echo what it was sent.
pub(crate) fn mask(text: &str, secrets: &[&Secret]) -> String {
    let mut masked = text.to_owned();
    for secret in secrets {
        let plain = secret.expose();
        // Masking a very short secret would destroy the text and hide nothing.
        if plain.len() < 4 {
            continue;
        }
        let encoded =
            percent_encoding::utf8_percent_encode(plain, percent_encoding::NON_ALPHANUMERIC)
                .to_string();
        masked = masked.replace(plain, "***").replace(&encoded, "***");
    }
    masked
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
}
