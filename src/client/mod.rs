//! Client: token in, header attached, one retry after a 401, response out.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::cache::entry::Entry;
use crate::cache::registry::{CacheKey, Inherited, Registry};
use crate::call::Call;
use crate::config::{Config, GrantKind, Settings};
use crate::error::{Error, Result, Status};
use crate::log::{Log, LogLevel};
use crate::os::clock::{Clock, SystemClock};
#[cfg(feature = "capi")]
use crate::os::fork::Once;
use crate::os::fork::{self, Local};
use crate::request::Request;
use crate::response::Response;
use crate::token::Token;
use crate::transport::{HttpRequest, Limits, Transport};
use crate::url::Url;

use headers::ConfiguredHeaders;
use issuer::Issuer;

mod grants;
mod guards;
mod headers;
mod identity;
mod inspect;
mod issuer;
mod target;

/// Credentials that clients of this process share: same credential, one cache.
static ENTRIES: Registry<CacheKey, Entry> = Registry::new();

/// One credential: its token cache and its HTTP session.
///
/// Any number of threads may use one client at once; a clone is the same
/// client. Clients of the same credential share their tokens, each has its own
/// connections. [`get_token`](Self::get_token), [`perform`](Self::perform) and
/// [`get`](Self::get) may block, up to the call's deadline; nothing else does.
///
/// After a fork the parent goes on as if nothing had happened, and the child with
/// connections of its own and the access token that it has inherited. A refresh
/// token that the server may replace is left to the parent: where the child needs
/// it, it fails with [`Status::ReauthRequired`] and the code `token.forked`.
///
/// ```no_run
/// use authkeep::{Call, Client, Config};
/// let mut config = Config::new();
/// config
///     .set("base_url", "https://api.example/v1")?
///     .set("token_endpoint", "https://id.example/oauth/token")?
///     .set("client_id", "robot")?
///     .set("client_secret.env", "ROBOT_SECRET")?;
/// let client = Client::new(&config)?;
/// let response = client.get("/orders?limit=50", &Call::new())?;
/// println!("{} {}", response.status(), response.text());
/// # Ok::<(), authkeep::Error>(())
/// ```
#[derive(Clone)]
pub struct Client(Arc<Inner>, Arc<Log>);

struct Inner {
    settings: Settings,
    /// Of the entry; absent if it is shared with no other client.
    key: Option<CacheKey>,
    live: Local<Live>,
}

/// What a forked child has of its own.
struct Live {
    transport: Transport,
    entry: Arc<Entry>,
}

impl Client {
    /// Makes a client of a complete config. Sends nothing, and reads no secret
    /// but the file `tls.ca_file`.
    ///
    /// Fails with [`Status::InvalidConfig`] or [`Status::NotAllowed`] if the
    /// config is incomplete or contradicts itself.
    pub fn new(config: &Config) -> Result<Self> {
        let settings = config.resolve()?;
        let key = identity::cache_key(&settings)?;
        let issuer = Arc::new(Issuer::new(settings.clone())?);
        let entry = ENTRIES.get_or_make(key, || match ENTRIES.inherited(&key) {
            Inherited::Value(entry) => entry.in_child(issuer),
            _ => Entry::new(Arc::new(SystemClock), issuer),
        });
        Client::with_entry(settings, Some(key), entry)
    }

    /// Like [`new`](Self::new), with a clock of the caller's: for tests. Such
    /// a client shares its tokens with no other.
    pub fn with_clock(config: &Config, clock: Arc<dyn Clock>) -> Result<Self> {
        let settings = config.resolve()?;
        let issuer = Arc::new(Issuer::new(settings.clone())?);
        Client::with_entry(settings, None, Arc::new(Entry::new(clock, issuer)))
    }

    /// Opens a profile: `name` in the file `path`, or in the user's own file.
    /// Like [`Config::load_profile`] without permission for references in a
    /// file at `path`, and [`new`](Self::new).
    pub fn open(name: &str, path: Option<&Path>) -> Result<Self> {
        Client::new(Config::new().load_profile(name, path, false)?)
    }

    fn with_entry(settings: Settings, key: Option<CacheKey>, entry: Arc<Entry>) -> Result<Self> {
        fork::watch().map_err(|_| unwatched())?;
        let live = Live {
            transport: Transport::new(&settings)?,
            entry,
        };
        let inner = Inner {
            settings,
            key,
            live: Local::of(live),
        };
        Ok(Client(Arc::new(inner), Arc::default()))
    }

    /// A valid access token, from memory or newly issued (RFC 6749 §4), or the
    /// static key. Blocks only if there is none, if the call asks for a longer
    /// life than it has left, or if it is the one that begins to renew the token
    /// with a refresh token: a program that ended in between would lose the one
    /// that the server gives in exchange. By its deadline the valid token is
    /// returned all the same.
    ///
    /// Fails with the status of the token request, [`Status::Deadline`] or
    /// [`Status::Cancelled`]. After a failure callers get the last error at
    /// once, with [`Error::retry_after_ms`], until another attempt is due.
    #[inline]
    pub fn get_token(&self, call: &Call) -> Result<Token> {
        self.with_token(call, Token::clone)
    }

    /// [`get_token`](Self::get_token) without a token to keep.
    #[inline]
    pub(crate) fn with_token<T>(&self, call: &Call, take: impl Fn(&Token) -> T) -> Result<T> {
        let inner = &*self.0;
        let deadline = || call.deadline(inner.settings.timeouts.total);
        let entry = &inner.live().entry;
        let taken = entry.token(call, deadline, take);
        self.1.catch_up(entry.journal());
        taken
    }

    /// Sends `request` with the credential attached, and returns the whole
    /// response, whatever its status; redirects too. Blocks.
    ///
    /// A call that begins to renew the token with a refresh token sends its
    /// request with the old one first, and then waits for the renewal, by its
    /// deadline. A 401 that concerns the current token renews it and repeats the
    /// request once. A GET, HEAD or OPTIONS whose idle connection turned out to
    /// be closed is repeated once on a new one.
    ///
    /// Fails before anything is sent with [`Status::NotAllowed`] for a target
    /// or header that the config doesn't allow, and as
    /// [`get_token`](Self::get_token) if there is no token; after that with
    /// [`Status::Unavailable`], [`Status::Tls`], [`Status::BadResponse`],
    /// [`Status::TooLarge`], [`Status::Deadline`] or [`Status::Cancelled`].
    pub fn perform(&self, request: &Request, call: &Call) -> Result<Response> {
        let performed = self.exchange(request, call);
        self.1.catch_up(self.0.live().entry.journal());
        performed
    }

    fn exchange(&self, request: &Request, call: &Call) -> Result<Response> {
        let inner = &*self.0;
        let url = target::resolve(&inner.settings, request)?;
        let header = &inner.settings.credential.header;
        if request.has_header(header) {
            return Err(Error::new(
                Status::NotAllowed,
                "request.credential_header",
                format!("the header {header} carries the credential; a request may not set it"),
            ));
        }
        let deadline = call.deadline(inner.settings.timeouts.total);
        let entry = &inner.live().entry;
        let (token, renewal) = entry.token_to_send(call, deadline)?;
        let sources = &inner.settings.request_headers;
        let configured = ConfiguredHeaders::of(sources, request, call, deadline)?;
        let send = |token: &Token| {
            let sent = inner.send(request, &url, &configured, token, call, deadline);
            // What led to the token came first.
            self.1.catch_up(entry.journal());
            self.tell_exchange(request, &url, &sent);
            sent.map_err(|error| configured.quoted_in(error))
        };
        let response = send(&token);
        if let Some(renewal) = renewal {
            entry.finish(&renewal, call, deadline);
        }
        let response = response?;
        if inner.settings.grant == GrantKind::ApiKey
            || !inner.settings.renew_on.contains(&response.status())
        {
            return Ok(response);
        }
        let refused = token.generation();
        match entry.token_after_refusal(refused, call, deadline) {
            Some((token, end)) => {
                entry.replayed();
                let response = send(&token)?;
                let is_accepted = !inner.settings.renew_on.contains(&response.status());
                if let Some(end) = end.filter(|_| is_accepted) {
                    entry.learn(end);
                }
                Ok(response)
            }
            None => {
                let checked = call.check().map(|()| response);
                checked.map_err(|error| configured.quoted_in(error))
            }
        }
    }

    fn tell_exchange(&self, request: &Request, url: &Url, sent: &Result<Response>) {
        self.1.tell(LogLevel::Debug, || {
            let outcome = match sent {
                Ok(response) => format!("HTTP {}", response.status()),
                Err(error) => error.code().to_owned(),
            };
            let (label, method) = (&self.0.settings.label, request.method());
            format!("{label}: {method} {}: {outcome}", url.without_query())
        });
    }

    /// [`perform`](Self::perform) with a GET of `target`.
    pub fn get(&self, target: &str, call: &Call) -> Result<Response> {
        self.perform(&Request::new("GET", target)?, call)
    }

    /// Forgets past failures, so that the next call tries at once: for when what
    /// caused them has been mended. Keeps a valid token. Never blocks.
    pub fn reset(&self) {
        let entry = &self.0.live().entry;
        entry.reset();
        self.1.catch_up(entry.journal());
    }

    /// Drops the access token, and the refresh token that the server gave for the
    /// one that was configured: for when they have fallen into wrong hands. Tokens
    /// that were handed out before stay as they are. The next call begins
    /// anew, from what the config tells; where that is a refresh token that was
    /// spent already, a person must sign in again. Doesn't tell the server.
    /// Never blocks.
    pub fn forget(&self) {
        let entry = &self.0.live().entry;
        entry.forget();
        self.1.catch_up(entry.journal());
    }
}

impl Inner {
    #[inline]
    fn live(&self) -> &Live {
        self.live.get(|inherited| self.in_child(inherited))
    }

    /// Waits for nothing that another thread could have held at the fork.
    fn in_child(&self, inherited: Option<&Live>) -> Live {
        #[expect(clippy::expect_used, reason = "a client is made with one")]
        let inherited = inherited.expect("a client has connections");
        let make = || {
            let issuer = Issuer::in_child(self.settings.clone(), inherited.transport.anew());
            inherited.entry.in_child(Arc::new(issuer))
        };
        Live {
            transport: inherited.transport.anew(),
            entry: match self.key {
                Some(key) => ENTRIES.get_or_make(key, make),
                None => Arc::new(make()),
            },
        }
    }

    fn send(
        &self,
        request: &Request,
        url: &Url,
        configured: &ConfiguredHeaders,
        token: &Token,
        call: &Call,
        deadline: Instant,
    ) -> Result<Response> {
        let mut headers = request.headers().to_vec();
        headers.extend_from_slice(&configured.headers);
        let credential = &self.settings.credential;
        let value = match credential.scheme.as_str() {
            "" => token.access_token().to_owned(),
            scheme => format!("{scheme} {}", token.access_token()),
        };
        headers.push((credential.header.clone(), value));
        let http = HttpRequest {
            method: request.method().to_owned(),
            url: url.clone(),
            headers,
            body: request.body().map(Cow::Borrowed),
        };
        let limits = Limits {
            call,
            deadline,
            largest_body: self.settings.max_response_bytes,
        };
        let transport = &self.live().transport;
        let answer = match transport.send(&http, &limits) {
            Err(failed) if failed.was_stale && request.is_safe() => {
                transport.send_fresh(&http, &limits)
            }
            answer => answer,
        };
        answer.map(Response::new).map_err(|failed| failed.error)
    }
}

fn unwatched() -> Error {
    Error::new(
        Status::Internal,
        "internal.fork",
        "the operating system has no memory to note that forks concern this library",
    )
}

/// For calls without options: one for all, since nobody can cancel it.
#[cfg(feature = "capi")]
pub(crate) fn default_call() -> &'static Call {
    static DEFAULT: Once<Call> = Once::new();
    DEFAULT.get_or_make(Call::new)
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("label", &self.0.settings.label)
            .finish_non_exhaustive()
    }
}
