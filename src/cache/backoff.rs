//! When to try again after a failure: the one policy.
//!
//! *Transient* failures back off exponentially with full jitter, *unsettled*
//! ones for some seconds more. *Throttled* ones wait as long as the server asks.
//! *Definitive* ones are not repeated for a long pause, because identity
//! providers lock accounts.

use super::source::FailureKind;

/// Requests of one flight, and how long it may pause between them in all.
pub(crate) const MOST_ATTEMPTS: u32 = 3;
pub(crate) const MOST_PAUSE_MS: i64 = 2_000;

const BASE_MS: i64 = 250;
const CAP_MS: i64 = 20_000;
/// A server that was too slow for its gateway or for us still commits.
const UNSETTLED_MS: i64 = 5_000;
const THROTTLED_MS: i64 = 5_000;
/// A server that asks for no pause at all is taken to mean a short one.
const LEAST_RETRY_AFTER_MS: i64 = 1_000;
const LONGEST_RETRY_AFTER_MS: i64 = 3_600_000;
const DEFINITIVE_MS: i64 = 60_000;
const LONGEST_DEFINITIVE_MS: i64 = 900_000;

/// Milliseconds until the next flight may begin, after `count` requests have
/// failed in a row; `random` is uniform.
pub(crate) fn wait_ms(kind: &FailureKind, count: u32, random: u64) -> i64 {
    match kind {
        FailureKind::Transient => full_jitter_ms(count, random),
        FailureKind::Unsettled => UNSETTLED_MS + full_jitter_ms(count, random),
        FailureKind::Throttled { retry_after_ms } => {
            let wait = retry_after_ms
                .unwrap_or(THROTTLED_MS)
                .clamp(LEAST_RETRY_AFTER_MS, LONGEST_RETRY_AFTER_MS);
            (wait + share(wait / 10, random)).max(full_jitter_ms(count, random))
        }
        FailureKind::Definitive => {
            doubled(DEFINITIVE_MS, count.saturating_sub(1)).min(LONGEST_DEFINITIVE_MS)
        }
    }
}

/// The pause before request `count + 1` of one flight.
pub(crate) fn pause_ms(count: u32, random: u64) -> i64 {
    full_jitter_ms(count.saturating_sub(1), random)
}

fn full_jitter_ms(count: u32, random: u64) -> i64 {
    share(doubled(BASE_MS, count).min(CAP_MS), random)
}

fn doubled(base: i64, times: u32) -> i64 {
    base.saturating_mul(1i64.checked_shl(times.min(40)).unwrap_or(i64::MAX))
}

/// A uniform share of `whole`; `random` is uniform over its type.
pub(crate) fn share(whole: i64, random: u64) -> i64 {
    let scaled = (whole as i128 * i128::from(random)) >> 64;
    i64::try_from(scaled).unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transient_failures_back_off_exponentially_with_full_jitter_up_to_a_cap() {
        let longest: Vec<i64> = (0..9)
            .map(|count| wait_ms(&FailureKind::Transient, count, u64::MAX) + 1)
            .collect();
        assert_eq!(
            longest,
            [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]
        );
        assert_eq!(wait_ms(&FailureKind::Transient, 5, 0), 0);
        assert_eq!(wait_ms(&FailureKind::Transient, u32::MAX, 1 << 63), 10_000);
    }

    #[test]
    fn a_request_that_may_take_effect_yet_is_left_alone_for_seconds() {
        assert_eq!(wait_ms(&FailureKind::Unsettled, 1, 0), 5_000);
        assert_eq!(wait_ms(&FailureKind::Unsettled, 1, u64::MAX), 5_499);
        assert_eq!(wait_ms(&FailureKind::Unsettled, 99, u64::MAX), 24_999);
    }

    #[test]
    fn retry_after_is_obeyed_with_a_little_jitter_and_capped_at_an_hour() {
        let throttled = |retry_after_ms| FailureKind::Throttled { retry_after_ms };
        assert_eq!(wait_ms(&throttled(Some(30_000)), 9, 0), 30_000);
        assert_eq!(wait_ms(&throttled(Some(30_000)), 9, u64::MAX), 32_999);
        assert_eq!(wait_ms(&throttled(None), 1, 0), 5_000);
        assert_eq!(wait_ms(&throttled(Some(i64::MAX)), 1, 0), 3_600_000);
    }

    #[test]
    fn a_server_that_asks_for_no_pause_gets_a_short_one_that_grows() {
        let throttled = FailureKind::Throttled {
            retry_after_ms: Some(0),
        };
        assert_eq!(wait_ms(&throttled, 1, 0), 1_000);
        assert_eq!(wait_ms(&throttled, 1, u64::MAX), 1_099);
        assert_eq!(wait_ms(&throttled, 9, u64::MAX), 19_999);
    }

    #[test]
    fn a_definitive_failure_pauses_for_a_minute_doubling_to_a_quarter_of_an_hour() {
        let waits: Vec<i64> = (1..7)
            .map(|count| wait_ms(&FailureKind::Definitive, count, 7))
            .collect();
        assert_eq!(waits, [60_000, 120_000, 240_000, 480_000, 900_000, 900_000]);
    }
}
