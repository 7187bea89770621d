//! One HTTP response, whole.

use std::borrow::Cow;

use crate::transport::HttpResponse;

/// A response, whatever its status: an API's 404 is an answer, not an error.
/// Never changes; any thread may read it.
pub struct Response(HttpResponse);

impl Response {
    pub(crate) fn new(answer: HttpResponse) -> Self {
        Response(answer)
    }

    /// The HTTP status (RFC 9110 §15).
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The first value of a header, its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.header(name)
    }

    /// All headers in the order in which they came, names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.headers.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The body as it came.
    pub fn body(&self) -> &[u8] {
        &self.0.body
    }

    /// The body as it came, without a copy.
    pub fn into_body(self) -> Vec<u8> {
        self.0.body
    }

    /// The body as UTF-8, with replacement characters for what is none.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0.body)
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status())
            .field("body_bytes", &self.body().len())
            .finish_non_exhaustive()
    }
}
