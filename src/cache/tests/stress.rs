//! Many threads, real locks, a clock that one thread moves, and a server that
//! fails as it likes.
//!
//! `AUTHKEEP_STRESS_ROUNDS` and `AUTHKEEP_STRESS_SEED` ask for more, and for the
//! same again, as far as the machine's own scheduling allows it.

use std::cell::Cell;
use std::env;
use std::io::Write;
use std::sync::Weak;
use std::sync::atomic::{AtomicBool, AtomicI64};
use std::thread;

use super::*;
use crate::call::SLICE;

use server::{Seen, Server};

mod server;

const THREADS: u64 = 64;
/// Simulated, of each round: the server fails, and is then well again.
const CHAOS_MS: i64 = 600_000;
const LIVES_MS: [i64; 6] = [1_000, 2_000, 5_000, 30_000, 60_000, 600_000];
/// By the requests that are no user's due.
const WINDOW: (i64, usize) = (60_000, 10);
const SPACING_MS: i64 = 1_000;
/// The longest that the breaker is open, and a little.
const RECOVERY_MS: i64 = 61_000;

/// Numbers that a seed decides (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn up_to_ms(&mut self, ms: u64) -> i64 {
        i64::try_from(self.below(ms) + 1).unwrap()
    }
}

/// A clock that only its mover moves: a server that takes its time waits for it,
/// and it passes over nobody's pause.
struct Simulated {
    now_ms: AtomicI64,
    /// The end of the pause that is under way.
    wake_at: Mutex<Option<i64>>,
    changed: Condvar,
}

thread_local! {
    /// What this thread has read last: both clocks are read at one moment, as on
    /// a machine, where no second passes between the two.
    static LAST_READ: Cell<i64> = const { Cell::new(0) };
}

impl Simulated {
    fn advance(&self, ms: i64) {
        let mut wake_at = self.wake_at.lock();
        let now_ms = self.now_ms.load(Ordering::SeqCst);
        let ms = wake_at.map_or(ms, |at| ms.min(at - now_ms));
        self.now_ms.fetch_add(ms, Ordering::SeqCst);
        self.changed.notify_all();
        while wake_at.is_some_and(|at| at <= now_ms + ms) {
            wake_at = self.changed.wait_for(wake_at, Duration::from_secs(1));
        }
    }

    fn is_awaited(&self) -> bool {
        self.wake_at.lock().is_some()
    }

    /// Until the clock is elsewhere, or `is_over`.
    fn wait_for_another(&self, than_ms: i64, is_over: &AtomicBool) {
        let mut wake_at = self.wake_at.lock();
        while self.now_ms.load(Ordering::SeqCst) == than_ms && !is_over.load(Ordering::SeqCst) {
            wake_at = self.changed.wait_for(wake_at, SLICE);
        }
    }
}

impl Clock for Simulated {
    fn wall_ms(&self) -> i64 {
        let now_ms = self.now_ms.load(Ordering::SeqCst);
        LAST_READ.set(now_ms);
        now_ms
    }

    fn boot_ms(&self) -> i64 {
        LAST_READ.get()
    }

    fn pause(&self, ms: u64) {
        let mut wake_at = self.wake_at.lock();
        let at = self.wall_ms() + i64::try_from(ms).unwrap();
        assert!(wake_at.is_none(), "one request at a time");
        *wake_at = Some(at);
        while at > self.wall_ms() {
            wake_at = self.changed.wait_for(wake_at, Duration::from_secs(1));
        }
        *wake_at = None;
        self.changed.notify_all();
    }
}

struct World {
    clock: Arc<Simulated>,
    server: Arc<Server>,
    entry: Arc<Entry>,
    is_over: AtomicBool,
    calls: AtomicU64,
    tokens: AtomicU64,
}

impl World {
    fn new(seed: u64) -> Self {
        let clock = Arc::new(Simulated {
            now_ms: AtomicI64::new(1_767_225_600_000),
            wake_at: Mutex::new(None),
            changed: Condvar::new(),
        });
        let server = Arc::new(Server {
            clock: clock.clone(),
            entry: Mutex::new(Weak::new()),
            seen: Mutex::new(Seen {
                chance: Chance(seed),
                requests: 0,
                begun_ms: 0,
                last: None,
                not_due: Vec::new(),
                flights: 0,
                failures: 0,
                wrong: Vec::new(),
            }),
            is_well: AtomicBool::new(false),
            under_way: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            forgotten: AtomicU64::new(0),
        });
        let entry = Arc::new(Entry::new(clock.clone(), server.clone()));
        *server.entry.lock() = Arc::downgrade(&entry);
        World {
            clock,
            server,
            entry,
            is_over: AtomicBool::new(false),
            calls: AtomicU64::new(0),
            tokens: AtomicU64::new(0),
        }
    }

    /// Holds a token against what was true when its call began.
    fn check(&self, token: &Token, asked_ms: i64, forgotten: u64) {
        let (number, ends_ms) = token.access_token().split_once(' ').unwrap();
        let ends_ms: i64 = ends_ms.parse().unwrap();
        let late_ms = asked_ms - ends_ms;
        assert!(late_ms < 0, "token {number} has expired {late_ms} ms ago");
        let number: u64 = number.parse().unwrap();
        assert!(number > forgotten, "token {number} was forgotten");
        self.tokens.fetch_add(1, Ordering::SeqCst);
    }

    /// One call of one of many kinds.
    fn call(&self, chance: &mut Chance) {
        let call = Call::new();
        let (call, is_hurried) = match chance.below(20) {
            0 => (call.timeout(Duration::from_millis(chance.below(3))), true),
            1 => (
                call.min_validity(Duration::from_millis(chance.below(60_000))),
                false,
            ),
            2 => {
                call.cancel();
                (call, true)
            }
            _ => (call, false),
        };
        let asked_ms = self.clock.wall_ms();
        let forgotten = self.server.forgotten.load(Ordering::SeqCst);
        let by = call.deadline(Duration::from_secs(60));
        self.calls.fetch_add(1, Ordering::SeqCst);
        match self.entry.token(&call, || by, Token::clone) {
            Ok(token) => {
                self.check(&token, asked_ms, forgotten);
                if chance.one_in(50) {
                    let asked_ms = self.clock.wall_ms();
                    let forgotten = self.server.forgotten.load(Ordering::SeqCst);
                    self.server.refused.fetch_add(1, Ordering::SeqCst);
                    let refused = token.generation();
                    let next = self.entry.token_after_refusal(refused, &call, by);
                    self.server.refused.fetch_sub(1, Ordering::SeqCst);
                    if let Some((next, _)) = next {
                        self.check(&next, asked_ms, forgotten);
                    }
                }
            }
            Err(error) => {
                let is_its_own = matches!(error.status(), Status::Deadline | Status::Cancelled);
                assert!(!is_its_own || is_hurried, "{error}");
                assert!(is_its_own || error.retry_after_ms().is_some(), "{error}");
            }
        }
    }

    fn forget(&self) {
        let begun = self.server.seen.lock().requests;
        self.entry.forget();
        self.server.forgotten.store(begun, Ordering::SeqCst);
    }

    /// Some calls, and then others' turn.
    fn use_it(&self, chance: &mut Chance) {
        while !self.is_over.load(Ordering::SeqCst) {
            let now_ms = self.clock.wall_ms();
            for _ in 0..=chance.below(8) {
                self.call(chance);
            }
            self.clock.wait_for_another(now_ms, &self.is_over);
        }
    }

    /// Moves the clock, but not while a request is under way that doesn't wait for
    /// that: none is to be late by the machine's doing.
    fn advance(&self, ms: i64) {
        while self.entry.is_in_flight() && !self.clock.is_awaited() {
            thread::yield_now();
        }
        self.clock.advance(ms);
        let calls = self.calls.load(Ordering::SeqCst);
        for _ in 0..20 {
            if self.calls.load(Ordering::SeqCst) > calls + THREADS {
                break;
            }
            thread::yield_now();
        }
    }

    /// A time in which the server fails.
    fn live(&self, chance: &mut Chance) {
        self.server.is_well.store(false, Ordering::SeqCst);
        let ends_ms = self.clock.wall_ms() + CHAOS_MS;
        while self.clock.wall_ms() < ends_ms {
            self.advance(chance.up_to_ms(400));
            if chance.one_in(200) {
                self.forget();
            }
        }
    }

    /// The server is well again: a token comes when it was announced, or soon.
    fn recover(&self) {
        self.server.is_well.store(true, Ordering::SeqCst);
        let asked = self.server.seen.lock().requests;
        while self.entry.is_in_flight() && self.server.seen.lock().requests <= asked {
            self.advance(100);
        }
        let well_ms = self.clock.wall_ms();
        let mut latest_ms = None;
        loop {
            let call = Call::new();
            let by = call.deadline(Duration::from_secs(60));
            let Err(error) = self.entry.token(&call, || by, |_| ()) else {
                break;
            };
            let wait_ms = i64::try_from(error.retry_after_ms().unwrap()).unwrap();
            let latest_ms = latest_ms.get_or_insert(well_ms + wait_ms.max(RECOVERY_MS));
            let now_ms = self.clock.wall_ms();
            // And a little, for who comes while another finds it well.
            assert!(
                now_ms <= *latest_ms + 2_000,
                "well since {well_ms}, at {now_ms}: {error}"
            );
            self.advance(wait_ms.clamp(1, 1_000));
        }
    }
}

/// Lets the users end when the mover doesn't get so far.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn variable(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap())
}

#[test]
fn whatever_the_server_does_the_four_promises_hold() {
    let seed = variable("AUTHKEEP_STRESS_SEED").unwrap_or_else(crate::cache::record::random);
    let rounds = variable("AUTHKEEP_STRESS_ROUNDS").unwrap_or(1);
    writeln!(
        std::io::stdout(),
        "stress: AUTHKEEP_STRESS_SEED={seed}, {rounds} rounds"
    )
    .unwrap();
    let world = World::new(seed);
    thread::scope(|scope| {
        let users: Vec<_> = (1..=THREADS)
            .map(|number| {
                let world = &world;
                let mut chance = Chance(seed.wrapping_add(number << 32));
                scope.spawn(move || world.use_it(&mut chance))
            })
            .collect();
        let _over = Over(&world.is_over);
        let mut chance = Chance(!seed);
        for _ in 0..rounds {
            world.live(&mut chance);
            world.recover();
        }
        world.is_over.store(true, Ordering::SeqCst);
        while users.iter().any(|user| !user.is_finished()) {
            world.advance(100);
        }
    });
    let seen = world.server.seen.lock();
    writeln!(
        std::io::stdout(),
        "stress: {} calls, {} tokens handed out, {} flights ({} not due), {} requests, {} failed",
        world.calls.load(Ordering::SeqCst),
        world.tokens.load(Ordering::SeqCst),
        seen.flights,
        seen.not_due.len(),
        seen.requests,
        seen.failures,
    )
    .unwrap();
    assert_eq!(seen.wrong, Vec::<String>::new());
    assert!(
        seen.failures > 0 && seen.flights > 3,
        "nothing was put to the test"
    );
}
