//! The lock-out guard: what a refusal of credentials means for every key that
//! would send the same ones.
//!
//! Tokens of three scopes are three keys, but one client secret: the identity
//! provider counts each wrong guess towards the same lock-out.

use super::backoff;
use super::record::When;
use super::source::{Failure, FailureKind};
use crate::os::clock::Moment;
use crate::sync::Mutex;

/// The last refusal of one set of credentials.
#[derive(Default)]
pub(crate) struct Guard(Mutex<Watch>);

#[derive(Clone, Default)]
struct Watch {
    refused: Option<Refused>,
    /// Counts the times that all was forgotten.
    epoch: u64,
}

#[derive(Clone)]
struct Refused {
    failure: Failure,
    at: When,
}

impl Guard {
    /// For a forked child, which would send the same once more. Never waits.
    pub(crate) fn in_child(&self) -> Self {
        let watch = self.0.try_lock().map(|watch| watch.clone());
        Guard(Mutex::new(watch.unwrap_or_default()))
    }

    /// The epoch in which these credentials are sent now, or why they may not be.
    pub(crate) fn begin(&self, now: Moment) -> Result<u64, Failure> {
        let watch = self.0.lock();
        let Some(Refused { failure, at }) = &watch.refused else {
            return Ok(watch.epoch);
        };
        let is_over = |wait_ms| at.age_ms(now).is_none_or(|age_ms| age_ms >= wait_ms);
        match backoff::wait_ms(&failure.kind, 1, 0) {
            Some(wait_ms) if is_over(wait_ms) => Ok(watch.epoch),
            _ => Err(failure.clone()),
        }
    }

    /// Takes note of how a request that was begun in `epoch` ended.
    pub(crate) fn ended(&self, epoch: u64, failure: Option<&Failure>, now: Moment) {
        let is_about_them = |failure: &&Failure| {
            failure.kind == FailureKind::LockOut || failure.error.code() == "oauth.invalid_client"
        };
        let refused = failure.filter(is_about_them).map(|failure| Refused {
            failure: failure.clone(),
            at: When::at(now),
        });
        let mut watch = self.0.lock();
        match (failure, refused) {
            // What was mended since then was not yet when it was sent.
            (_, Some(_)) if epoch < watch.epoch => {}
            (_, Some(refused)) => watch.refused = Some(refused),
            (None, None) => watch.refused = None,
            // Nothing that tells of them.
            (Some(_), None) => {}
        }
    }

    pub(crate) fn clear(&self) {
        let mut watch = self.0.lock();
        watch.refused = None;
        watch.epoch += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, Status};

    fn at(ms: i64) -> Moment {
        Moment {
            wall_ms: 1_000_000 + ms,
            boot_ms: ms,
        }
    }

    fn refused(code: &'static str) -> Failure {
        Failure::definitive(Error::new(Status::InvalidCredentials, code, "refused"))
    }

    fn ended(guard: &Guard, failure: Option<&Failure>, ms: i64) {
        let epoch = guard.0.lock().epoch;
        guard.ended(epoch, failure, at(ms));
    }

    #[test]
    fn refused_credentials_are_not_sent_for_a_minute() {
        let guard = Guard::default();
        ended(&guard, Some(&refused("oauth.invalid_client")), 0);
        assert!(guard.begin(at(59_999)).is_err());
        assert!(guard.begin(at(60_000)).is_ok());
    }

    #[test]
    fn a_refused_password_is_not_sent_until_the_guard_is_cleared() {
        let guard = Guard::default();
        ended(&guard, Some(&refused("oauth.invalid_grant").locking()), 0);
        assert!(guard.begin(at(i64::MAX / 4)).is_err());
        guard.clear();
        assert!(guard.begin(at(0)).is_ok());
    }

    #[test]
    fn a_late_refusal_of_what_was_sent_before_the_guard_was_cleared_changes_nothing() {
        let guard = Guard::default();
        let before = guard.begin(at(0)).ok().unwrap();
        guard.clear();
        let refusal = refused("oauth.invalid_grant").locking();
        guard.ended(before, Some(&refusal), at(1));
        let after = guard.begin(at(2)).ok().unwrap();
        guard.ended(after, Some(&refusal), at(3));
        assert!(guard.begin(at(4)).is_err());
    }

    #[test]
    fn what_is_about_a_scope_or_the_network_concerns_no_other_key() {
        let guard = Guard::default();
        for code in ["oauth.invalid_scope", "oauth.unauthorized_client"] {
            ended(&guard, Some(&refused(code)), 0);
            assert!(guard.begin(at(0)).is_ok(), "{code}");
        }
        let lost = Failure::transient(Error::new(Status::Unavailable, "network.closed", "lost"));
        ended(&guard, Some(&refused("oauth.invalid_client")), 0);
        ended(&guard, Some(&lost), 1);
        assert!(guard.begin(at(2)).is_err());
        ended(&guard, None, 3);
        assert!(guard.begin(at(4)).is_ok());
    }
}
