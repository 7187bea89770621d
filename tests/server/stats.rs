//! What happened: counters per client and grant, and short logs.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use serde_json::{Value, json};

const KEPT_LINES: usize = 1000;
const KEPT_TOKEN_LINES: usize = 20_000;

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The statistics of the server.
#[derive(Default)]
pub struct Stats {
    /// Connections that the plain listener accepted.
    pub plain_connections: AtomicU64,
    /// Connections that the TLS listener accepted.
    pub tls_connections: AtomicU64,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    total: Tally,
    clients: BTreeMap<String, ClientCounts>,
    refusals: VecDeque<Value>,
    api_401: VecDeque<Value>,
    token_log: VecDeque<Value>,
}

#[derive(Default)]
struct ClientCounts {
    tally: Tally,
    grants: BTreeMap<String, Tally>,
}

#[derive(Default)]
struct Tally {
    token_requests: u64,
    token_successes: u64,
    token_failures: u64,
    in_flight: u64,
    in_flight_max: u64,
    issued: u64,
    refresh_reuse_detected: u64,
    api_requests: u64,
    api_ok: u64,
    api_401: u64,
}

impl Stats {
    /// Counts a token request until what it returns is dropped.
    pub fn token_request(self: &Arc<Stats>, client: Option<&str>, grant: Option<&str>) -> Flight {
        let (client, grant) = (
            client.unwrap_or("").to_owned(),
            grant.unwrap_or("").to_owned(),
        );
        self.counts.lock().of(&client, &grant, |tally| {
            tally.token_requests += 1;
            tally.in_flight += 1;
            tally.in_flight_max = tally.in_flight_max.max(tally.in_flight);
        });
        Flight {
            stats: Arc::clone(self),
            client,
            grant,
        }
    }

    /// Counts an API request; `refused` says why it got a 401.
    pub fn api_request(&self, client: Option<&str>, path: &str, outcome: ApiOutcome) {
        let mut counts = self.counts.lock();
        counts.of_client(client, |tally| {
            tally.api_requests += 1;
            match outcome {
                ApiOutcome::Ok => tally.api_ok += 1,
                ApiOutcome::Unauthorized(_) => tally.api_401 += 1,
                ApiOutcome::Switched => {}
            }
        });
        if let ApiOutcome::Unauthorized(reason) = outcome {
            let line =
                json!({"client_id": client, "reason": reason, "at_ms": now_ms(), "path": path});
            keep(&mut counts.api_401, KEPT_LINES, line);
        }
    }

    /// Starts all counts and logs again; requests in flight stay in flight.
    pub fn reset(&self) {
        self.plain_connections.store(0, Ordering::Relaxed);
        self.tls_connections.store(0, Ordering::Relaxed);
        let counts = &mut *self.counts.lock();
        counts.total.reset();
        for client in counts.clients.values_mut() {
            client.tally.reset();
            client.grants.values_mut().for_each(Tally::reset);
        }
        counts.refusals.clear();
        counts.api_401.clear();
        counts.token_log.clear();
    }

    /// Everything as JSON.
    pub fn report(&self, outages: &Value) -> Value {
        let counts = self.counts.lock();
        let clients = counts.clients.iter().map(|(id, client)| {
            let mut report = client.tally.report();
            report["grants"] = client
                .grants
                .iter()
                .map(|(grant, tally)| (grant.clone(), tally.token_report()))
                .collect();
            (id.clone(), report)
        });
        json!({
            "connections": {
                "plain": self.plain_connections.load(Ordering::Relaxed),
                "tls": self.tls_connections.load(Ordering::Relaxed),
            },
            "total": counts.total.report(),
            "clients": clients.collect::<Value>(),
            "refusals": counts.refusals,
            "api_401": counts.api_401,
            "token_log": counts.token_log,
            "outages": outages,
            "now_ms": now_ms(),
        })
    }
}

/// How an API request ended.
#[derive(Clone, Copy)]
pub enum ApiOutcome<'a> {
    /// The credential was good.
    Ok,
    /// A 401, and why.
    Unauthorized(&'a str),
    /// A switch took it.
    Switched,
}

/// A token request on its way.
pub struct Flight {
    stats: Arc<Stats>,
    client: String,
    grant: String,
}

impl Flight {
    /// Tokens were issued, and may still get lost on their way.
    pub fn issued(&self) {
        self.stats
            .counts
            .lock()
            .of(&self.client, &self.grant, |tally| tally.issued += 1);
    }

    /// A spent refresh token was used again.
    pub fn reuse_detected(&self) {
        self.stats
            .counts
            .lock()
            .of(&self.client, &self.grant, |tally| {
                tally.refresh_reuse_detected += 1
            });
    }

    /// The request was refused for a reason of the server's own.
    pub fn refused(&self, error: &str, reason: &str) {
        let line = json!({"client_id": self.client, "grant": self.grant, "error": error, "reason": reason, "at_ms": now_ms()});
        keep(&mut self.stats.counts.lock().refusals, KEPT_LINES, line);
        self.failed(error);
    }

    /// The client gets no token; `outcome` names why.
    pub fn failed(&self, outcome: &str) {
        self.ended(outcome, |tally| tally.token_failures += 1);
    }

    /// The client gets its token.
    pub fn succeeded(&self) {
        self.ended("ok", |tally| tally.token_successes += 1);
    }

    fn ended(&self, outcome: &str, count: impl Fn(&mut Tally)) {
        let line = json!({"at_ms": now_ms(), "client_id": self.client, "grant": self.grant, "outcome": outcome});
        let mut counts = self.stats.counts.lock();
        counts.of(&self.client, &self.grant, count);
        keep(&mut counts.token_log, KEPT_TOKEN_LINES, line);
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.stats
            .counts
            .lock()
            .of(&self.client, &self.grant, |tally| tally.in_flight -= 1);
    }
}

impl Counts {
    fn of(&mut self, client: &str, grant: &str, count: impl Fn(&mut Tally)) {
        self.of_client(Some(client), &count);
        // of_client has made the entry.
        if let Some(client) = self.clients.get_mut(client) {
            count(client.grants.entry(grant.to_owned()).or_default());
        }
    }

    fn of_client(&mut self, client: Option<&str>, count: impl Fn(&mut Tally)) {
        count(&mut self.total);
        let Some(client) = client else { return };
        match self.clients.get_mut(client) {
            Some(counts) => count(&mut counts.tally),
            None => count(&mut self.clients.entry(client.to_owned()).or_default().tally),
        }
    }
}

impl Tally {
    fn reset(&mut self) {
        *self = Tally {
            in_flight: self.in_flight,
            in_flight_max: self.in_flight,
            ..Tally::default()
        };
    }

    fn token_report(&self) -> Value {
        json!({
            "token_requests": self.token_requests,
            "token_successes": self.token_successes,
            "token_failures": self.token_failures,
            "in_flight": self.in_flight,
            "in_flight_max": self.in_flight_max,
            "issued": self.issued,
            "refresh_reuse_detected": self.refresh_reuse_detected,
        })
    }

    fn report(&self) -> Value {
        let mut report = self.token_report();
        report["api_requests"] = json!(self.api_requests);
        report["api_ok"] = json!(self.api_ok);
        report["api_401"] = json!(self.api_401);
        report
    }
}

fn keep(log: &mut VecDeque<Value>, most: usize, line: Value) {
    if log.len() >= most {
        log.pop_front();
    }
    log.push_back(line);
}
