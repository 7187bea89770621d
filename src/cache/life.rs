//! How much of its life a token has left: pure arithmetic.

use super::backoff::share;
use super::record::TokenFacts;
use crate::config::Lifetime;
use crate::os::clock::Moment;

const LONGEST_MARGIN_MS: i64 = 30_000;
const LONGEST_JITTER_MS: i64 = 60_000;

/// What is left of a token, in milliseconds; zero or negative when over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    /// The whole life, as this config sees it.
    pub(crate) whole_ms: i64,
    pub(crate) age_ms: i64,
    /// Until the server ends it.
    pub(crate) left_ms: i64,
    /// Until it is no longer handed out: a request needs time on its way.
    pub(crate) usable_ms: i64,
    /// Until it is renewed ahead of need.
    pub(crate) fresh_ms: i64,
}

/// `learned_ms`: the life that tokens were seen to have. `failing`: an attempt to
/// renew this token has failed; then it is used to its true expiry, which is what
/// the server claimed.
pub(crate) fn life(
    token: &TokenFacts,
    now: Moment,
    rules: &Lifetime,
    learned_ms: Option<i64>,
    failing: bool,
) -> Life {
    let claimed_ms = whole_ms(token, rules);
    let whole_ms = learned_ms.map_or(claimed_ms, |learned_ms| learned_ms.min(claimed_ms));
    let age_ms = token.requested_at.age_ms(now).unwrap_or(i64::MAX);
    let margin_ms = LONGEST_MARGIN_MS.min(whole_ms / 10);
    let ahead_ms = rules.refresh_before_ms.min(whole_ms / 5);
    // Taken from the generation, so that each reader of a record finds the
    // same, and no two machines renew in step.
    let jitter_ms = share(LONGEST_JITTER_MS.min(whole_ms / 10), token.generation.id);
    let asked_ms = token.refresh_in_ms.filter(|asked_ms| *asked_ms < whole_ms);
    let renew_at_ms = match asked_ms {
        Some(asked_ms) => asked_ms.max(margin_ms),
        None => whole_ms - ahead_ms - jitter_ms,
    };
    let (end_ms, margin_ms) = match failing {
        true => (claimed_ms, 0),
        false => (whole_ms, margin_ms),
    };
    let left_ms = end_ms.saturating_sub(age_ms);
    Life {
        whole_ms,
        age_ms,
        left_ms,
        usable_ms: left_ms.saturating_sub(margin_ms),
        fresh_ms: renew_at_ms.saturating_sub(age_ms),
    }
}

/// The life that the server claimed, or what this config puts in its place.
pub(crate) fn whole_ms(token: &TokenFacts, rules: &Lifetime) -> i64 {
    let claimed = token.claimed_life_ms.unwrap_or(rules.default_ms);
    claimed.clamp(0, rules.max_ms)
}

impl Life {
    /// The shortest time between two attempts to renew ahead of need.
    pub(crate) fn pace_ms(&self) -> i64 {
        LONGEST_MARGIN_MS.min(self.whole_ms / 10)
    }

    /// Where a server may well have withdrawn it.
    pub(crate) fn is_in_second_half(&self) -> bool {
        self.age_ms > self.whole_ms / 2
    }

    /// Whether a token that a refusal forced is too young to force another.
    pub(crate) fn is_too_young_to_force(&self) -> bool {
        self.age_ms < LONGEST_MARGIN_MS.min(self.whole_ms / 2)
    }
}
