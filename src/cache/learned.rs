//! How long tokens really live, where a server claims more: pure arithmetic.
//!
//! Some servers say 30 days and mean one, others end tokens when they restart. A
//! token that is refused where its successor is accepted has ended early. When
//! that happens again, tokens are renewed before the age at which it did. What was
//! learned fades: it doubles every six hours, so that an accident leaves no trace.

use serde::{Deserialize, Serialize};

use super::backoff::doubled;
use super::record::When;
use crate::os::clock::Moment;

/// One may be an accident.
const ENDS: usize = 2;
/// A server whose tokens end sooner is not mended by asking more often.
const SHORTEST_MS: i64 = 30_000;
const DOUBLES_AFTER_MS: i64 = 6 * 3_600_000;

/// A token that was refused before the end of the life that was claimed for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EarlyEnd(pub(crate) i64);

/// The age at which a token ended, and when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct EndFacts {
    pub(crate) age_ms: i64,
    pub(crate) at: When,
}

/// Adds an early end to those that are remembered.
pub(crate) fn learn(ends: &mut Vec<EndFacts>, EarlyEnd(age_ms): EarlyEnd, now: Moment) {
    let surplus = (ends.len() + 1).saturating_sub(ENDS);
    ends.drain(..surplus);
    ends.push(EndFacts {
        age_ms,
        at: When::at(now),
    });
}

/// The life that was learned, as far as it has not faded: the longer of the ages
/// at which tokens ended. `None` where nothing was learned.
pub(crate) fn life_ms(ends: &[EndFacts], now: Moment) -> Option<i64> {
    if ends.len() < ENDS {
        return None;
    }
    let lives = ends.iter().map(|end| {
        let ago = end.at.age_ms(now).unwrap_or(i64::MAX);
        let times = u32::try_from(ago / DOUBLES_AFTER_MS).unwrap_or(u32::MAX);
        doubled(end.age_ms.max(SHORTEST_MS), times)
    });
    lives.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn at(ms: i64) -> Moment {
        Moment {
            wall_ms: 1_000_000 + ms,
            boot_ms: ms,
        }
    }

    fn after(ends: &[(i64, i64)]) -> Vec<EndFacts> {
        let mut known = Vec::new();
        for (age_ms, when) in ends {
            learn(&mut known, EarlyEnd(*age_ms), at(*when));
        }
        known
    }

    #[test]
    fn one_early_end_is_an_accident_and_two_are_a_rule() {
        assert_eq!(life_ms(&after(&[(600_000, 0)]), at(0)), None);
        let twice = after(&[(600_000, 0), (700_000, 0)]);
        assert_eq!(life_ms(&twice, at(0)), Some(700_000));
        let thrice = after(&[(900_000, 0), (600_000, 0), (700_000, 0)]);
        assert_eq!(life_ms(&thrice, at(0)), Some(700_000));
    }

    #[test]
    fn what_was_learned_doubles_every_six_hours() {
        let ends = after(&[(600_000, 0), (600_000, 0)]);
        let lives: Vec<_> = (0..4)
            .map(|times| life_ms(&ends, at(6 * times * HOUR)))
            .collect();
        assert_eq!(lives, [600_000, 1_200_000, 2_400_000, 4_800_000].map(Some));
        assert!(life_ms(&ends, at(10_000 * HOUR)).unwrap() > 1 << 50);
    }

    #[test]
    fn no_life_of_less_than_half_a_minute_is_learned() {
        let ends = after(&[(1_000, 0), (2_000, 0)]);
        assert_eq!(life_ms(&ends, at(0)), Some(30_000));
    }
}
