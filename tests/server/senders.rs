//! Which processes send on which connection, for tests of what a fork leaves.
//!
//! A process names itself in the header `X-Process` of each request. A connection
//! is one process's own; bytes that are no request are nobody's, and a TLS goodbye
//! is none of a client that never says one.

use std::collections::BTreeSet;

use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::http::Request;

/// Counts of the connections whose requests name their process.
#[derive(Default)]
pub struct Senders(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    connections: u64,
    open: u64,
    requests: u64,
    mixed: u64,
    garbled: u64,
    goodbyes: u64,
    processes: BTreeSet<String>,
}

/// The sender of one connection.
pub struct Line<'a> {
    senders: &'a Senders,
    process: Option<String>,
    is_tls: bool,
    is_mixed: bool,
}

impl Senders {
    /// A connection, until what it returns is dropped.
    pub fn line(&self, is_tls: bool) -> Line<'_> {
        Line {
            senders: self,
            process: None,
            is_tls,
            is_mixed: false,
        }
    }

    /// Starts the counts again; open connections stay open.
    pub fn reset(&self) {
        let mut counts = self.0.lock();
        *counts = Counts {
            open: counts.open,
            ..Counts::default()
        };
    }

    /// Everything as JSON.
    pub fn report(&self) -> Value {
        let counts = self.0.lock();
        json!({
            "processes": counts.processes.len(),
            "connections": counts.connections,
            "open": counts.open,
            "requests": counts.requests,
            "of_two_processes": counts.mixed,
            "garbled": counts.garbled,
            "goodbyes": counts.goodbyes,
        })
    }
}

impl Line<'_> {
    /// A request has arrived.
    pub fn heard(&mut self, request: &Request) {
        let Some(process) = request.header("x-process") else {
            return;
        };
        let mut counts = self.senders.0.lock();
        counts.requests += 1;
        counts.processes.insert(process.to_owned());
        match &self.process {
            None => {
                self.process = Some(process.to_owned());
                counts.connections += 1;
                counts.open += 1;
            }
            Some(first) if first != process && !self.is_mixed => {
                self.is_mixed = true;
                counts.mixed += 1;
            }
            Some(_) => {}
        }
    }

    /// What has arrived is no request.
    pub fn garbled(&self) {
        if self.process.is_some() {
            self.senders.0.lock().garbled += 1;
        }
    }

    /// The client has ended it in good order.
    pub fn ended(&self) {
        if self.process.is_some() && self.is_tls {
            self.senders.0.lock().goodbyes += 1;
        }
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.senders.0.lock().open -= 1;
        }
    }
}
