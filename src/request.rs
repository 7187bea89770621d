//! One HTTP request of a caller, checked as it is put together.

use crate::error::{Error, Result, Status};

/// A request to be sent by [`Client::perform`](crate::Client::perform), as
/// often as wanted. For one thread at a time while it is put together.
///
/// ```
/// let mut order = authkeep::Request::new("POST", "/orders")?;
/// order.add_header("Idempotency-Key", "7f3a")?.set_json(r#"{"sku": "A-1"}"#)?;
/// # Ok::<(), authkeep::Error>(())
/// ```
#[derive(Clone)]
pub struct Request {
    method: String,
    target: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

/// Headers that frame the message or belong to the connection (RFC 9110 §7.6.1,
/// RFC 9112): the library's own.
pub(crate) const FRAMING_HEADERS: [&str; 10] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// More than fits the transport's buffer beside the credential.
const LARGEST_VALUE: usize = 16 * 1024;

impl Request {
    /// A request of `method` to `target`: a path below `base_url`, with or
    /// without a leading slash and with or without a query, or an absolute URL.
    ///
    /// Fails with [`Status::InvalidArgument`] for a method that is no token of
    /// RFC 9110 §5.6.2; the target is checked when the request is sent.
    pub fn new(method: &str, target: &str) -> Result<Self> {
        if !is_token(method) {
            return Err(invalid(
                "request.method",
                "the method must be a word such as GET",
            ));
        }
        if method.eq_ignore_ascii_case("CONNECT") {
            return Err(invalid(
                "request.method",
                "the method CONNECT is for proxies only",
            ));
        }
        Ok(Request {
            method: method.to_owned(),
            target: target.to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
        })
    }

    /// Adds a pair to the target's query, form-encoded.
    pub fn add_query(&mut self, name: &str, value: &str) -> &mut Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a header; one of the same name stays, but for Content-Type, which is
    /// replaced.
    ///
    /// Fails with [`Status::InvalidArgument`] for a name or value that HTTP
    /// can't carry, with [`Status::NotAllowed`] for headers that frame the
    /// message, such as Host and Content-Length. The header that carries the
    /// credential is refused when the request is sent.
    pub fn add_header(&mut self, name: &str, value: &str) -> Result<&mut Self> {
        if !is_token(name) {
            return Err(invalid(
                "request.header_name",
                "a header name may have letters, digits and !#$%&'*+-.^_`|~ only",
            ));
        }
        if FRAMING_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(Error::new(
                Status::NotAllowed,
                "request.framing_header",
                format!("the header {name} is set by the library; leave it out"),
            ));
        }
        if value.chars().any(|c| c.is_control() && c != '\t') {
            return Err(invalid(
                "request.header_value",
                &format!("the value of the header {name} has a control character"),
            ));
        }
        if value.len() > LARGEST_VALUE {
            return Err(Error::new(
                Status::TooLarge,
                "request.header_value",
                format!("the value of the header {name} has more than {LARGEST_VALUE} bytes"),
            ));
        }
        // A body is of one type: two lines would leave the choice to the server.
        if name.eq_ignore_ascii_case("content-type") {
            self.headers
                .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        }
        self.headers.push((name.to_owned(), value.to_owned()));
        Ok(self)
    }

    /// Sets the body. `content_type` replaces an earlier Content-Type.
    ///
    /// Fails like [`add_header`](Self::add_header) for `content_type`.
    pub fn set_body(&mut self, body: &[u8], content_type: Option<&str>) -> Result<&mut Self> {
        if let Some(content_type) = content_type {
            self.add_header("Content-Type", content_type)?;
        }
        self.body = Some(body.to_vec());
        Ok(self)
    }

    /// Sets a JSON text as the body, with the Content-Type `application/json`;
    /// another is added afterwards.
    ///
    /// Fails with [`Status::InvalidArgument`] if it is not valid JSON.
    pub fn set_json(&mut self, text: &str) -> Result<&mut Self> {
        if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
            return Err(invalid(
                "request.json",
                &format!(
                    "the body is not valid JSON (line {}, column {})",
                    error.line(),
                    error.column()
                ),
            ));
        }
        self.set_body(text.as_bytes(), Some("application/json"))
    }

    pub(crate) fn method(&self) -> &str {
        &self.method
    }

    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    pub(crate) fn query(&self) -> &[(String, String)] {
        &self.query
    }

    pub(crate) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    pub(crate) fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }

    pub(crate) fn has_header(&self, name: &str) -> bool {
        let is_it = |(known, _): &(String, String)| known.eq_ignore_ascii_case(name);
        self.headers.iter().any(is_it)
    }

    /// Asks for no change on the server (RFC 9110 §9.2.1).
    pub(crate) fn is_safe(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

fn is_token(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(allowed)
}

fn invalid(code: &'static str, message: &str) -> Error {
    Error::new(Status::InvalidArgument, code, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_one_content_type_the_last_that_was_given() {
        let types = |request: &Request| -> Vec<String> {
            let headers = request.headers().iter();
            let of_body = headers.filter(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            of_body.map(|(_, value)| value.clone()).collect()
        };
        let mut request = Request::new("POST", "/").unwrap();
        request.set_json("{}").unwrap();
        assert_eq!(types(&request), ["application/json"]);
        request
            .add_header("content-type", "application/vnd.api+json")
            .unwrap();
        assert_eq!(types(&request), ["application/vnd.api+json"]);
        request.set_body(b"x", None).unwrap();
        assert_eq!(types(&request), ["application/vnd.api+json"]);
        request.set_body(b"x", Some("bad\n")).unwrap_err();
        assert_eq!(types(&request), ["application/vnd.api+json"]);
        request.set_body(b"x", Some("text/plain")).unwrap();
        assert_eq!(types(&request), ["text/plain"]);
    }
}
