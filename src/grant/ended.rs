//! A token request that brought no token: why, and what that tells of the
//! refresh token that it sent.
//!
//! A refresh token that is given up can't be had back without a person, and one
//! that is sent again after the server has replaced it may cost its successor.
//! So no refusal gives it up but `invalid_grant`.

use std::time::Duration;

use super::refusal::Refusal;
use crate::cache::refresh::Step;
use crate::cache::source::{Failure, Limit};
use crate::error::{Error, Status};
use crate::secret::Secret;
use crate::transport::SendError;

/// How a token request ended that brought no token.
pub(crate) struct Ended {
    pub(crate) failure: Failure,
    pub(crate) oauth_error: Option<String>,
    /// What the server says about its refusal.
    pub(crate) said: Option<String>,
    pub(crate) fate: Fate,
}

/// What a request that failed tells of the refresh token that it sent.
pub(crate) enum Fate {
    /// Not a byte of it left.
    Unsent,
    /// The answer is about something else.
    Kept,
    /// Refused, perhaps by a firewall or for another reason.
    Doubted,
    /// Refused for good.
    Dead,
    /// The answer was lost, or can't be read: the server may have rotated.
    Unknown,
    /// The answer is no use, but for this refresh token in it.
    Replaced(Secret),
}

impl Ended {
    pub(crate) fn unspent(failure: Failure) -> Self {
        Ended {
            failure,
            oauth_error: None,
            said: None,
            fate: Fate::Unsent,
        }
    }

    pub(crate) fn unanswered(
        failed: SendError,
        from: &str,
        limit: &Limit,
        timeout: Duration,
    ) -> Self {
        let fate = if failed.sent {
            Fate::Unknown
        } else {
            Fate::Unsent
        };
        let error = failed.error;
        let failure = match error.status() {
            Status::Deadline | Status::Cancelled if limit.is_the_callers => {
                Failure::transient(error).once()
            }
            Status::Deadline => Failure::transient(Error::new(
                Status::Unavailable,
                "token.timeout",
                format!(
                    "{from} did not answer within {} s (\"timeouts.token_request_ms\")",
                    timeout.as_secs_f64()
                ),
            )),
            Status::Unavailable => Failure::transient(error),
            Status::BadResponse => Failure::transient(error).once(),
            // Trust, limits and what the config doesn't allow stay as they are.
            _ => Failure::definitive(error),
        };
        Ended {
            failure,
            oauth_error: None,
            said: None,
            fate,
        }
    }

    /// Servers tell a dead refresh token in many ways; one of them can't mean
    /// anything else.
    pub(crate) fn refused(refusal: Refusal, status: u16) -> Self {
        let fate = match (refusal.oauth_error.as_deref(), status) {
            (Some("invalid_grant"), _) => Fate::Dead,
            (Some("invalid_client" | "unauthorized_client"), _) => Fate::Kept,
            // An error in a 200 is what others send as a 400.
            (_, 200..300 | 400 | 401 | 403) => Fate::Doubted,
            // A gateway that lost the server's answer.
            (_, 502 | 504) => Fate::Unknown,
            _ => Fate::Kept,
        };
        Ended {
            failure: refusal.failure,
            oauth_error: refusal.oauth_error,
            said: refusal.said,
            fate,
        }
    }

    /// The server may have rotated before it sent what can't be read.
    pub(crate) fn unusable(error: Error) -> Self {
        Ended {
            failure: Failure::transient(error).once(),
            oauth_error: None,
            said: None,
            fate: Fate::Unknown,
        }
    }

    /// A refresh token that came with the failure goes before what else the
    /// answer says; but the one that was sent is only echoed by a refusal.
    pub(crate) fn with_new(self, new: Option<Secret>, step: &Step) -> Self {
        let is_echo = |new: &Secret| matches!(step, Step::Refresh(sent) if sent == new);
        let fate = match (self.fate, new) {
            (Fate::Unknown, Some(new)) => Fate::Replaced(new),
            (Fate::Doubted, Some(new)) if !is_echo(&new) => Fate::Replaced(new),
            (fate, _) => fate,
        };
        Ended { fate, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: Option<&str>, status: u16) -> Ended {
        let error = Error::new(Status::InvalidCredentials, "token.refused", "refused");
        let refusal = Refusal {
            failure: Failure::definitive(error),
            oauth_error: code.map(str::to_owned),
            said: None,
        };
        Ended::refused(refusal, status)
    }

    #[test]
    fn nothing_but_invalid_grant_kills_a_refresh_token() {
        for status in [200, 400, 401, 403, 429, 500, 502] {
            let dead = refused(Some("invalid_grant"), status).fate;
            assert!(matches!(dead, Fate::Dead), "{status}");
        }
        for status in [200, 201, 400, 401, 403] {
            for code in [None, Some("invalid_request"), Some("bad_refresh_token")] {
                let doubted = refused(code, status).fate;
                assert!(matches!(doubted, Fate::Doubted), "{code:?} {status}");
            }
            for code in ["invalid_client", "unauthorized_client"] {
                let kept = refused(Some(code), status).fate;
                assert!(matches!(kept, Fate::Kept), "{code} {status}");
            }
        }
        for status in [302, 404, 408, 429, 500, 503] {
            assert!(matches!(refused(None, status).fate, Fate::Kept), "{status}");
        }
        for status in [502, 504] {
            assert!(matches!(refused(None, status).fate, Fate::Unknown));
        }
    }

    #[test]
    fn a_new_refresh_token_is_taken_out_of_a_failure_and_an_echo_is_not() {
        let sent = Step::Refresh(Secret::new("sent"));
        let taken =
            |ended: Ended, new: &str| match ended.with_new(Some(Secret::new(new)), &sent).fate {
                Fate::Replaced(new) => Some(new.expose().to_owned()),
                _ => None,
            };
        let unusable = || Ended::unusable(Error::new(Status::BadResponse, "token.type", "mac"));
        assert_eq!(taken(unusable(), "new").as_deref(), Some("new"));
        assert_eq!(taken(unusable(), "sent").as_deref(), Some("sent"));
        assert_eq!(taken(refused(None, 200), "new").as_deref(), Some("new"));
        assert_eq!(taken(refused(None, 200), "sent"), None);
        assert_eq!(taken(refused(Some("invalid_grant"), 200), "new"), None);
    }
}
