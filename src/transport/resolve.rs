//! Host names to addresses, with a short memory.
//!
//! The system's look-up can't be cancelled and has no deadline, so it runs on
//! a thread of its own while the caller waits in slices; what it finds is kept
//! for a few seconds, which also spares a look-up per request on a connection
//! that is open already.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::sync::{Condvar, Mutex};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::exchange::Exchange;
use crate::error::{Error, Status};
use crate::os::thread::spawn_detached;

const KEEP: Duration = Duration::from_secs(5);
const MOST_NAMES: usize = 256;

/// Resolves under the deadline and the cancellation of the current exchange.
#[derive(Default)]
pub(crate) struct CachingResolver {
    names: Arc<Names>,
}

#[derive(Default)]
struct Names {
    known: Mutex<HashMap<String, Known>>,
    changed: Condvar,
}

enum Known {
    Pending,
    Failed { at: Instant },
    Addresses { list: Vec<IpAddr>, at: Instant },
}

impl Resolver for CachingResolver {
    fn resolve(
        &self,
        uri: &Uri,
        _: &Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let exchange = Exchange::current()?;
        let host = uri.host().unwrap_or_default();
        let port = uri
            .port_u16()
            .unwrap_or(if uri.scheme_str() == Some("https") {
                443
            } else {
                80
            });
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let addresses = match bare.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => self.look_up(bare, &exchange)?,
        };
        let mut result = self.empty();
        let usable = addresses
            .into_iter()
            .filter(|address| !exchange.loopback_only || address.is_loopback());
        for address in usable.take(16) {
            result.push(SocketAddr::new(address, port));
        }
        if result.is_empty() {
            return Err(exchange.fail(not_loopback(host)).into());
        }
        Ok(result)
    }
}

impl CachingResolver {
    fn look_up(&self, host: &str, exchange: &Exchange) -> io::Result<Vec<IpAddr>> {
        let mut known = self.names.known.lock();
        let mut asked = false;
        loop {
            match known.get(host) {
                Some(Known::Addresses { list, at }) if at.elapsed() < KEEP => {
                    return Ok(list.clone());
                }
                // Another caller's look-up that failed a moment ago is this
                // one's too; an older failure is asked again.
                Some(Known::Failed { at })
                    if asked || at.elapsed() < Duration::from_millis(100) =>
                {
                    return Err(exchange.fail(not_found(host)));
                }
                Some(Known::Pending) => {}
                _ => {
                    known.retain(|_, entry| entry.is_current());
                    if known.len() >= MOST_NAMES {
                        known.retain(|_, entry| matches!(entry, Known::Pending));
                    }
                    // Not on this thread: it could pass any deadline.
                    if self.names.start(host).is_err() {
                        return Err(exchange.fail(no_thread(host)));
                    }
                    known.insert(host.to_owned(), Known::Pending);
                }
            }
            asked = true;
            let slice = exchange.slice(exchange.deadline)?;
            known = self.names.changed.wait_for(known, slice);
        }
    }
}

impl Names {
    /// Begins a look-up, which ends under the lock that the caller holds now.
    fn start(self: &Arc<Self>, host: &str) -> io::Result<()> {
        let names = self.clone();
        let owned = host.to_owned();
        spawn_detached("authkeep-dns", move || names.ask(&owned))
    }

    fn ask(&self, host: &str) {
        let list: Vec<IpAddr> = (host, 0)
            .to_socket_addrs()
            .map(|found| found.map(|address| address.ip()).collect())
            .unwrap_or_default();
        let at = Instant::now();
        let entry = if list.is_empty() {
            Known::Failed { at }
        } else {
            Known::Addresses { list, at }
        };
        self.known.lock().insert(host.to_owned(), entry);
        self.changed.notify_all();
    }
}

impl Known {
    fn is_current(&self) -> bool {
        match self {
            Known::Pending => true,
            Known::Failed { at } | Known::Addresses { at, .. } => at.elapsed() < KEEP,
        }
    }
}

impl std::fmt::Debug for CachingResolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CachingResolver")
    }
}

fn no_thread(host: &str) -> Error {
    Error::new(
        Status::Unavailable,
        "network.no_thread",
        format!(
            "the host name {host} could not be looked up: the system gave no thread for it; raise \
             the process's limit of threads, or try later"
        ),
    )
}

fn not_found(host: &str) -> Error {
    Error::new(
        Status::Unavailable,
        "network.dns",
        format!("the host name {host} could not be resolved; check the URL and the name server"),
    )
}

fn not_loopback(host: &str) -> Error {
    Error::new(
        Status::NotAllowed,
        "target.not_loopback",
        format!(
            "{host} is not on this machine, and plain http is allowed for loopback only; use https"
        ),
    )
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::call::Call;
    use crate::os::thread::refuse::while_refused;

    fn exchange(loopback_only: bool) -> Exchange {
        let soon = Duration::from_secs(20);
        let origin = "http://localhost".to_owned();
        let deadline = Instant::now() + soon;
        Exchange::new(&Call::new(), deadline, soon, origin, loopback_only)
    }

    fn look_up(resolver: &CachingResolver) -> Result<Vec<IpAddr>, Error> {
        let exchange = Rc::new(exchange(true));
        let found = resolver.look_up("localhost", &exchange);
        found.map_err(|_| exchange.take_failure().unwrap())
    }

    #[test]
    fn a_name_of_this_machine_that_leads_elsewhere_is_not_connected_to() {
        let resolver = CachingResolver::default();
        let elsewhere = Known::Addresses {
            list: vec![IpAddr::from([192, 0, 2, 1])],
            at: Instant::now(),
        };
        let name = "localhost".to_owned();
        resolver.names.known.lock().insert(name, elsewhere);
        let uri = Uri::from_static("http://localhost:8080/");
        let timeout = NextTimeout {
            after: ureq::unversioned::transport::time::Duration::NotHappening,
            reason: ureq::Timeout::Global,
            per_read: None,
            per_write: None,
        };
        for loopback_only in [true, false] {
            let exchange = Rc::new(exchange(loopback_only));
            let resolved =
                exchange.run(|| resolver.resolve(&uri, &Config::default(), timeout).is_ok());
            assert_eq!(resolved, !loopback_only);
            let code = exchange.take_failure().map(|error| error.code().to_owned());
            assert_eq!(code.is_some(), loopback_only);
            assert!(code.is_none_or(|code| code == "target.not_loopback"));
        }
    }

    #[test]
    fn without_a_thread_a_look_up_fails_at_once_and_the_next_one_asks_again() {
        let resolver = CachingResolver::default();
        let error = while_refused(|| look_up(&resolver)).unwrap_err();
        assert_eq!(error.status(), Status::Unavailable);
        assert_eq!(error.code(), "network.no_thread");
        assert!(look_up(&resolver).unwrap()[0].is_loopback());
        let known = while_refused(|| look_up(&resolver));
        assert!(known.is_ok(), "what is remembered needs no thread");
    }
}
