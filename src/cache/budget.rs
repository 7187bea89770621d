//! How often a key may ask beyond what is due.
//!
//! The first request after soft expiry is due, and so is one for a token that a
//! server has withdrawn in the second half of its life. Every other draws on a
//! budget: a retry after a failure, another forced renewal, one for a longer
//! validity, one after an answer that was usable for no time. So whatever a
//! server does, it gets no request per call.

use super::record::When;
use crate::os::clock::Moment;

pub(crate) const SPACING_MS: i64 = 1_000;
const WINDOW_MS: i64 = 60_000;
const MOST_IN_WINDOW: usize = 10;

/// Milliseconds until the budget allows another request.
pub(crate) fn wait_ms(spent: &[When], now: Moment) -> i64 {
    let left = |of: Option<&When>, whole: i64| {
        // A clock that can't tell lets the next one through.
        let age = of.and_then(|when| when.age_ms(now)).unwrap_or(whole);
        whole.saturating_sub(age).max(0)
    };
    let oldest = spent.len().checked_sub(MOST_IN_WINDOW);
    left(spent.last(), SPACING_MS).max(left(oldest.and_then(|index| spent.get(index)), WINDOW_MS))
}

/// Takes a request that begins now from the budget.
pub(crate) fn spend(spent: &mut Vec<When>, now: Moment) {
    let surplus = (spent.len() + 1).saturating_sub(MOST_IN_WINDOW);
    spent.drain(..surplus);
    spent.push(When::at(now));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Moment {
        Moment {
            wall_ms: 1_000_000 + ms,
            boot_ms: ms,
        }
    }

    #[test]
    fn one_a_second_and_ten_a_minute_are_allowed() {
        let mut spent = Vec::new();
        let mut allowed = Vec::new();
        for ms in (0..180_000).step_by(100) {
            if wait_ms(&spent, at(ms)) == 0 {
                spend(&mut spent, at(ms));
                allowed.push(ms);
            }
        }
        assert_eq!(allowed[..3], [0, 1_000, 2_000]);
        assert_eq!(allowed[9..12], [9_000, 60_000, 61_000]);
        assert_eq!(allowed.len(), 30);
        assert_eq!(spent.len(), MOST_IN_WINDOW);
    }

    #[test]
    fn the_wait_is_what_is_left() {
        let mut spent = Vec::new();
        assert_eq!(wait_ms(&spent, at(0)), 0);
        spend(&mut spent, at(0));
        assert_eq!(wait_ms(&spent, at(300)), 700);
        for second in 1..10 {
            spend(&mut spent, at(second * 1_000));
        }
        assert_eq!(wait_ms(&spent, at(20_000)), 40_000);
    }
}
