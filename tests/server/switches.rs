//! Fault switches: what goes wrong, for whom, and until when.
//!
//! Switches queue. The oldest one that matches a request takes effect, so
//! "fail twice, then be slow once" is two switches.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::{Body, Response};
use crate::stats::now_ms;

const KEPT_OUTAGES: usize = 1000;

/// A switch as `POST /control/switch` says it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// Only requests of this client; absent: of every client.
    client_id: Option<String>,
    /// Only token requests of this grant.
    grant: Option<String>,
    /// Which requests.
    #[serde(default, rename = "where")]
    place: Place,
    /// The switch ends by itself after so long.
    for_ms: Option<u64>,
    /// The switch ends after so many requests.
    times: Option<u64>,
    /// The same as `"times": 1`.
    #[serde(default)]
    once: bool,
    /// Waits before the request is looked at.
    #[serde(default)]
    delay_ms: u64,
    /// Waits between doing what was asked and answering.
    #[serde(default)]
    answer_delay_ms: u64,
    /// Answers with this.
    fail: Option<Failure>,
    /// Closes the connection instead of answering.
    #[serde(default)]
    close: bool,
    /// Resets the connection instead of answering.
    #[serde(default)]
    refuse: bool,
    /// Says nothing until the peer gives up.
    #[serde(default)]
    hang: bool,
    /// Does what was asked, then closes instead of answering.
    #[serde(default)]
    lose_answer: bool,
}

/// Which requests a switch is about.
#[derive(Clone, Copy, Default, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Token requests.
    #[default]
    Token,
    /// Requests below `/api/`.
    Api,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Failure {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Text is sent as it is, anything else as JSON.
    body: Option<Value>,
    times: Option<u64>,
}

/// What a switch does to one request instead of an answer.
pub enum Fault {
    /// Answers with this.
    Answer(Response),
    /// Closes the connection.
    Close,
    /// Resets the connection.
    Reset,
    /// Never answers.
    Hang,
}

impl Switch {
    /// Waits before the request is looked at.
    pub fn wait(&self) {
        sleep(Duration::from_millis(self.delay_ms));
    }

    /// What happens instead of doing what was asked.
    pub fn fault(&self) -> Option<Fault> {
        if let Some(failure) = &self.fail {
            return Some(Fault::Answer(failure.response()));
        }
        if self.close {
            return Some(Fault::Close);
        }
        if self.refuse {
            return Some(Fault::Reset);
        }
        self.hang.then_some(Fault::Hang)
    }

    /// Waits before the answer; true if the answer gets lost.
    pub fn wait_to_answer(&self) -> bool {
        sleep(Duration::from_millis(self.answer_delay_ms));
        self.lose_answer
    }

    /// The peer gets no proper answer.
    fn breaks(&self) -> bool {
        self.fault().is_some() || self.lose_answer
    }

    fn times(&self) -> Option<u64> {
        let failure = self.fail.as_ref().and_then(|failure| failure.times);
        self.times.or(failure).or(self.once.then_some(1))
    }

    fn matches(&self, place: Place, client: Option<&str>, grant: Option<&str>) -> bool {
        self.place == place
            && (self.client_id.is_none() || self.client_id.as_deref() == client)
            && (self.grant.is_none() || self.grant.as_deref() == grant)
    }
}

impl Failure {
    fn response(&self) -> Response {
        let mut response = match &self.body {
            None => Response::new(self.status, Body::Bytes(Vec::new())),
            Some(Value::String(text)) => {
                Response::new(self.status, Body::Bytes(text.clone().into_bytes()))
            }
            Some(document) => Response::json(self.status, document),
        };
        for (name, value) in &self.headers {
            response
                .headers
                .retain(|(other, _)| !other.eq_ignore_ascii_case(name));
            response = response.with_header(name, value);
        }
        response
    }
}

/// Every switch that is on.
#[derive(Default)]
pub struct Switchboard {
    board: Mutex<Board>,
}

#[derive(Default)]
struct Board {
    on: Vec<Active>,
    outages: Vec<Outage>,
    last_outage: u64,
}

struct Active {
    switch: Switch,
    until: Option<(Instant, u64)>,
    left: Option<u64>,
    outage: Option<u64>,
}

/// The time in which a switch kept token requests from succeeding.
struct Outage {
    number: u64,
    client_id: Option<String>,
    began_at_ms: u64,
    ended_at_ms: Option<u64>,
    first_success_at_ms: Option<u64>,
}

impl Switchboard {
    /// Turns a switch on.
    pub fn add(&self, switch: Switch) {
        let now = now_ms();
        let until = switch
            .for_ms
            .map(|ms| (Instant::now() + Duration::from_millis(ms), now + ms));
        let left = switch.times();
        let board = &mut *self.board.lock();
        board.expire();
        let outage = (switch.place == Place::Token && switch.breaks())
            .then(|| board.open_outage(&switch, now));
        board.on.push(Active {
            switch,
            until,
            left,
            outage,
        });
    }

    /// Turns every switch off, or those of one client.
    pub fn clear(&self, client_id: Option<&str>) {
        let board = &mut *self.board.lock();
        board.expire();
        board.end_where(now_ms(), |active| {
            client_id.is_none() || active.switch.client_id.as_deref() == client_id
        });
    }

    /// Forgets the outages that are over.
    pub fn reset_outages(&self) {
        self.board
            .lock()
            .outages
            .retain(|outage| outage.ended_at_ms.is_none());
    }

    /// The switch that takes effect on a request, counted as used.
    pub fn take(&self, place: Place, client: Option<&str>, grant: Option<&str>) -> Option<Switch> {
        let board = &mut *self.board.lock();
        if board.on.is_empty() {
            return None;
        }
        board.expire();
        let active = board
            .on
            .iter_mut()
            .find(|active| active.switch.matches(place, client, grant))?;
        let switch = active.switch.clone();
        if let Some(left) = &mut active.left {
            *left = left.saturating_sub(1);
            board.end_where(now_ms(), |active| active.left == Some(0));
        }
        Some(switch)
    }

    /// Notes a successful token request, for the outages before it.
    pub fn success(&self, client_id: &str) {
        let board = &mut *self.board.lock();
        board.expire();
        for outage in board
            .outages
            .iter_mut()
            .filter(|outage| outage.ended_at_ms.is_some())
        {
            if outage
                .client_id
                .as_deref()
                .is_none_or(|client| client == client_id)
            {
                outage.first_success_at_ms.get_or_insert_with(now_ms);
            }
        }
    }

    /// Every outage, oldest first.
    pub fn outages(&self) -> Value {
        let board = &mut *self.board.lock();
        board.expire();
        let outages = board.outages.iter().map(|outage| {
            json!({
                "client_id": outage.client_id,
                "began_at_ms": outage.began_at_ms,
                "ended_at_ms": outage.ended_at_ms,
                "first_success_at_ms": outage.first_success_at_ms,
            })
        });
        outages.collect()
    }
}

impl Board {
    fn open_outage(&mut self, switch: &Switch, now: u64) -> u64 {
        self.last_outage += 1;
        if self.outages.len() >= KEPT_OUTAGES {
            self.outages.remove(0);
        }
        self.outages.push(Outage {
            number: self.last_outage,
            client_id: switch.client_id.clone(),
            began_at_ms: now,
            ended_at_ms: None,
            first_success_at_ms: None,
        });
        self.last_outage
    }

    /// Ends the switches whose time is up, as of the moment it was up.
    fn expire(&mut self) {
        let now = Instant::now();
        while let Some((_, ended_at)) = self
            .on
            .iter()
            .filter_map(|active| active.until)
            .find(|(end, _)| *end <= now)
        {
            self.end_where(ended_at, |active| {
                active.until.is_some_and(|(_, at)| at == ended_at)
            });
        }
    }

    fn end_where(&mut self, at_ms: u64, over: impl Fn(&Active) -> bool) {
        for active in self.on.iter().filter(|active| over(active)) {
            if let Some(outage) = self
                .outages
                .iter_mut()
                .find(|outage| Some(outage.number) == active.outage)
            {
                outage.ended_at_ms = Some(at_ms);
            }
        }
        self.on.retain(|active| !over(active));
    }
}
