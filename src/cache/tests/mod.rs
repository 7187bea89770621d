//! The state machine under a clock that stands still and a source by script.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::sync::{Condvar, Mutex};

use super::entry::Entry;
use super::source::{Failure, FailureKind, Limit, Source, TokenAnswer};
use crate::call::Call;
use crate::config::Lifetime;
use crate::error::{Error, Result, Status};
use crate::os::clock::{Clock, ManualClock};
use crate::secret::Secret;
use crate::token::Token;

mod failures;
mod forgotten;
mod learned;
mod lives;
mod outage;
mod refusals;
mod sharing;
mod stress;
mod time;

const RULES: Lifetime = Lifetime {
    default_ms: 300_000,
    max_ms: 86_400_000,
    refresh_before_ms: 300_000,
};

type Answer = Result<TokenAnswer, Failure>;

/// Answers by script, then with tokens of one life; can be held back.
struct Script {
    answers: Mutex<VecDeque<Answer>>,
    life_ms: Mutex<Option<i64>>,
    requests: AtomicUsize,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
    held: Mutex<bool>,
    changed: Condvar,
    rotates: bool,
    credentials: AtomicU64,
    refresh_in_ms: Mutex<Option<i64>>,
    /// What another thread does while this is told to forget or to reset.
    meanwhile: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Script {
    fn new(life_ms: i64) -> Arc<Self> {
        Script::with(life_ms, false)
    }

    fn with(life_ms: i64, rotates: bool) -> Arc<Self> {
        Arc::new(Script {
            answers: Mutex::default(),
            life_ms: Mutex::new(Some(life_ms)),
            requests: AtomicUsize::new(0),
            under_way: AtomicUsize::new(0),
            most_under_way: AtomicUsize::new(0),
            held: Mutex::new(false),
            changed: Condvar::new(),
            rotates,
            credentials: AtomicU64::new(1),
            refresh_in_ms: Mutex::new(None),
            meanwhile: Mutex::default(),
        })
    }

    fn then(&self, answer: Answer) {
        self.answers.lock().push_back(answer);
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    fn under_way(&self) -> usize {
        self.under_way.load(Ordering::SeqCst)
    }

    fn hold(&self) {
        *self.held.lock() = true;
    }

    fn release(&self) {
        *self.held.lock() = false;
        self.changed.notify_all();
    }

    fn let_go(&self) {
        let meanwhile = self.meanwhile.lock().take();
        if let Some(meanwhile) = meanwhile {
            meanwhile();
        }
    }

    /// Until a request is under way: an event, not a time.
    fn wait_until_asked(&self, requests: usize) {
        until(|| self.requests() >= requests);
    }
}

impl Source for Script {
    fn issue(&self, _: &Limit) -> Answer {
        let number = self.requests.fetch_add(1, Ordering::SeqCst) + 1;
        let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_under_way.fetch_max(under_way, Ordering::SeqCst);
        let mut held = self.held.lock();
        while *held {
            held = self.changed.wait_for(held, Duration::from_secs(1));
        }
        drop(held);
        let scripted = self.answers.lock().pop_front();
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        scripted.unwrap_or_else(|| {
            Ok(TokenAnswer {
                refresh_in_ms: *self.refresh_in_ms.lock(),
                ..issued(&format!("token-{number}"), *self.life_ms.lock())
            })
        })
    }

    fn may_rotate(&self) -> bool {
        self.rotates
    }

    fn lifetime(&self) -> &Lifetime {
        &RULES
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(15)
    }

    fn credentials(&self) -> u64 {
        self.credentials.load(Ordering::SeqCst)
    }

    fn forget(&self) {
        self.let_go();
    }

    fn reset(&self) {
        self.let_go();
    }

    fn label(&self) -> &str {
        "script"
    }
}

fn issued(access_token: &str, claimed_life_ms: Option<i64>) -> TokenAnswer {
    TokenAnswer {
        access_token: Secret::new(access_token),
        token_type: "Bearer".into(),
        scope: None,
        refresh_token: None,
        claimed_life_ms,
        refresh_in_ms: None,
        is_static: false,
    }
}

fn transient() -> Failure {
    Failure::transient(Error::new(
        Status::Unavailable,
        "network.refused",
        "refused",
    ))
}

fn definitive() -> Failure {
    let message = "the secret is wrong";
    Failure::definitive(Error::new(
        Status::InvalidCredentials,
        "oauth.invalid_client",
        message,
    ))
}

fn throttled(retry_after_ms: i64) -> Failure {
    Failure {
        kind: FailureKind::Throttled {
            retry_after_ms: Some(retry_after_ms),
        },
        ..transient().once()
    }
}

/// An entry on a clock that starts in 2026 and moves only when told.
struct Bench {
    clock: Arc<ManualClock>,
    script: Arc<Script>,
    entry: Arc<Entry>,
}

impl Bench {
    fn new(life_ms: i64) -> Self {
        Bench::on(Script::new(life_ms))
    }

    fn on(script: Arc<Script>) -> Self {
        let clock = Arc::new(ManualClock::new(1_767_225_600_000));
        Bench {
            entry: Bench::entry(clock.clone(), script.clone()),
            clock,
            script,
        }
    }

    fn entry(clock: Arc<dyn Clock>, script: Arc<Script>) -> Arc<Entry> {
        Arc::new(Entry::new(clock, script))
    }

    fn token(&self) -> Result<Token> {
        self.token_for(&Call::new())
    }

    fn token_for(&self, call: &Call) -> Result<Token> {
        let by = call.deadline(Duration::from_secs(30));
        self.entry.token(call, || by, Token::clone)
    }

    fn text(&self) -> String {
        self.token().unwrap().access_token().to_owned()
    }

    /// Until no request is under way.
    fn settle(&self) {
        until(|| !self.entry.is_in_flight());
    }

    fn after_refusal(&self, token: &Token) -> Option<String> {
        let by = Instant::now() + Duration::from_secs(30);
        let next = self
            .entry
            .token_after_refusal(token.generation(), &Call::new(), by);
        next.map(|(token, _)| token.access_token().to_owned())
    }
}

fn until(mut reached: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !reached() {
        assert!(begun.elapsed() < Duration::from_secs(20), "never reached");
        std::thread::yield_now();
    }
}
