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
pub(crate) struct Guard(Mutex<Option<Refused>>);

#[derive(Clone)]
struct Refused {
    failure: Failure,
    at: When,
}

impl Guard {
    /// For a forked child, which would send the same once more. Never waits.
    pub(crate) fn in_child(&self) -> Self {
        let refused = self.0.try_lock();
        Guard(Mutex::new(refused.and_then(|refused| refused.clone())))
    }

    /// Why these credentials may not be sent now.
    pub(crate) fn refusal(&self, now: Moment) -> Option<Failure> {
        let refused = self.0.lock();
        let Refused { failure, at } = refused.as_ref()?;
        let is_over = |wait_ms| at.age_ms(now).is_none_or(|age_ms| age_ms >= wait_ms);
        match backoff::wait_ms(&failure.kind, 1, 0) {
            Some(wait_ms) if is_over(wait_ms) => None,
            _ => Some(failure.clone()),
        }
    }

    /// Takes note of how a request with these credentials ended.
    pub(crate) fn ended(&self, failure: Option<&Failure>, now: Moment) {
        let is_about_them = |failure: &&Failure| {
            failure.kind == FailureKind::LockOut || failure.error.code() == "oauth.invalid_client"
        };
        let refused = failure.filter(is_about_them).map(|failure| Refused {
            failure: failure.clone(),
            at: When::at(now),
        });
        match (failure, refused) {
            (_, Some(refused)) => *self.0.lock() = Some(refused),
            (None, None) => self.clear(),
            // Nothing that tells of them.
            (Some(_), None) => {}
        }
    }

    pub(crate) fn clear(&self) {
        *self.0.lock() = None;
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

    #[test]
    fn refused_credentials_are_not_sent_for_a_minute() {
        let guard = Guard::default();
        guard.ended(Some(&refused("oauth.invalid_client")), at(0));
        assert!(guard.refusal(at(59_999)).is_some());
        assert!(guard.refusal(at(60_000)).is_none());
    }

    #[test]
    fn a_refused_password_is_not_sent_until_the_guard_is_cleared() {
        let guard = Guard::default();
        guard.ended(Some(&refused("oauth.invalid_grant").locking()), at(0));
        assert!(guard.refusal(at(i64::MAX / 4)).is_some());
        guard.clear();
        assert!(guard.refusal(at(0)).is_none());
    }

    #[test]
    fn what_is_about_a_scope_or_the_network_concerns_no_other_key() {
        let guard = Guard::default();
        for code in ["oauth.invalid_scope", "oauth.unauthorized_client"] {
            guard.ended(Some(&refused(code)), at(0));
            assert!(guard.refusal(at(0)).is_none(), "{code}");
        }
        let lost = Failure::transient(Error::new(Status::Unavailable, "network.closed", "lost"));
        guard.ended(Some(&refused("oauth.invalid_client")), at(0));
        guard.ended(Some(&lost), at(1));
        assert!(guard.refusal(at(2)).is_some());
        guard.ended(None, at(3));
        assert!(guard.refusal(at(4)).is_none());
    }
}
