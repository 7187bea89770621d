//! URLs, parsed once: where a credential may go is decided on the parsed value,
//! and the same value goes to the connector.
//!
//! Stricter than RFC 3986 on purpose. Whatever two parsers could read
//! differently (user information, backslashes, control bytes, numeric hosts
//! that are no plain IPv4 address, names beyond ASCII) is refused, so that the
//! check and the connection can't mean different hosts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use percent_encoding::percent_decode_str;

/// An absolute `http` or `https` URL without user information and fragment.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Url {
    https: bool,
    host: String,
    port: u16,
    /// Starts with a slash; as it was given.
    path: String,
    query: Option<String>,
}

impl Url {
    /// The reason of a refusal quotes nothing of the text.
    pub(crate) fn parse(text: &str) -> Result<Url, String> {
        if let Some(reason) = unsafe_character(text) {
            return Err(reason);
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err("is not an absolute URL; it must start with https://".into());
        };
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err("must start with https://".into()),
        };
        if rest.contains('#') {
            return Err("has a fragment (#); remove it".into());
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        let (host, port) = parse_authority(authority)?;
        let (path, query) = match tail.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (tail, None),
        };
        let path = if path.is_empty() { "/" } else { path };
        Ok(Url {
            https,
            host,
            port: port.unwrap_or(if https { 443 } else { 80 }),
            path: path.to_owned(),
            query,
        })
    }

    pub(crate) fn is_https(&self) -> bool {
        self.https
    }

    /// Lower case, without a trailing dot; an IPv6 address in brackets.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// Whether the host names this machine. The peer is checked as well when
    /// a connection is made, since a name server may say otherwise.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.ip() {
            Some(ip) => ip.is_loopback(),
            None => self.host == "localhost" || self.host.ends_with(".localhost"),
        }
    }

    fn ip(&self) -> Option<IpAddr> {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        bare.parse().ok()
    }

    /// Scheme, host and effective port (RFC 6454), as text.
    pub(crate) fn origin(&self) -> String {
        let (scheme, default) = if self.https {
            ("https", 443)
        } else {
            ("http", 80)
        };
        if self.port == default {
            format!("{scheme}://{}", self.host)
        } else {
            format!("{scheme}://{}:{}", self.host, self.port)
        }
    }

    /// The URL without its query, which may hold private data: for messages.
    pub(crate) fn without_query(&self) -> String {
        format!("{}{}", self.origin(), self.path)
    }

    /// What goes to the connector.
    pub(crate) fn to_text(&self) -> String {
        match &self.query {
            Some(query) => format!("{}{}?{query}", self.origin(), self.path),
            None => self.without_query(),
        }
    }

    /// `path` on the same origin; `path` starts with a slash.
    pub(crate) fn join_origin(&self, path: &str) -> Result<Url, String> {
        if !path.starts_with('/') || path.starts_with("//") {
            return Err("must start with one slash".into());
        }
        Url::parse(&format!("{}{path}", self.origin()))
    }

    /// Appends a relative target to this URL's path, with or without a leading
    /// slash. Dot segments, plain and encoded, are refused: they would leave it.
    pub(crate) fn append(&self, target: &str) -> Result<Url, String> {
        if let Some(reason) = unsafe_character(target) {
            return Err(reason);
        }
        if target.starts_with("//") {
            return Err("starts with two slashes; give a path or a whole URL".into());
        }
        let base = self.path.trim_end_matches('/');
        let url = match target.trim_start_matches('/') {
            "" if target.is_empty() => format!("{}{}", self.origin(), self.path),
            query if query.starts_with('?') && !target.starts_with('/') => {
                format!("{}{}{query}", self.origin(), self.path)
            }
            path => format!("{}{base}/{path}", self.origin()),
        };
        let url = Url::parse(&url)?;
        url.refuse_dot_segments()?;
        Ok(url)
    }

    /// Dot segments make a path mean another place than it says.
    pub(crate) fn refuse_dot_segments(&self) -> Result<(), String> {
        if has_dot_segment(&self.path) {
            return Err("has a dot segment (. or ..); write the path without it".into());
        }
        Ok(())
    }

    /// Whether `self` lies under `base`: the same origin, and a path that is
    /// the base's or continues it after a slash.
    pub(crate) fn is_under(&self, base: &Url) -> bool {
        if (self.https, &self.host, self.port) != (base.https, &base.host, base.port)
            || has_dot_segment(&self.path)
        {
            return false;
        }
        let base_path = base.path.trim_end_matches('/');
        match self.path.strip_prefix(base_path) {
            Some(rest) => rest.is_empty() || rest.starts_with('/'),
            None => false,
        }
    }

    /// Adds a form-encoded pair to the query.
    pub(crate) fn add_query(&mut self, name: &str, value: &str) {
        let pair = format!("{}={}", form_encode(name), form_encode(value));
        match &mut self.query {
            Some(query) if !query.is_empty() => {
                query.push('&');
                query.push_str(&pair);
            }
            _ => self.query = Some(pair),
        }
    }
}

/// `application/x-www-form-urlencoded` (RFC 6749 appendix B).
pub(crate) fn form_encode(text: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const KEEP: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'*')
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b' ');
    utf8_percent_encode(text, KEEP)
        .to_string()
        .replace(' ', "+")
}

fn unsafe_character(text: &str) -> Option<String> {
    let bad = text
        .chars()
        .find(|c| c.is_control() || " \\\"<>`{}".contains(*c) || !c.is_ascii())?;
    Some(match bad {
        '\\' => "has a backslash".into(),
        ' ' => "has a space; write it as %20".into(),
        '"' | '<' | '>' | '`' | '{' | '}' => {
            format!("has the character {bad}; percent-encode it, or use query parameters")
        }
        c if c.is_control() => format!("has the control character U+{:04X}", bad as u32),
        _ => "has a character beyond ASCII; percent-encode it, and write a host name in its \
              xn-- form"
            .into(),
    })
}

fn parse_authority(authority: &str) -> Result<(String, Option<u16>), String> {
    if authority.contains('@') {
        return Err("has user information (user@host); credentials belong in the config".into());
    }
    let (host, port) = if authority.starts_with('[') {
        let end = authority
            .find(']')
            .ok_or("has an IPv6 address without its closing bracket")?;
        let (host, rest) = authority.split_at(end + 1);
        match rest.strip_prefix(':') {
            Some(port) => (host, Some(port)),
            None if rest.is_empty() => (host, None),
            None => return Err("has characters after the IPv6 address".into()),
        }
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        }
    };
    let port = match port {
        None | Some("") => None,
        Some(digits) => match digits.parse::<u16>() {
            Ok(port) if port > 0 && digits.bytes().all(|b| b.is_ascii_digit()) => Some(port),
            _ => return Err("has an invalid port".into()),
        },
    };
    Ok((parse_host(host)?, port))
}

fn parse_host(host: &str) -> Result<String, String> {
    if let Some(bare) = host.strip_prefix('[') {
        let address: Ipv6Addr = bare
            .trim_end_matches(']')
            .parse()
            .map_err(|_| "has an invalid IPv6 address")?;
        return Ok(format!("[{address}]"));
    }
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    if host.is_empty() {
        return Err("has no host".into());
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.' || b == b'_';
    if !host.bytes().all(allowed) || host.split('.').any(str::is_empty) {
        return Err("has an invalid host name".into());
    }
    // 127.1, 0x7f.0.0.1 and the like: look-ups read them as addresses.
    let last = host.rsplit('.').next().unwrap_or(&host);
    let numeric = last.bytes().all(|b| b.is_ascii_digit())
        || (last.starts_with("0x") && last[2..].bytes().all(|b| b.is_ascii_hexdigit()));
    if numeric && host.parse::<Ipv4Addr>().is_err() {
        return Err("has a host that is neither a name nor a plain IPv4 address".into());
    }
    Ok(host)
}

fn has_dot_segment(path: &str) -> bool {
    // Decoded twice, for servers that do so; a slash or backslash that was
    // encoded may become a separator there.
    let mut path = path.to_owned();
    for _ in 0..3 {
        let dotted = path
            .split(['/', '\\'])
            .map(|segment| segment.split(';').next().unwrap_or(segment))
            .any(|segment| segment == "." || segment == "..");
        if dotted {
            return true;
        }
        path = percent_decode_str(&path).decode_utf8_lossy().into_owned();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap_or_else(|reason| panic!("{text}: {reason}"))
    }

    #[test]
    fn one_origin_has_one_form() {
        for same in [
            "https://Example.COM",
            "https://example.com.",
            "HTTPS://example.com:443/x?y",
        ] {
            assert_eq!(url(same).origin(), "https://example.com", "{same}");
        }
        assert_eq!(url("http://[::1]:8080/").origin(), "http://[::1]:8080");
        assert_eq!(url("http://[0:0::1]/").origin(), "http://[::1]");
    }

    #[test]
    fn what_two_parsers_could_read_differently_is_refused() {
        for bad in [
            "example.com",
            "ftp://example.com",
            "https://",
            "https:///path",
            "https://user@example.com",
            "https://user:secret@example.com/",
            "https://example.com\\@evil.example",
            "https://example.com:0/",
            "https://example.com:99999/",
            "https://example.com:+443/",
            "https://127.1/",
            "https://0x7f.0.0.1/",
            "https://2130706433/",
            "https://ex%41mple.com/",
            "https://a..b/",
            "https://example.com/a b",
            "https://example.com/\r\nHost: evil",
            "https://exämple.com/",
            "https://example.com/#token",
            "https://[::1/",
            "https://[::1]x/",
        ] {
            assert!(Url::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_character_that_no_request_carries_is_named() {
        for bad in "\"<>`{}".chars() {
            for target in [format!("a{bad}b"), format!("a?b={bad}")] {
                let reason = url("https://api.example").append(&target).err().unwrap();
                assert!(reason.contains(&format!("the character {bad}; percent-encode")));
            }
        }
    }

    #[test]
    fn a_relative_target_is_appended_with_or_without_a_leading_slash() {
        let base = url("https://api.example/sandbox/");
        for (target, expected) in [
            ("/orders?x=1", "https://api.example/sandbox/orders?x=1"),
            ("orders", "https://api.example/sandbox/orders"),
            ("/", "https://api.example/sandbox/"),
            ("", "https://api.example/sandbox/"),
            ("?x=1", "https://api.example/sandbox/?x=1"),
        ] {
            assert_eq!(base.append(target).unwrap().to_text(), expected, "{target}");
        }
    }

    #[test]
    fn dot_segments_are_refused_plain_and_encoded() {
        let base = url("https://api.example/sandbox");
        for bad in [
            "../vendors",
            "/a/../../vendors",
            "./a",
            "a/%2e%2e/b",
            "a/.%2E/b",
            "a/%252e%252e/b",
            "a%2f..%2fb",
            "a%5c..%5cb",
            "..;/vendors",
            "//evil.example/",
        ] {
            assert!(base.append(bad).is_err(), "{bad}");
        }
        assert!(base.append("a/..b/.c/d..").is_ok());
    }

    #[test]
    fn under_means_the_same_origin_and_a_longer_path() {
        let base = url("https://api.example/sandbox");
        for (text, under) in [
            ("https://api.example/sandbox", true),
            ("https://api.example/sandbox/orders", true),
            ("https://api.example:443/sandbox/?q", true),
            ("https://api.example/sandboxes", false),
            ("https://api.example/vendors", false),
            ("https://api.example/sandbox/../vendors", false),
            ("https://api.example/Sandbox/x", false),
            ("https://api.example:8443/sandbox/x", false),
            ("http://api.example/sandbox/x", false),
            ("https://api.example.evil/sandbox/x", false),
        ] {
            assert_eq!(url(text).is_under(&base), under, "{text}");
        }
    }

    #[test]
    fn loopback_is_told_by_name_and_by_address() {
        for (text, loopback) in [
            ("http://localhost:1/", true),
            ("http://127.0.0.9/", true),
            ("http://[::1]/", true),
            ("http://localhost.example/", false),
            ("http://10.0.0.1/", false),
        ] {
            assert_eq!(url(text).is_loopback(), loopback, "{text}");
        }
    }

    #[test]
    fn query_pairs_are_form_encoded() {
        let mut target = url("https://api.example/a?x=1");
        target.add_query("name", "a b&c=é");
        assert_eq!(target.query(), Some("x=1&name=a+b%26c%3D%C3%A9"));
    }
}
