//! The server: it fails as it likes, and notes what it was asked.

use std::cell::Cell;
use std::sync::Weak;
use std::sync::atomic::AtomicBool;

use super::super::*;
use super::{Chance, LIVES_MS, SPACING_MS, Simulated, WINDOW};

/// What the server saw last, and whether it may be asked again for nothing.
pub(super) struct Seen {
    pub(super) chance: Chance,
    pub(super) requests: u64,
    pub(super) begun_ms: i64,
    /// How the last flight ended; none so far has.
    pub(super) last: Option<Ended>,
    /// When flights were begun that were not due.
    pub(super) not_due: Vec<i64>,
    pub(super) flights: usize,
    pub(super) failures: usize,
    /// What went wrong, told where a panic would be caught.
    pub(super) wrong: Vec<String>,
}

pub(super) enum Ended {
    Failed,
    Issued {
        /// Of its flight.
        begun_ms: i64,
        asked_ms: i64,
        issued_ms: i64,
        life_ms: i64,
    },
}

pub(super) struct Server {
    pub(super) clock: Arc<Simulated>,
    pub(super) entry: Mutex<Weak<Entry>>,
    pub(super) seen: Mutex<Seen>,
    pub(super) is_well: AtomicBool,
    pub(super) under_way: AtomicUsize,
    /// Callers with a token that was refused: they may be due another.
    pub(super) refused: AtomicUsize,
    /// The number of the last request whose token was forgotten.
    pub(super) forgotten: AtomicU64,
}

thread_local! {
    /// A worker lives for one flight.
    static HAS_ASKED: Cell<bool> = const { Cell::new(false) };
}

impl Server {
    /// When the flight under way was begun: by the cache, which begins it before
    /// a thread for it is there.
    pub(super) fn begun_ms(&self) -> Option<i64> {
        let entry = self.entry.lock().upgrade()?;
        loop {
            let now = self.clock.wall_ms();
            let told = entry.explain(0);
            if self.clock.wall_ms() == now {
                let age_ms = told["token_request_under_way_ms"].as_i64()?;
                return Some(now - age_ms);
            }
        }
    }

    /// Holds a flight that begins against the rule.
    pub(super) fn begin(&self) {
        let begun_ms = self.begun_ms().unwrap_or_else(|| self.clock.wall_ms());
        let mut seen = self.seen.lock();
        seen.flights += 1;
        seen.begun_ms = begun_ms;
        let due = match seen.last {
            None => true,
            Some(Ended::Failed) => false,
            Some(Ended::Issued {
                begun_ms: last_ms,
                asked_ms,
                issued_ms,
                life_ms,
            }) => {
                let was_fresh = issued_ms - asked_ms < life_ms * 8 / 10;
                let is_refused = self.refused.load(Ordering::SeqCst) > 0;
                (was_fresh || is_refused) && begun_ms - last_ms > life_ms / 2
            }
        };
        if due {
            return;
        }
        let spacing_ms = seen.not_due.last().map(|last| begun_ms - last);
        if spacing_ms.is_some_and(|ms| ms < SPACING_MS) {
            seen.wrong
                .push(format!("asked again after {spacing_ms:?} ms"));
        }
        seen.not_due.push(begun_ms);
        let in_window = seen.not_due.iter().filter(|at| begun_ms - **at < WINDOW.0);
        let in_window = in_window.count();
        if in_window > WINDOW.1 {
            seen.wrong.push(format!("{in_window} requests in a minute"));
        }
    }

    pub(super) fn answer(&self, number: u64) -> Answer {
        let asked_ms = self.clock.wall_ms();
        let (what, slow_ms, life_ms) = {
            let chance = &mut self.seen.lock().chance;
            let slow_ms = match chance.below(4) {
                0 => 0,
                1 => chance.up_to_ms(10),
                2 => chance.up_to_ms(1_000),
                _ => chance.up_to_ms(15_000),
            };
            let life_ms = LIVES_MS[usize::try_from(chance.below(6)).unwrap()];
            (chance.below(100), slow_ms, life_ms)
        };
        let is_well = self.is_well.load(Ordering::SeqCst);
        if slow_ms > 0 && !is_well {
            self.clock.pause(slow_ms.unsigned_abs());
        }
        let failure = match what {
            _ if is_well => None,
            0..40 => Some(transient()),
            40..50 => Some(throttled(slow_ms * 2)),
            50 => Some(definitive()),
            51 => std::panic::resume_unwind(Box::new("a bug")),
            _ => None,
        };
        let mut seen = self.seen.lock();
        if let Some(failure) = failure {
            seen.failures += 1;
            return Err(failure);
        }
        let issued_ms = self.clock.wall_ms();
        seen.last = Some(Ended::Issued {
            begun_ms: seen.begun_ms,
            asked_ms,
            issued_ms,
            life_ms,
        });
        let text = format!("{number} {}", issued_ms + life_ms);
        Ok(issued(&text, Some(life_ms)))
    }
}

impl Source for Server {
    fn issue(&self, by: &Limit) -> Answer {
        let others = self.under_way.fetch_add(1, Ordering::SeqCst);
        if by.is_the_callers || !HAS_ASKED.replace(true) {
            self.begin();
        }
        let number = {
            let mut seen = self.seen.lock();
            if others > 0 {
                seen.wrong.push("two requests at once".into());
            }
            // Until it is known better, and if it panics.
            seen.last = Some(Ended::Failed);
            seen.requests += 1;
            seen.requests
        };
        struct Landed<'a>(&'a AtomicUsize);
        impl Drop for Landed<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        let _landed = Landed(&self.under_way);
        self.answer(number)
    }

    fn may_rotate(&self) -> bool {
        false
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
        "server"
    }
}
