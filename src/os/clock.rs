//! The clocks a token's life is measured on.
//!
//! Two of them, because each fails alone: the wall clock is set by people and
//! daemons, and the monotonic clock stops while the machine sleeps. A token is
//! as old as the older of the two says. The clock that counts sleep costs a
//! full read, so the fast path reads two coarse clocks and asks the expensive
//! one only when their difference has moved.

#[cfg_attr(unix, path = "clock/unix.rs")]
#[cfg_attr(windows, path = "clock/windows.rs")]
mod system;

use std::time::Duration;

pub(crate) use system::boot_id;

use crate::sync::atomic::{AtomicI64, Ordering};

/// The clocks that decide whether a token is still alive, in milliseconds.
///
/// [`Client::with_clock`](crate::Client::with_clock) takes one, so that a test
/// of a program that runs for days takes no time.
pub trait Clock: Send + Sync {
    /// Milliseconds since the Unix epoch.
    fn wall_ms(&self) -> i64;

    /// Milliseconds since the machine was booted, sleep included.
    fn boot_ms(&self) -> i64;

    /// The wall clock and a clock that never steps, both read cheaply and to
    /// about 4 ms, on Windows 16 ms. The second may stop during sleep.
    fn coarse_ms(&self) -> (i64, i64) {
        (self.wall_ms(), self.boot_ms())
    }

    /// Lets `ms` milliseconds pass; blocks.
    fn pause(&self, ms: u64) {
        std::thread::sleep(Duration::from_millis(ms));
    }
}

/// A point in time on both clocks, with the boot that the second belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) wall_ms: i64,
    pub(crate) boot_ms: i64,
}

impl Moment {
    pub(crate) fn of(clock: &dyn Clock) -> Moment {
        Moment {
            wall_ms: clock.wall_ms(),
            boot_ms: clock.boot_ms(),
        }
    }
}

/// The machine's own clocks.
#[derive(Debug, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn wall_ms(&self) -> i64 {
        system::wall_ms()
    }

    fn boot_ms(&self) -> i64 {
        system::boot_ms()
    }

    fn coarse_ms(&self) -> (i64, i64) {
        system::coarse_ms()
    }
}

/// A clock that stands still until it is told to move: for tests.
///
/// ```
/// use authkeep::{Clock, ManualClock};
/// let clock = ManualClock::new(1_000);
/// clock.advance(500);
/// assert_eq!(clock.wall_ms(), 1_500);
/// ```
#[derive(Debug)]
pub struct ManualClock {
    wall_ms: AtomicI64,
    boot_ms: AtomicI64,
}

impl ManualClock {
    /// Both clocks start at `wall_ms` milliseconds since the Unix epoch.
    pub fn new(wall_ms: i64) -> Self {
        ManualClock {
            wall_ms: AtomicI64::new(wall_ms),
            boot_ms: AtomicI64::new(wall_ms),
        }
    }

    /// Lets `ms` milliseconds pass on both clocks.
    pub fn advance(&self, ms: i64) {
        self.wall_ms.fetch_add(ms, Ordering::SeqCst);
        self.boot_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// Sets the wall clock alone, as an operator or a time daemon does.
    pub fn step_wall(&self, ms: i64) {
        self.wall_ms.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn wall_ms(&self) -> i64 {
        self.wall_ms.load(Ordering::SeqCst)
    }

    fn boot_ms(&self) -> i64 {
        self.boot_ms.load(Ordering::SeqCst)
    }

    fn pause(&self, ms: u64) {
        self.advance(i64::try_from(ms).unwrap_or(i64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coarse_clocks_follow_the_exact_ones() {
        let clock = SystemClock;
        let (coarse_wall, _) = clock.coarse_ms();
        assert!((clock.wall_ms() - coarse_wall).abs() < 1_000);
        assert!(clock.boot_ms() > 0);
    }
}
