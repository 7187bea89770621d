//! What an emulation has counted, and why it refused what it refused.

use std::collections::{BTreeMap, VecDeque};

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::visit::Place;
use crate::http::Request;
use crate::stats::now_ms;

const KEPT_LINES: usize = 1000;

/// The counters and the log of one emulation.
#[derive(Default)]
pub struct Journal {
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    token_requests: u64,
    tokens_issued: u64,
    grants: BTreeMap<String, Grant>,
    token_statuses: BTreeMap<u16, u64>,
    api_requests: u64,
    api_statuses: BTreeMap<u16, u64>,
    refusals: u64,
    log: VecDeque<Value>,
}

#[derive(Clone, Copy, Default)]
struct Grant {
    requests: u64,
    issued: u64,
}

impl Journal {
    /// A token request asks for this grant.
    pub fn asked(&self, grant: &str) {
        self.counts.lock().grant(grant).requests += 1;
    }

    /// An access token was issued for this grant.
    pub fn issued(&self, grant: &str) {
        let mut counts = self.counts.lock();
        counts.tokens_issued += 1;
        counts.grant(grant).issued += 1;
    }

    /// A request got its answer; `refused` says why, if it was.
    pub fn answered(&self, place: Place, request: &Request, status: u16, refused: Option<&str>) {
        let counts = &mut *self.counts.lock();
        let statuses = if place == Place::Api {
            counts.api_requests += 1;
            &mut counts.api_statuses
        } else {
            counts.token_requests += 1;
            &mut counts.token_statuses
        };
        *statuses.entry(status).or_default() += 1;
        let Some(reason) = refused else { return };
        counts.refusals += 1;
        if counts.log.len() >= KEPT_LINES {
            counts.log.pop_front();
        }
        counts.log.push_back(json!({
            "at_ms": now_ms(),
            "method": request.method,
            "path": request.path,
            "status": status,
            "reason": reason,
        }));
    }

    /// Everything as JSON.
    pub fn report(&self) -> Value {
        let counts = self.counts.lock();
        let grants = counts.grants.iter().map(|(name, grant)| {
            let report = json!({"requests": grant.requests, "issued": grant.issued});
            (name.clone(), report)
        });
        json!({
            "token_requests": counts.token_requests,
            "tokens_issued": counts.tokens_issued,
            "grants": grants.collect::<Value>(),
            "token_statuses": by_status(&counts.token_statuses),
            "api_requests": counts.api_requests,
            "api_statuses": by_status(&counts.api_statuses),
            "refusals": counts.refusals,
            "log": counts.log,
        })
    }
}

impl Counts {
    fn grant(&mut self, name: &str) -> &mut Grant {
        self.grants.entry(name.to_owned()).or_default()
    }
}

fn by_status(statuses: &BTreeMap<u16, u64>) -> Value {
    let texts = statuses
        .iter()
        .map(|(status, count)| (status.to_string(), json!(count)));
    texts.collect()
}
