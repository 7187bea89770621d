//! Clocks that are set, and machines that sleep.

use std::sync::atomic::AtomicI64;

use super::*;

const HOUR: i64 = 3_600_000;
const TEN_YEARS: i64 = 10 * 365 * 24 * HOUR;

#[test]
fn a_wall_clock_that_is_set_back_resurrects_nothing() {
    for step in [-1_000, -HOUR, -TEN_YEARS] {
        let bench = Bench::new(600_000);
        bench.token().unwrap();
        bench.clock.step_wall(step);
        assert_eq!(bench.text(), "token-1", "{step}: still young");
        bench.clock.advance(601_000);
        assert_eq!(
            bench.text(),
            "token-2",
            "{step}: as old as the other clock says"
        );
    }
}

#[test]
fn a_wall_clock_that_is_set_forward_expires_the_token_and_starts_no_storm() {
    for step in [HOUR, TEN_YEARS] {
        let bench = Bench::new(600_000);
        bench.token().unwrap();
        bench.clock.step_wall(step);
        for _ in 0..20 {
            assert_eq!(bench.text(), "token-2", "{step}");
        }
        assert_eq!(bench.script.requests(), 2, "{step}");
    }
}

#[test]
fn a_small_step_changes_nothing() {
    for step in [-1_000, 1_000] {
        let bench = Bench::new(600_000);
        bench.token().unwrap();
        bench.clock.step_wall(step);
        for _ in 0..20 {
            assert_eq!(bench.text(), "token-1");
        }
        assert_eq!(bench.script.requests(), 1);
    }
}

#[test]
fn a_backoff_ends_by_the_other_clock_when_the_wall_clock_is_set_back() {
    let bench = Bench::new(600_000);
    bench.script.then(Err(throttled(30_000)));
    bench.token().unwrap_err();
    bench.clock.step_wall(-TEN_YEARS);
    bench.token().unwrap_err();
    bench.clock.advance(34_000);
    assert_eq!(bench.text(), "token-2");
}

/// As Linux has it: the clock of the fast path stops while the machine sleeps.
struct Sleeper {
    wall_ms: AtomicI64,
    boot_ms: AtomicI64,
    awake_ms: AtomicI64,
}

impl Sleeper {
    fn sleep(&self, ms: i64, wall_ms: i64) {
        self.boot_ms.fetch_add(ms, Ordering::SeqCst);
        self.wall_ms.fetch_add(wall_ms, Ordering::SeqCst);
    }
}

impl Clock for Sleeper {
    fn wall_ms(&self) -> i64 {
        self.wall_ms.load(Ordering::SeqCst)
    }

    fn boot_ms(&self) -> i64 {
        self.boot_ms.load(Ordering::SeqCst)
    }

    fn coarse_ms(&self) -> (i64, i64) {
        (self.wall_ms(), self.awake_ms.load(Ordering::SeqCst))
    }
}

#[test]
fn a_token_that_expired_while_the_machine_slept_is_not_handed_out() {
    let sleeper = Arc::new(Sleeper {
        wall_ms: AtomicI64::new(1_767_225_600_000),
        boot_ms: AtomicI64::new(1_000_000),
        awake_ms: AtomicI64::new(1_000_000),
    });
    let script = Script::new(600_000);
    let entry = Bench::entry(sleeper.clone(), script.clone());
    let text = || {
        let by = Instant::now() + Duration::from_secs(20);
        let token = entry.token(&Call::new(), || by, Token::clone).unwrap();
        token.access_token().to_owned()
    };
    assert_eq!(text(), "token-1");
    sleeper.sleep(60_000, 60_000);
    for _ in 0..10 {
        assert_eq!(text(), "token-1", "a short sleep");
    }
    sleeper.sleep(2 * HOUR, 2 * HOUR);
    assert_eq!(text(), "token-2");
    // A wall clock that was set back over the sleep shows half of it.
    sleeper.sleep(2 * HOUR, HOUR / 2);
    assert_eq!(text(), "token-3");
}

#[test]
fn a_record_of_another_boot_is_judged_by_the_wall_clock_alone() {
    use crate::cache::record::When;
    use crate::os::clock::Moment;

    let recorded = When {
        wall_ms: 1_000_000,
        boot_ms: 999_000,
        boot_id: "another boot".into(),
    };
    let at = |wall_ms| Moment {
        wall_ms,
        boot_ms: 5,
    };
    assert_eq!(recorded.age_ms(at(1_060_000)), Some(60_000));
    assert_eq!(recorded.age_ms(at(900_000)), None, "nobody can tell");
}

#[test]
fn a_life_counts_from_before_the_request_was_sent() {
    let bench = Bench::new(100_000);
    let asked_at = bench.clock.wall_ms() / 1_000;
    bench.script.hold();
    std::thread::scope(|scope| {
        let caller = scope.spawn(|| bench.token().unwrap());
        bench.script.wait_until_asked(1);
        bench.clock.advance(12_000);
        bench.script.release();
        assert_eq!(caller.join().unwrap().expires_at(), Some(asked_at + 100));
    });
    bench.clock.advance(78_500);
    assert_eq!(bench.text(), "token-2", "old enough to be no longer usable");
}

#[test]
fn a_token_of_another_boot_is_dead_when_the_wall_clock_is_earlier_than_it_was() {
    use crate::cache::decide::{Decision, decide};
    use crate::cache::record::{Issued, Outcome, TokenRecord, When};
    use crate::os::clock::Moment;

    let then = Moment {
        wall_ms: 1_767_225_600_000,
        boot_ms: 5_000_000,
    };
    let issued = Issued {
        answer: issued("t", Some(600_000)),
        requested_at: When {
            boot_id: "another boot".into(),
            ..When::at(then)
        },
        forced: false,
    };
    let outcome = Outcome {
        epoch: 0,
        attempts: 1,
        result: Ok(issued),
    };
    let record = TokenRecord::default().apply(outcome, then, 7);
    let after = |ms| {
        let now = Moment {
            wall_ms: then.wall_ms + ms,
            boot_ms: 1_000,
        };
        decide(&record, now, 0, &RULES, false)
    };
    assert!(matches!(after(1_000), Decision::Serve { met: true }));
    assert!(matches!(after(-1_000), Decision::Fetch { .. }));
}

#[test]
fn a_wall_clock_that_steps_gives_up_no_request_that_is_under_way() {
    let bench = Bench::new(60_000);
    bench.script.hold();
    let hurried = Call::new().timeout(Duration::ZERO);
    bench.token_for(&hurried).unwrap_err();
    bench.script.wait_until_asked(1);
    bench.clock.step_wall(3_600_000);
    bench.token_for(&hurried).unwrap_err();
    assert!(bench.entry.is_in_flight());
    bench.script.release();
    bench.settle();
    assert_eq!(bench.script.requests(), 1);
}
