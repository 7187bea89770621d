//! Text that must not leak: no `Debug`, no `Display`, wiped when dropped.
//!
//! The one way to the text is [`Secret::expose`], so that a review finds every
//! place where a secret is used by searching for that word.

use std::collections::HashSet;
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

/// What is shown in place of a text that may hold a secret.
pub(crate) const WITHHELD: &str = "(withheld: it may hold a secret)";

/// Part of a secret that is as long as this is told from a coincidence.
const WINDOW: usize = 8;
/// Shorter secrets than this are in any text.
const SHORTEST: usize = 4;
/// Looked at beyond what is shown, for a secret that the cut would hide.
const MARGIN: usize = 1024;

/// Words that a secret may share with any error text: those of the protocol.
const PUBLIC: [&str; 21] = [
    "access_denied",
    "access token",
    "access_token",
    "authorization",
    "client credentials",
    "client_credentials",
    "client_id",
    "client secret",
    "client_secret",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "password",
    "refresh token",
    "refresh_token",
    "server_error",
    "slow_down",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
];

/// The first `longest` characters of a text that a server sent, or
/// [`WITHHELD`] if one of `secrets` or part of it is found there: as it is, in
/// other letters, cut, or encoded as URLs, forms, JSON, HTML, base64 and hex
/// do, also one over the other.
pub(crate) fn shown(text: &str, longest: usize, secrets: &[&Secret]) -> String {
    let known = PUBLIC.contains(&text);
    let looked_at: String = text.chars().take(longest + MARGIN).collect();
    if !known && holds_a_secret(looked_at.as_bytes(), secrets) {
        return WITHHELD.to_owned();
    }
    text.chars().take(longest).collect()
}

fn holds_a_secret(text: &[u8], secrets: &[&Secret]) -> bool {
    let text = unescape(text);
    let mut readings = vec![fold(&text)];
    for encoding in [Digits::Base64, Digits::Hex] {
        readings.extend(
            encoding
                .decode(&text)
                .iter()
                .map(|read| fold(&unescape(read))),
        );
    }
    let windows: HashSet<&[u8]> = readings
        .iter()
        .flat_map(|read| read.windows(WINDOW))
        .collect();
    secrets.iter().any(|secret| {
        let secret = fold(&unescape(secret.expose().as_bytes()));
        // A URL shares its scheme and domain with others that are no secret.
        if secret.len() > WINDOW && !secret.starts_with(b"http") {
            let mut parts = secret.windows(WINDOW);
            return parts.any(|part| windows.contains(part) && !is_public(part));
        }
        secret.len() >= SHORTEST && readings.iter().any(|read| contains(read, &secret))
    })
}

fn is_public(part: &[u8]) -> bool {
    PUBLIC.iter().any(|word| contains(word.as_bytes(), part))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// One form for what decoders may read alike: a form's `+` is a space, and
/// letters have no case.
fn fold(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let fold = |byte: &u8| match byte {
        b'+' => b' ',
        byte if byte.is_ascii_whitespace() => b' ',
        byte => byte.to_ascii_lowercase(),
    };
    Zeroizing::new(text.iter().map(fold).collect())
}

/// Undoes the escapes of URLs, JSON and HTML until none is left. A secret that
/// looks escaped itself is read in the same way, so that both stay comparable.
fn unescape(text: &[u8]) -> Zeroizing<Vec<u8>> {
    const MOST_LAYERS: usize = 16;
    let mut text = Zeroizing::new(text.to_vec());
    for _ in 0..MOST_LAYERS {
        let before = text.len();
        text = unescape_once(&text);
        if text.len() == before {
            break;
        }
    }
    text
}

fn unescape_once(mut text: &[u8]) -> Zeroizing<Vec<u8>> {
    // As long as the text at most, so that it is never moved.
    let mut plain = Zeroizing::new(Vec::with_capacity(text.len()));
    while let [first, rest @ ..] = text {
        text = rest;
        match first {
            b'%' if let Some(byte) = hex(rest, 0, 2) => {
                plain.push(byte as u8);
                text = &rest[2..];
            }
            b'\\' => match rest {
                [b'x', ..] if let Some(byte) = hex(rest, 1, 2) => {
                    plain.push(byte as u8);
                    text = &rest[3..];
                }
                [b'u', ..] if let Some(code) = hex(rest, 1, 4) => {
                    push_char(&mut plain, code);
                    text = &rest[5..];
                }
                [escaped, after @ ..] => {
                    plain.push(*escaped);
                    text = after;
                }
                [] => {}
            },
            b'&' if let Some((code, length)) = entity(rest) => {
                push_char(&mut plain, code);
                text = &rest[length..];
            }
            byte => plain.push(*byte),
        }
    }
    plain
}

fn push_char(to: &mut Vec<u8>, code: u32) {
    if let Some(c) = char::from_u32(code) {
        to.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

fn hex(text: &[u8], from: usize, digits: usize) -> Option<u32> {
    let text = text.get(from..from + digits)?;
    text.iter().try_fold(0, |value, byte| {
        Some(value << 4 | char::from(*byte).to_digit(16)?)
    })
}

/// The character of an HTML entity that follows `&`, and the entity's length.
fn entity(text: &[u8]) -> Option<(u32, usize)> {
    const LONGEST: usize = 9;
    let end = text.iter().take(LONGEST).position(|byte| *byte == b';')?;
    let name = std::str::from_utf8(&text[..end]).ok()?;
    let code = match name {
        "amp" => '&'.into(),
        "lt" => '<'.into(),
        "gt" => '>'.into(),
        "quot" => '"'.into(),
        "apos" => '\''.into(),
        name => {
            let number = name.strip_prefix('#')?;
            match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            }
        }
    };
    Some((code, end + 1))
}

/// Encodings that pack several digits into bytes.
#[derive(Clone, Copy)]
enum Digits {
    Base64,
    Hex,
}

impl Digits {
    /// Whatever `text` may hold in this encoding. Where it begins isn't known,
    /// so each run of digits is read from its first few.
    fn decode(self, text: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
        let (bits, phases) = match self {
            Digits::Base64 => (6, 4),
            Digits::Hex => (4, 2),
        };
        let runs = text.split(|byte| self.value(*byte).is_none());
        let long_enough = runs.filter(|run| run.len() * bits >= SHORTEST * 8);
        let read = |run: &[u8], phase: usize| {
            let (mut bytes, mut pending, mut count) = (Vec::with_capacity(run.len()), 0, 0);
            for value in run[phase..].iter().filter_map(|byte| self.value(*byte)) {
                pending = (pending << bits | value) & 0xFFFF;
                count += bits;
                if count >= 8 {
                    count -= 8;
                    bytes.push((pending >> count) as u8);
                }
            }
            Zeroizing::new(bytes)
        };
        long_enough
            .flat_map(|run| (0..phases).map(move |phase| read(run, phase)))
            .collect()
    }

    fn value(self, byte: u8) -> Option<u32> {
        match (self, byte) {
            (Digits::Hex, byte) => char::from(byte).to_digit(16),
            (_, b'A'..=b'Z') => Some(u32::from(byte - b'A')),
            (_, b'a'..=b'z') => Some(u32::from(byte - b'a') + 26),
            (_, b'0'..=b'9') => Some(u32::from(byte - b'0') + 52),
            // The alphabet of URLs too (RFC 4648 §5).
            (_, b'+' | b'-') => Some(62),
            (_, b'/' | b'_') => Some(63),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

    use super::*;

    const TRICKY: &str = "pa/ss wörd&\"<+>%41\\n\'?~";

    fn is_withheld(text: &str, secret: &str) -> bool {
        shown(text, 200, &[&Secret::new(secret)]) == WITHHELD
    }

    /// `secret` as servers and their frameworks may show it.
    fn encodings(secret: &str) -> Vec<String> {
        let percent = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let json = serde_json::to_string(secret).unwrap();
        let escaped = |text: &str, form: fn(u32) -> String| -> String {
            let escape = |c: char| match c.is_ascii_alphanumeric() {
                true => c.to_string(),
                false => form(c.into()),
            };
            text.chars().map(escape).collect()
        };
        let html = secret.replace('&', "&amp;").replace('<', "&lt;");
        let html = html.replace('"', "&quot;").replace('\'', "&#39;");
        vec![
            secret.to_owned(),
            secret.to_ascii_uppercase(),
            secret.chars().take(12).collect(),
            percent(secret),
            percent(secret).to_lowercase(),
            percent(secret).replace("%2F", "/"),
            percent(secret).replace("%20", "+"),
            percent(&percent(secret)),
            html.replace('>', "&gt;"),
            percent(&html),
            json.trim_matches('"').to_owned(),
            json.replace('/', "\\/"),
            escaped(secret, |code| format!("\\u{code:04x}")),
            escaped(secret, |code| format!("&#x{code:X};")),
            escaped(secret, |code| format!("&#{code};")),
            secret.bytes().map(|byte| format!("{byte:02x}")).collect(),
            secret
                .bytes()
                .map(|byte| format!("\\x{byte:02x}"))
                .collect(),
            STANDARD.encode(secret),
            URL_SAFE_NO_PAD.encode(secret),
            STANDARD.encode(format!("id:{secret}")),
            STANDARD_NO_PAD.encode(format!("user:{secret}")),
            STANDARD.encode(format!("me:{}", percent(secret))),
            percent(&STANDARD.encode(format!("x{secret}"))),
        ]
    }

    #[test]
    fn a_text_with_a_secret_in_any_usual_form_is_withheld() {
        for secret in [
            TRICKY,
            "Zx9-kQ_2~vB.7nLm",
            "correct horse battery staple",
            "??>>~~\u{ff}\u{ff}??>>~~",
        ] {
            for echoed in encodings(secret) {
                for text in [echoed.clone(), format!("wrong secret \"{echoed}\" (400)")] {
                    assert!(is_withheld(&text, secret), "{secret}: {text}");
                }
            }
        }
    }

    #[test]
    fn an_innocent_text_is_shown() {
        for (text, secret) in [
            ("", TRICKY),
            (
                "invalid client secret provided",
                "my-client-secret-for-tests",
            ),
            ("Missing client_secret", "robot-client_secret-7f3a"),
            ("the password is wrong", "password-of-the-robot"),
            (
                "see https://www.id.example/errors/17",
                "https://api.example",
            ),
            (
                "AADSTS7000215: Invalid client secret provided.",
                "8Q~abcdefghijklmnopqrstuvwxyz0123",
            ),
            (
                "Trace ID: 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
                "0f1e2d3-c4b5a",
            ),
            ("100 % of &amp; and \\ used; a+b", TRICKY),
            ("a pin is needed", "pin"),
        ] {
            assert_eq!(shown(text, 200, &[&Secret::new(secret)]), text);
        }
    }

    #[test]
    fn a_short_secret_counts_whole_and_a_codes_own_word_never() {
        assert!(is_withheld("the pin 7391 is wrong", "7391"));
        assert!(is_withheld("NzM5MQ== is wrong", "7391"));
        assert!(!is_withheld("the pin 739 is wrong", "7391"));
        assert!(!is_withheld("invalid_client", "client"));
        assert!(is_withheld("no client there", "client"));
        assert!(is_withheld(
            "unknown https://api.example",
            "https://api.example"
        ));
    }

    #[test]
    fn a_secret_at_the_cut_is_found_and_one_that_is_not_shown_does_no_harm() {
        let at = |position: usize| format!("{}{TRICKY}", "x".repeat(position));
        for position in [0, 180, 196, 199] {
            assert!(is_withheld(&at(position), TRICKY), "{position}");
        }
        assert_eq!(
            shown(&at(100_000), 200, &[&Secret::new(TRICKY)]),
            "x".repeat(200)
        );
        assert_eq!(shown("abc", 2, &[]), "ab");
    }

    #[test]
    fn any_bytes_are_read_without_a_panic() {
        for text in [
            "%",
            "%4",
            "%zz",
            "\\",
            "\\u12",
            "\\ud800",
            "\\x",
            "&",
            "&#;",
            "&#x110000;",
            "&amp",
            "é&é;",
        ] {
            assert_eq!(shown(text, 200, &[&Secret::new(TRICKY)]), text);
        }
    }
}
