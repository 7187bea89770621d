//! HTTP/1.1 over connections of our own; the only module that names ureq.
//!
//! ureq frames requests and answers and keeps idle connections. What it leaves
//! open is settled here: no redirects, no proxy, no status as an error, no
//! compression, no thread per request, waits that end by deadline and
//! cancellation, and failures that keep their reason.

use std::borrow::Cow;
use std::io::Read;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::config::AutoHeaderValue;
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use ureq::{Agent, AsSendBody};

use crate::call::Call;
use crate::config::Settings;
use crate::error::{Error, Result, Status};
use crate::url::Url;

use connect::DirectConnector;
use exchange::Exchange;
use resolve::CachingResolver;
use tls::Roots;

mod connect;
mod exchange;
mod resolve;
mod stream;
mod tls;

const LARGEST_RESPONSE_HEADER: usize = 32 * 1024;
/// A token fits the header that carries it, and leaves room for the rest.
pub(crate) const LARGEST_HEADER_VALUE: usize = 16 * 1024;
/// Each line of a request's head must fit ureq's output buffer.
const LARGEST_LINE: usize = stream::OUTPUT_BYTES - 64;

/// One request, checked: its names and values can be sent as they are.
pub(crate) struct HttpRequest<'a> {
    pub(crate) method: String,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Cow<'a, [u8]>>,
}

/// One whole answer, whatever its status.
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl HttpResponse {
    /// The first value of the header, its name in any case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Limits of one exchange.
pub(crate) struct Limits<'a> {
    pub(crate) call: &'a Call,
    pub(crate) deadline: Instant,
    pub(crate) largest_body: u64,
}

/// Why there is no answer, and how far the request came.
pub(crate) struct SendError {
    pub(crate) error: Error,
    /// A byte of the request may have reached the server.
    pub(crate) sent: bool,
    /// The connection came from the pool and gave no byte of an answer: the
    /// server had most likely closed it while it was idle.
    pub(crate) was_stale: bool,
}

/// All connections of one client.
pub(crate) struct Transport {
    agent: Agent,
    extra_roots: Arc<Roots>,
    connect_timeout: Duration,
    allow_http: bool,
}

impl Transport {
    pub(crate) fn new(settings: &Settings) -> Result<Self> {
        if settings.user_agent.len() > LARGEST_HEADER_VALUE {
            return Err(Error::new(
                Status::InvalidConfig,
                "config.invalid_value",
                format!("\"user_agent\" has more than {LARGEST_HEADER_VALUE} bytes"),
            ));
        }
        let extra_roots = match &settings.tls_ca_file {
            Some(file) => tls::read_ca_file(file)?,
            None => Vec::new(),
        };
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(AutoHeaderValue::from(settings.user_agent.as_str()))
            .accept_encoding(AutoHeaderValue::None)
            .allow_non_standard_methods(true)
            .input_buffer_size(stream::INPUT_BYTES)
            .output_buffer_size(stream::OUTPUT_BYTES)
            .max_response_header_size(LARGEST_RESPONSE_HEADER)
            .max_idle_age(IDLE_AGE)
            .max_idle_connections(64)
            .max_idle_connections_per_host(64)
            .build();
        let extra_roots = Arc::new(extra_roots);
        Ok(Transport {
            agent: agent(config, &extra_roots),
            extra_roots,
            connect_timeout: settings.timeouts.connect,
            allow_http: settings.danger_allow_http,
        })
    }

    /// One like it, without a connection and with the same trust.
    pub(crate) fn anew(&self) -> Self {
        Transport {
            agent: agent(self.agent.config().clone(), &self.extra_roots),
            extra_roots: self.extra_roots.clone(),
            ..*self
        }
    }

    /// Sends on a connection from the pool, or on a new one.
    pub(crate) fn send(
        &self,
        request: &HttpRequest,
        limits: &Limits,
    ) -> std::result::Result<HttpResponse, SendError> {
        self.exchange(request, limits, false)
    }

    /// Sends on a new connection that is not kept.
    pub(crate) fn send_fresh(
        &self,
        request: &HttpRequest,
        limits: &Limits,
    ) -> std::result::Result<HttpResponse, SendError> {
        self.exchange(request, limits, true)
    }

    fn exchange(
        &self,
        request: &HttpRequest,
        limits: &Limits,
        fresh: bool,
    ) -> std::result::Result<HttpResponse, SendError> {
        let exchange = Rc::new(Exchange::new(
            limits.call,
            limits.deadline,
            self.connect_timeout,
            request.url.origin(),
            !request.url.is_https() && !self.allow_http,
        ));
        let result = exchange.run(|| {
            let prepared = prepare(request, fresh)?;
            self.run(prepared, limits, fresh, &exchange)
        });
        result.map_err(|error| SendError {
            error,
            sent: exchange.sent.get(),
            was_stale: !exchange.connected.get() && exchange.sent.get() && !exchange.received.get(),
        })
    }

    fn unpooled<B: AsSendBody>(&self, request: Request<B>) -> Request<B> {
        let configured = self.agent.configure_request(request);
        configured.max_idle_age(Duration::ZERO).build()
    }

    fn run(
        &self,
        request: Request<&[u8]>,
        limits: &Limits,
        fresh: bool,
        exchange: &Exchange,
    ) -> Result<HttpResponse> {
        // Also what a call that was cancelled beforehand must see.
        exchange
            .slice(limits.deadline)
            .map_err(|error| explain(error.into(), exchange))?;
        let has_body = !request.body().is_empty() || sends_length(request.method());
        // An idle age of zero makes ureq pass the pool by.
        let answer = match (has_body, fresh) {
            (true, false) => self.agent.run(request),
            (false, false) => self.agent.run(request.map(drop)),
            (true, true) => self.agent.run(self.unpooled(request)),
            (false, true) => self.agent.run(self.unpooled(request.map(drop))),
        };
        let mut answer = answer.map_err(|error| explain(error, exchange))?;
        if is_ambiguous(answer.headers()) {
            return Err(malformed(&exchange.origin));
        }
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let status = answer.status().as_u16();
        let too_large = || {
            let message = format!(
                "the answer of {} is larger than {} bytes",
                exchange.origin, limits.largest_body
            );
            Error::new(Status::TooLarge, "response.body_too_large", message)
                .with_http_status(status)
        };
        let announced = answer.body().content_length();
        if announced.is_some_and(|length| length > limits.largest_body) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        answer
            .body_mut()
            .as_reader()
            .take(limits.largest_body.saturating_add(1))
            .read_to_end(&mut body)
            .map_err(|error| explain(error.into(), exchange))?;
        if body.len() as u64 > limits.largest_body {
            return Err(too_large());
        }
        Ok(HttpResponse {
            status,
            headers,
            body,
        })
    }
}

fn agent(config: ureq::config::Config, extra_roots: &Arc<Roots>) -> Agent {
    let connector = DirectConnector::new(extra_roots.clone());
    Agent::with_parts(config, connector, CachingResolver::default())
}

/// Shorter than most servers keep an idle connection.
const IDLE_AGE: Duration = Duration::from_secs(15);

/// These carry a `Content-Length: 0` when they have no body (RFC 9110 §8.6).
fn sends_length(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

fn prepare<'r>(request: &'r HttpRequest, fresh: bool) -> Result<Request<&'r [u8]>> {
    // The names and values were checked when they were set: a failure here
    // means that the check missed something.
    let unsendable = || {
        Error::new(
            Status::InvalidArgument,
            "request.invalid",
            "the request has a method, target or header that HTTP can't carry",
        )
    };
    let target = request.url.to_text();
    if request.method.len() + target.len() > LARGEST_LINE {
        return Err(too_large(
            "request.target_too_large",
            "target",
            target.len(),
        ));
    }
    let mut builder = Request::builder()
        .method(request.method.as_str())
        .uri(target);
    for (name, value) in &request.headers {
        if name.len() + value.len() > LARGEST_LINE {
            let what = format!("header {name}");
            return Err(too_large("request.header_too_large", &what, value.len()));
        }
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unsendable())?;
        let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| unsendable())?;
        value.set_sensitive(true);
        builder = builder.header(name, value);
    }
    if fresh {
        builder = builder.header("connection", "close");
    }
    builder
        .body(request.body.as_deref().unwrap_or_default())
        .map_err(|_| unsendable())
}

fn too_large(code: &'static str, what: &str, bytes: usize) -> Error {
    let message = format!(
        "the request's {what} has {bytes} bytes, which is more than fits a line of HTTP \
         ({LARGEST_LINE}); make it shorter"
    );
    Error::new(Status::TooLarge, code, message)
}

/// Two lengths, or a coding that would be left in the body (RFC 9112 §6.3):
/// where this answer ends would be anybody's guess.
fn is_ambiguous(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all("transfer-encoding").iter();
    match (codings.next(), codings.next()) {
        (None, _) => false,
        (Some(only), None) => {
            !only.as_bytes().eq_ignore_ascii_case(b"chunked")
                || headers.contains_key("content-length")
        }
        _ => true,
    }
}

fn malformed(origin: &str) -> Error {
    Error::new(
        Status::BadResponse,
        "http.malformed",
        format!(
            "{origin} sent an answer that is not valid HTTP/1.1; check the URL's scheme and port"
        ),
    )
}

/// Turns what ureq says into our words; the exchange knows best.
fn explain(error: ureq::Error, exchange: &Exchange) -> Error {
    if let Some(known) = exchange.take_failure() {
        return known;
    }
    let origin = &exchange.origin;
    match error {
        ureq::Error::Io(_) => stream::closed(origin),
        ureq::Error::LargeResponseHeader(..) => Error::new(
            Status::TooLarge,
            "response.header_too_large",
            format!("{origin} sent response headers of more than {LARGEST_RESPONSE_HEADER} bytes"),
        ),
        _ => malformed(origin),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_not_refused_can_be_sent() {
        for c in (0..=0x7F_u8).map(char::from) {
            for place in [format!("/a{c}b"), format!("/?a{c}b")] {
                if let Ok(url) = Url::parse(&format!("https://api.example{place}")) {
                    assert!(url.to_text().parse::<ureq::http::Uri>().is_ok(), "{place}");
                }
            }
        }
    }
}
