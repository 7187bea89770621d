//! The code of the cache under schedules that a seed chooses: who runs next at
//! each lock, wait and atomic.
//!
//! What is modelled is the code itself, built on `sync::model`. A wait that nobody
//! ends is a deadlock here, and so an error, but for the models in which time may
//! pass. `.ci/models` runs them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::entry::Entry;
use super::source::{Failure, Limit, Source, TokenAnswer};
use crate::call::Call;
use crate::config::Lifetime;
use crate::error::{Error, Result, Status};
use crate::os::clock::Clock;
use crate::secret::Secret;
use crate::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use crate::sync::{Condvar, Mutex, now, pass, thread};
use crate::token::Token;

mod epochs;
mod explore;
mod failures;
mod forks;
mod grants;
mod readers;
mod refusals;
mod waiting;
mod workers;

const RULES: Lifetime = Lifetime {
    default_ms: 300_000,
    max_ms: 86_400_000,
    refresh_before_ms: 300_000,
};

/// Of each token. It is renewed ahead at an age of 70 to 80 s, and handed out to
/// one of 90 s.
const LIFE_MS: i64 = 100_000;

/// Others may run before each look at it, and not between the looks at its two
/// sides: no model is of a machine that sleeps there.
struct Steps {
    wall_ms: AtomicI64,
    boot_ms: std::sync::atomic::AtomicI64,
}

impl Steps {
    fn advance(&self, ms: i64) {
        self.wall_ms.fetch_add(ms, Ordering::SeqCst);
        self.boot_ms.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for Steps {
    fn wall_ms(&self) -> i64 {
        self.wall_ms.load(Ordering::SeqCst)
    }

    fn boot_ms(&self) -> i64 {
        self.boot_ms.load(Ordering::SeqCst)
    }

    fn pause(&self, ms: u64) {
        self.advance(i64::try_from(ms).unwrap());
    }
}

/// What a request comes to.
enum Act {
    Issue,
    Fail(Failure),
    Panic,
    /// It takes so long, and is given up if that is too long for who makes it.
    Take(Duration),
    /// It doesn't end before another has begun.
    OutlastTheNext,
}

/// Plays its acts, then issues tokens.
struct Script {
    rotates: bool,
    asked: Mutex<Asked>,
    changed: Condvar,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
}

/// How often it was asked, and what it does next.
struct Asked {
    requests: usize,
    acts: VecDeque<Act>,
}

impl Script {
    fn new(acts: impl IntoIterator<Item = Act>, rotates: bool) -> Arc<Self> {
        Arc::new(Script {
            rotates,
            asked: Mutex::new(Asked {
                requests: 0,
                acts: acts.into_iter().collect(),
            }),
            changed: Condvar::new(),
            under_way: AtomicUsize::new(0),
            most_under_way: AtomicUsize::new(0),
        })
    }

    fn requests(&self) -> usize {
        self.asked.lock().requests
    }

    fn wait_until_asked(&self, requests: usize) {
        let mut asked = self.asked.lock();
        while asked.requests < requests {
            asked = self.changed.wait_for(asked, Duration::from_secs(1));
        }
    }

    fn play(&self, act: Act, number: usize, by: &Limit) -> Result<TokenAnswer, Failure> {
        match act {
            Act::Issue => {}
            Act::Fail(failure) => return Err(failure),
            // Without the panic hook, which takes each panic for the end of the
            // model.
            Act::Panic => std::panic::resume_unwind(Box::new("a bug")),
            Act::Take(time) => {
                pass(time);
                if by.deadline <= now() {
                    let over = Error::new(Status::Deadline, "call.deadline", "over");
                    return Err(Failure::transient(over).once());
                }
            }
            Act::OutlastTheNext => self.wait_until_asked(number + 1),
        }
        Ok(TokenAnswer {
            access_token: Secret::new(&number.to_string()),
            token_type: "Bearer".into(),
            scope: None,
            refresh_token: None,
            claimed_life_ms: Some(LIFE_MS),
            refresh_in_ms: None,
            is_static: false,
        })
    }
}

impl Source for Script {
    fn issue(&self, by: &Limit) -> Result<TokenAnswer, Failure> {
        let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_under_way.fetch_max(under_way, Ordering::SeqCst);
        let (number, act) = {
            let mut asked = self.asked.lock();
            asked.requests += 1;
            (asked.requests, asked.acts.pop_front())
        };
        self.changed.notify_all();
        // Also when it panics.
        let _landed = Landed(&self.under_way);
        self.play(act.unwrap_or(Act::Issue), number, by)
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
        1
    }

    fn label(&self) -> &str {
        "script"
    }
}

struct Landed<'a>(&'a AtomicUsize);

impl Drop for Landed<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// One entry, and who uses it.
#[derive(Clone)]
struct Stage {
    clock: Arc<Steps>,
    script: Arc<Script>,
    entry: Arc<Entry>,
}

impl Stage {
    fn new(acts: impl IntoIterator<Item = Act>) -> Self {
        Stage::of(acts, false)
    }

    fn rotating(acts: impl IntoIterator<Item = Act>) -> Self {
        Stage::of(acts, true)
    }

    fn of(acts: impl IntoIterator<Item = Act>, rotates: bool) -> Self {
        let script = Script::new(acts, rotates);
        let clock = Arc::new(Steps {
            wall_ms: AtomicI64::new(1_767_225_600_000),
            boot_ms: std::sync::atomic::AtomicI64::new(0),
        });
        Stage {
            entry: Arc::new(Entry::new(clock.clone(), script.clone())),
            clock,
            script,
        }
    }

    /// With a token, the first, that was just issued.
    fn warm() -> Self {
        let stage = Stage::new([]);
        assert_eq!(stage.call(), Ok(1));
        stage
    }

    fn token(&self, call: &Call) -> Result<Token> {
        let by = call.deadline(Duration::from_secs(30));
        self.entry.token(call, || by, Token::clone)
    }

    /// The number of the token that a call gets, or the code of its error.
    fn call(&self) -> Result<usize, String> {
        self.call_with(&Call::new())
    }

    fn call_with(&self, call: &Call) -> Result<usize, String> {
        let token = self.token(call);
        token
            .map(|token| number(&token))
            .map_err(|error| error.code().to_owned())
    }

    /// Lets `body` run in a thread of its own.
    fn spawn<T: Send + 'static>(
        &self,
        body: impl FnOnce(&Stage) -> T + Send + 'static,
    ) -> thread::JoinHandle<T> {
        let stage = self.clone();
        thread::spawn(move || body(&stage))
    }

    /// So many threads that each make a call; what they get.
    fn calls(&self, threads: usize) -> Vec<Result<usize, String>> {
        let callers: Vec<_> = (0..threads).map(|_| self.spawn(Stage::call)).collect();
        callers.into_iter().map(joined).collect()
    }

    fn assert_requests(&self, requests: usize) {
        assert_eq!(self.script.requests(), requests, "token requests");
        self.assert_alone();
    }

    fn assert_alone(&self) {
        assert!(
            self.script.most_under_way.load(Ordering::SeqCst) <= 1,
            "two at once"
        );
    }
}

fn number(token: &Token) -> usize {
    token.access_token().parse().unwrap()
}

fn joined<T>(thread: thread::JoinHandle<T>) -> T {
    thread.join().unwrap()
}

fn transient() -> Failure {
    let refused = Error::new(Status::Unavailable, "network.refused", "refused");
    Failure::transient(refused).once()
}

fn definitive() -> Failure {
    Failure::definitive(Error::new(
        Status::InvalidCredentials,
        "oauth.invalid_client",
        "the secret is wrong",
    ))
}
