//! When to try again after a failure: the one policy.
//!
//! A worker repeats a *transient* failure with full jitter. When it gives up the
//! breaker is open: one caller at a time may try again, after 5 s doubling to a
//! minute. *Throttled* requests wait as long as the server asks. *Definitive*
//! failures are not repeated for a long pause, and a password that was refused
//! not at all, because identity providers lock accounts.

use super::source::FailureKind;

/// Requests of one flight, and how long it may pause between them in all.
pub(crate) const MOST_ATTEMPTS: u32 = 3;
pub(crate) const MOST_PAUSE_MS: i64 = 2_000;

const BASE_MS: i64 = 250;
const CAP_MS: i64 = 20_000;
const OPEN_MS: i64 = 5_000;
const LONGEST_OPEN_MS: i64 = 60_000;
const THROTTLED_MS: i64 = 5_000;
/// A server that asks for no pause at all is taken to mean a short one.
const LEAST_RETRY_AFTER_MS: i64 = 1_000;
const LONGEST_RETRY_AFTER_MS: i64 = 3_600_000;
const DEFINITIVE_MS: i64 = 60_000;
const LONGEST_DEFINITIVE_MS: i64 = 900_000;

/// Milliseconds until the next flight may begin, after `count` flights in a row
/// have failed in this way; `random` is uniform. `None`: not before the
/// credentials are others.
pub(crate) fn wait_ms(kind: &FailureKind, count: u32, random: u64) -> Option<i64> {
    let times = count.saturating_sub(1);
    match kind {
        FailureKind::Transient => Some(doubled(OPEN_MS, times).min(LONGEST_OPEN_MS)),
        FailureKind::Throttled { retry_after_ms } => {
            let wait = retry_after_ms
                .unwrap_or(THROTTLED_MS)
                .clamp(LEAST_RETRY_AFTER_MS, LONGEST_RETRY_AFTER_MS);
            Some(wait + share(wait / 10, random))
        }
        FailureKind::Definitive => Some(doubled(DEFINITIVE_MS, times).min(LONGEST_DEFINITIVE_MS)),
        FailureKind::LockOut => None,
    }
}

/// The pause before request `count + 1` of one flight.
pub(crate) fn pause_ms(count: u32, random: u64) -> i64 {
    share(
        doubled(BASE_MS, count.saturating_sub(1)).min(CAP_MS),
        random,
    )
}

pub(crate) fn doubled(base: i64, times: u32) -> i64 {
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
    fn a_worker_pauses_exponentially_with_full_jitter_up_to_a_cap() {
        let longest: Vec<i64> = (1..9).map(|count| pause_ms(count, u64::MAX) + 1).collect();
        let expected = [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000];
        assert_eq!(longest, expected);
        assert_eq!(pause_ms(5, 0), 0);
        assert_eq!(pause_ms(u32::MAX, 1 << 63), 10_000);
    }

    #[test]
    fn the_breaker_is_open_for_five_seconds_doubling_to_a_minute() {
        let waits: Vec<_> = (1..8)
            .map(|count| wait_ms(&FailureKind::Transient, count, 7).unwrap())
            .collect();
        assert_eq!(
            waits,
            [5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]
        );
    }

    #[test]
    fn retry_after_is_obeyed_with_a_little_jitter_and_capped_at_an_hour() {
        let wait = |retry_after_ms, random| {
            wait_ms(&FailureKind::Throttled { retry_after_ms }, 9, random).unwrap()
        };
        assert_eq!(wait(Some(30_000), 0), 30_000);
        assert_eq!(wait(Some(30_000), u64::MAX), 32_999);
        assert_eq!(wait(None, 0), 5_000);
        assert_eq!(wait(Some(i64::MAX), 0), 3_600_000);
        assert_eq!(wait(Some(0), 0), 1_000);
    }

    #[test]
    fn a_definitive_failure_pauses_for_a_minute_doubling_to_a_quarter_of_an_hour() {
        let waits: Vec<_> = (1..7)
            .map(|count| wait_ms(&FailureKind::Definitive, count, 7).unwrap())
            .collect();
        assert_eq!(waits, [60_000, 120_000, 240_000, 480_000, 900_000, 900_000]);
    }

    #[test]
    fn a_refused_password_is_not_tried_again_by_itself() {
        assert_eq!(wait_ms(&FailureKind::LockOut, 1, 7), None);
    }
}
