//! Token requests of one credential: reads its secrets, spends its grant.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;

use crate::cache::refresh::{GrantRecord, GrantSlot, Spend, Step};
use crate::cache::registry::{CacheKey, KeyHasher, Registry};
use crate::cache::source::{Failure, Limit, Source, TokenAnswer};
use crate::config::{GrantKind, Lifetime, SecretSource, Settings};
use crate::error::{Error, Result, Status};
use crate::grant::answer::{self, LARGEST_ANSWER};
use crate::grant::refusal::{self, Context, Refusal};
use crate::grant::request::{Credentials, basic, token_request};
use crate::secret::Secret;
use crate::transport::{HttpResponse, Limits, SendError, Transport};
use crate::url::Url;

/// Grants that several clients share, so that none spends what another has.
static GRANTS: Registry<CacheKey, GrantSlot> = Registry::new();

/// The source of one credential's tokens.
pub(crate) struct Issuer {
    settings: Settings,
    transport: Transport,
    /// Kept, so that a rotated refresh token lives as long as its credential.
    grant: Mutex<Option<(CacheKey, Arc<GrantSlot>)>>,
}

/// How a token request ended that brought no token.
struct Ended {
    failure: Failure,
    oauth_error: Option<String>,
    spent: Spent,
}

/// What is known of a refresh token after a request that failed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spent {
    /// Not a byte of it was sent.
    No,
    /// The server said no: it is as good or as bad as that says.
    Answered,
    /// The answer was lost.
    Unknown,
}

impl Issuer {
    pub(crate) fn new(settings: Settings) -> Result<Self> {
        Ok(Issuer {
            transport: Transport::new(&settings)?,
            settings,
            grant: Mutex::new(None),
        })
    }

    /// The key is read again as often as a token of the default life would be,
    /// so that a rotated key is taken up.
    fn read_key(&self, source: &SecretSource) -> std::result::Result<TokenAnswer, Failure> {
        let key = source.read().map_err(unreadable)?;
        Ok(TokenAnswer {
            access_token: without_scheme(key, &self.settings.credential.scheme),
            token_type: String::new(),
            scope: None,
            refresh_token: None,
            claimed_life_ms: None,
            is_static: true,
        })
    }

    /// Spends the refresh token if there is one, else the first grant.
    fn issue_by_grant(
        &self,
        endpoint: &Url,
        credentials: &Credentials,
        limit: &Limit,
    ) -> std::result::Result<TokenAnswer, Failure> {
        let has_first_grant = self.settings.grant == GrantKind::Password;
        let slot = self.grant_slot().map_err(unreadable)?;
        let taken = slot.take(limit).map_err(Failure::transient)?;
        let record = taken.record();
        let step = record.step(has_first_grant);
        let ended = match &step {
            Step::SignIn => return Err(self.sign_in(None)),
            Step::FirstGrant => {
                let answer = self
                    .request(endpoint, credentials, &step, limit)
                    .map_err(|ended| ended.failure)?;
                taken.commit(GrantRecord::granted(answer.refresh_token.clone()));
                return Ok(answer);
            }
            Step::Refresh(_) => match self.request(endpoint, credentials, &step, limit) {
                Ok(answer) => {
                    let spend = Spend::Renewed(answer.refresh_token.clone());
                    taken.commit(record.after(spend, has_first_grant));
                    return Ok(answer);
                }
                Err(ended) => ended,
            },
        };
        if ended.spent == Spent::Unknown {
            taken.commit(record.after(Spend::Unknown, has_first_grant));
        } else if ended.refuses_the_refresh_token(has_first_grant) {
            taken.commit(record.after(Spend::Refused, has_first_grant));
        } else {
            // Sent once: only what never left may be repeated at once.
            return Err(match ended.spent {
                Spent::No => ended.failure,
                _ => ended.failure.once(),
            });
        }
        match taken.record().step(has_first_grant) {
            Step::FirstGrant => {
                let answer = self
                    .request(endpoint, credentials, &Step::FirstGrant, limit)
                    .map_err(|ended| ended.failure)?;
                taken.commit(GrantRecord::granted(answer.refresh_token.clone()));
                Ok(answer)
            }
            Step::SignIn => Err(self.sign_in(Some(ended))),
            // The one retry is a request of its own, after a pause.
            Step::Refresh(_) => Err(ended.failure.once()),
        }
    }

    fn request(
        &self,
        endpoint: &Url,
        credentials: &Credentials,
        step: &Step,
        limit: &Limit,
    ) -> std::result::Result<TokenAnswer, Ended> {
        let request = token_request(&self.settings, endpoint, credentials, step)
            .map_err(|error| Ended::unspent(Failure::definitive(error)))?;
        let limits = Limits {
            call: &limit.call,
            deadline: limit.deadline,
            largest_body: LARGEST_ANSWER,
        };
        let from = self.name_of(endpoint);
        let answer = self
            .transport
            .send_fresh(&request, &limits)
            .map_err(|error| self.unanswered(error, &from, limit))?;
        self.read_answer(&answer, credentials, step, &from)
    }

    fn read_answer(
        &self,
        answer: &HttpResponse,
        credentials: &Credentials,
        step: &Step,
        from: &str,
    ) -> std::result::Result<TokenAnswer, Ended> {
        let basic = basic(&self.settings, credentials);
        let mut secrets = credentials.secrets();
        secrets.extend(&basic);
        if let Step::Refresh(refresh_token) = step {
            secrets.push(refresh_token);
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let context = Context {
            from,
            credential: &self.credential_of(step),
            secrets: &secrets,
            now_unix_s: now.map_or(0, |since| since.as_secs().cast_signed()),
        };
        if let Some(refusal) = refusal::read(answer, &context) {
            return Err(Ended::refused(refusal, answer.status));
        }
        // The server may have rotated before it sent what can't be read.
        answer::read(&answer.body, from, &self.settings.token_answer).map_err(|error| Ended {
            failure: Failure::transient(error.with_http_status(answer.status)).once(),
            oauth_error: None,
            spent: Spent::Unknown,
        })
    }

    fn unanswered(&self, failed: SendError, from: &str, limit: &Limit) -> Ended {
        let spent = if failed.sent {
            Spent::Unknown
        } else {
            Spent::No
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
                    self.settings.timeouts.token_request.as_secs_f64()
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
            spent,
        }
    }

    fn sign_in(&self, ended: Option<Ended>) -> Failure {
        let source = self.settings.refresh_token.as_ref();
        let place = source.map_or_else(String::new, |source| format!(" ({})", source.describe()));
        let error = Error::new(
            Status::ReauthRequired,
            "token.sign_in",
            format!(
                "{}: the refresh token is no longer valid; sign in again, put the new one in \
                 \"refresh_token\"{place}, then call reset",
                self.settings.label
            ),
        );
        let Some(ended) = ended else {
            return Failure::definitive(error);
        };
        let error = match ended.failure.error.http_status() {
            Some(http_status) => error.with_http_status(http_status),
            None => error,
        };
        Failure::definitive(match ended.oauth_error {
            Some(code) => {
                let description = ended.failure.error.oauth_description();
                error.with_oauth(code, description.map(str::to_owned))
            }
            None => error,
        })
    }

    /// The record of the grant that is configured now: another seed, put in
    /// place by a person who signed in again, starts another record.
    fn grant_slot(&self) -> Result<Arc<GrantSlot>> {
        let settings = &self.settings;
        let seed = match &settings.refresh_token {
            Some(source) => Some(source.read()?),
            None => None,
        };
        let mut hasher = KeyHasher::new("grant")?;
        let endpoint = settings.token_endpoint.as_ref().map(Url::to_text);
        hasher.add("token_endpoint", endpoint.as_deref().unwrap_or_default());
        hasher.add(
            "client_id",
            settings.client_id.as_deref().unwrap_or_default(),
        );
        match &seed {
            Some(seed) => hasher.add("refresh_token", seed.expose()),
            // Nothing was seeded: the grant is this credential's own.
            None => hasher.add("issuer", &format!("{:p}", std::ptr::from_ref(self))),
        }
        let key = hasher.finish();
        let mut grant = self.grant.lock();
        if let Some((known, slot)) = &*grant
            && *known == key
        {
            return Ok(slot.clone());
        }
        let slot = GRANTS.get_or_make(key, || GrantSlot::new(GrantRecord::seeded(seed)));
        *grant = Some((key, slot.clone()));
        Ok(slot)
    }

    fn name_of(&self, endpoint: &Url) -> String {
        if self.settings.label == endpoint.host() {
            format!("the token endpoint {}", endpoint.without_query())
        } else {
            format!(
                "{}: the token endpoint {}",
                self.settings.label,
                endpoint.without_query()
            )
        }
    }

    /// Which keys to look at when `step` was refused.
    fn credential_of(&self, step: &Step) -> String {
        let settings = &self.settings;
        let named = |key: &str, source: Option<&SecretSource>| match source {
            Some(source) => format!("\"{key}\" ({})", source.describe()),
            None => format!("\"{key}\""),
        };
        match step {
            Step::Refresh(_) => named("refresh_token", settings.refresh_token.as_ref()),
            _ if settings.grant == GrantKind::Password => format!(
                "\"username\" and {}",
                named("password", settings.password.as_ref())
            ),
            _ => named("client_secret", settings.client_secret.as_ref()),
        }
    }
}

impl Source for Issuer {
    fn issue(&self, limit: &Limit) -> std::result::Result<TokenAnswer, Failure> {
        let settings = &self.settings;
        if let (GrantKind::ApiKey, Some(source)) = (settings.grant, &settings.api_key) {
            return self.read_key(source);
        }
        let Some(endpoint) = &settings.token_endpoint else {
            return Err(Failure::definitive(Error::new(
                Status::Internal,
                "internal.no_token_endpoint",
                "the checked config has no token endpoint; please report it",
            )));
        };
        let credentials = Credentials::read(settings).map_err(unreadable)?;
        if settings.grant == GrantKind::ClientCredentials {
            return self
                .request(endpoint, &credentials, &Step::FirstGrant, limit)
                .map_err(|ended| ended.failure);
        }
        self.issue_by_grant(endpoint, &credentials, limit)
    }

    fn may_rotate(&self) -> bool {
        let holds_a_refresh_token = || match &*self.grant.lock() {
            Some((_, slot)) => slot.holds_a_refresh_token(),
            None => self.settings.refresh_token.is_some(),
        };
        match self.settings.grant {
            GrantKind::ClientCredentials | GrantKind::ApiKey => false,
            GrantKind::Password | GrantKind::RefreshToken => holds_a_refresh_token(),
        }
    }

    fn lifetime(&self) -> &Lifetime {
        &self.settings.lifetime
    }

    fn timeout(&self) -> Duration {
        self.settings.timeouts.token_request
    }
}

impl Ended {
    fn unspent(failure: Failure) -> Self {
        Ended {
            failure,
            oauth_error: None,
            spent: Spent::No,
        }
    }

    fn refused(refusal: Refusal, status: u16) -> Self {
        Ended {
            failure: refusal.failure,
            oauth_error: refusal.oauth_error,
            // A gateway that lost the server's answer.
            spent: match status {
                502 | 504 => Spent::Unknown,
                _ => Spent::Answered,
            },
        }
    }

    /// Servers tell a dead refresh token in many ways: with a first grant at
    /// hand each of them leads to it; without one the token is given up only
    /// on what can't mean anything else.
    fn refuses_the_refresh_token(&self, has_first_grant: bool) -> bool {
        let status = self.failure.error.http_status();
        if !matches!(status, Some(400 | 401 | 403)) {
            return false;
        }
        match self.oauth_error.as_deref() {
            Some("invalid_client" | "unauthorized_client") => false,
            Some("invalid_grant") | None => true,
            Some(_) => has_first_grant,
        }
    }
}

/// The key alone: consoles show it with the scheme that goes before it.
fn without_scheme(key: Secret, scheme: &str) -> Secret {
    let (first, rest) = key.expose().split_once(' ').unwrap_or_default();
    match !scheme.is_empty() && first.eq_ignore_ascii_case(scheme) && !rest.is_empty() {
        true => Secret::new(rest),
        false => key,
    }
}

/// A secret that can't be read now may be readable a moment later; asking for
/// it again harms nobody.
fn unreadable(error: Error) -> Failure {
    Failure::transient(error).once()
}
