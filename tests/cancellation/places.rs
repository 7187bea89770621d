//! Where a call can hang, and how to know that it does.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::names::SilentNames;
use crate::support::raw::RawServer;

/// Something that a call waits for.
pub struct Place {
    /// What it is called.
    pub name: &'static str,
    /// What hangs: `token` or `api`.
    pub calls: &'static str,
    /// It takes a name server that answers nothing.
    pub needs_names: bool,
    /// Makes one more such place.
    pub hang: fn(Option<&SilentNames>) -> Hang,
}

/// A place where the calls of one client hang.
pub struct Hang {
    /// What the client is made of.
    pub config: Value,
    /// Whether as many calls have got here.
    has: Box<dyn Fn(usize) -> bool + Send + Sync>,
}

/// All of them.
pub const PLACES: [Place; 4] = [
    Place {
        name: "token request",
        calls: "token",
        needs_names: false,
        hang: |_| {
            let (server, arrived) = holding();
            let config = json!({
                "base_url": server.url,
                "token_endpoint": "/oauth/token",
                "client_id": "robot",
                "client_secret": "secret",
            });
            // One for all of them.
            Hang::new(config, move |_| arrived.load(Ordering::SeqCst) > 0)
        },
    },
    Place {
        name: "DNS look-up",
        calls: "api",
        needs_names: true,
        hang: |names| {
            let (name, is_asked) = names.expect("a name server").new_name();
            Hang::new(api_at(&format!("https://{name}")), move |_| is_asked())
        },
    },
    Place {
        name: "TLS handshake",
        calls: "api",
        needs_names: false,
        hang: |_| {
            let (server, arrived) = holding();
            let config = api_at(&server.https_url());
            Hang::new(config, move |calls| arrived.load(Ordering::SeqCst) >= calls)
        },
    },
    Place {
        name: "API request",
        calls: "api",
        needs_names: false,
        hang: |_| {
            let (server, arrived) = holding();
            let config = api_at(&server.url);
            Hang::new(config, move |calls| arrived.load(Ordering::SeqCst) >= calls)
        },
    },
];

impl Hang {
    fn new(config: Value, has: impl Fn(usize) -> bool + Send + Sync + 'static) -> Hang {
        Hang {
            config,
            has: Box::new(has),
        }
    }

    /// Whether as many calls are under way, as far as can be seen.
    pub fn has(&self, calls: usize) -> bool {
        (self.has)(calls)
    }
}

/// Listens, and never answers; counts the connections on which something came.
fn holding() -> (RawServer, Arc<AtomicUsize>) {
    let arrived = Arc::new(AtomicUsize::new(0));
    let counter = arrived.clone();
    let server = RawServer::start(move |stream, _| {
        stream.read_exact(&mut [0])?;
        counter.fetch_add(1, Ordering::SeqCst);
        io::copy(stream, &mut io::sink()).map(drop)
    });
    (server, arrived)
}

/// No token is needed there.
fn api_at(url: &str) -> Value {
    json!({"grant": "api_key", "api_key": "key", "base_url": url})
}
