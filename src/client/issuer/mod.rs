//! Token requests of one credential: reads its secrets, spends its grant.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::grants::Grants;
use super::guards::Guards;
use crate::cache::refresh::{GrantRecord, Spend, Step, TakenGrant};
use crate::cache::source::{Failure, Limit, Source, TokenAnswer};
use crate::config::{GrantKind, Lifetime, SecretSource, Settings};
use crate::error::{Error, Result, Status};
use crate::grant::answer::{self, LARGEST_ANSWER};
use crate::grant::ended::{Ended, Fate};
use crate::grant::refusal::{self, Context};
use crate::grant::request::{Credentials, basic, token_request};
use crate::os::fork::Once;
use crate::secret::Secret;
use crate::transport::{HttpResponse, Limits, Transport};
use crate::url::Url;

mod messages;

/// Keyed by this process, so that no number tells of a secret.
static FINGERPRINTS: Once<RandomState> = Once::new();

/// The source of one credential's tokens.
pub(crate) struct Issuer {
    settings: Settings,
    transport: Transport,
    grants: Grants,
    guards: Guards,
}

impl Issuer {
    pub(crate) fn new(settings: Settings) -> Result<Self> {
        Ok(Issuer {
            transport: Transport::new(&settings)?,
            grants: Grants::new(&settings)?,
            guards: Guards::default(),
            settings,
        })
    }

    /// For a forked child: the same credential over connections of the child's own.
    pub(crate) fn in_child(settings: Settings, transport: Transport) -> Self {
        Issuer {
            settings,
            transport,
            grants: Grants::in_child(),
            guards: Guards::default(),
        }
    }

    /// The key is read again as often as a token of the default life would be,
    /// so that a rotated key is taken up.
    fn read_key(
        &self,
        source: &SecretSource,
        limit: &Limit,
    ) -> std::result::Result<TokenAnswer, Failure> {
        let key = source.read(&limit.call, limit.deadline);
        let key = key.map_err(|error| unreadable(error, limit))?;
        Ok(TokenAnswer {
            access_token: without_scheme(key, &self.settings.credential.scheme),
            token_type: String::new(),
            scope: None,
            refresh_token: None,
            claimed_life_ms: None,
            refresh_in_ms: None,
            is_static: true,
        })
    }

    /// Spends what the grant has, and sees to it that what is known afterwards
    /// outlives this credential's clients.
    fn issue_by_grant(
        &self,
        endpoint: &Url,
        credentials: &Credentials,
        limit: &Limit,
    ) -> std::result::Result<TokenAnswer, Failure> {
        let slot = self.grants.slot(&self.settings, limit);
        let slot = slot.map_err(|error| unreadable(error, limit))?;
        let taken = slot.take(limit).map_err(Failure::transient)?;
        let result = self.spend(&taken, endpoint, credentials, limit);
        Grants::keep(&slot);
        result
    }

    /// Spends the refresh token if there is one, else the first grant.
    fn spend(
        &self,
        taken: &TakenGrant,
        endpoint: &Url,
        credentials: &Credentials,
        limit: &Limit,
    ) -> std::result::Result<TokenAnswer, Failure> {
        let has_first_grant = self.settings.grant == GrantKind::Password;
        let on_unknown = self.settings.on_unknown_outcome;
        let first_grant = || self.spend_first_grant(taken, endpoint, credentials, limit);
        let record = taken.record();
        let step = record.step(has_first_grant);
        let mut ended = match &step {
            Step::SignIn if taken.is_parents() => return Err(self.forked()),
            Step::SignIn => return Err(self.sign_in(None)),
            Step::FirstGrant => return first_grant(),
            Step::Refresh(_) => match self.request(endpoint, credentials, &step, limit) {
                Ok(answer) => {
                    let spend = Spend::Renewed(answer.refresh_token.clone());
                    taken.commit(record.after(spend, on_unknown));
                    return Ok(answer);
                }
                Err(ended) => ended,
            },
        };
        // Sent once: only what never left may be repeated at once.
        let spend = match std::mem::replace(&mut ended.fate, Fate::Kept) {
            Fate::Unsent => return Err(ended.failure),
            Fate::Kept => return Err(ended.failure.once()),
            Fate::Doubted if has_first_grant => return first_grant().map_err(Failure::once),
            Fate::Doubted => return Err(self.doubted(ended)),
            Fate::Replaced(new) => Spend::Renewed(Some(new)),
            Fate::Unknown => Spend::Unknown,
            Fate::Dead => Spend::Refused,
        };
        let record = record.after(spend, on_unknown);
        let next = record.step(has_first_grant);
        taken.commit(record);
        match next {
            Step::FirstGrant => first_grant(),
            Step::SignIn => Err(self.sign_in(Some(ended))),
            Step::Refresh(_) => Err(ended.failure.once()),
        }
    }

    fn spend_first_grant(
        &self,
        taken: &TakenGrant,
        endpoint: &Url,
        credentials: &Credentials,
        limit: &Limit,
    ) -> std::result::Result<TokenAnswer, Failure> {
        match self.request(endpoint, credentials, &Step::FirstGrant, limit) {
            Ok(answer) => {
                taken.commit(GrantRecord::granted(answer.refresh_token.clone()));
                Ok(answer)
            }
            Err(ended) => {
                let is_wrong = matches!(ended.fate, Fate::Dead);
                if let Fate::Replaced(new) = ended.fate {
                    taken.commit(GrantRecord::granted(Some(new)));
                }
                Err(match is_wrong {
                    true => ended.failure.locking(),
                    false => ended.failure,
                })
            }
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
            .map_err(|failed| Ended::unanswered(failed, &from, limit, self.timeout()))?;
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
            client: &self.client_keys(),
            secrets: &secrets,
            now_unix_s: now.map_or(0, |since| since.as_secs().cast_signed()),
        };
        let places = &self.settings.token_answer;
        let ended = match refusal::read(answer, &context) {
            Some(refusal) => Ended::refused(refusal, answer.status),
            None => match answer::read(answer, from, places) {
                Ok(token) => return Ok(token),
                Err(error) => Ended::unusable(error.with_http_status(answer.status)),
            },
        };
        let new = match refusal::is_success(answer.status) {
            true => answer::refresh_token(answer, places),
            false => None,
        };
        Err(ended.with_new(new, step))
    }
}

impl Source for Issuer {
    fn issue(&self, limit: &Limit) -> std::result::Result<TokenAnswer, Failure> {
        let settings = &self.settings;
        if let (GrantKind::ApiKey, Some(source)) = (settings.grant, &settings.api_key) {
            return self.read_key(source, limit);
        }
        let Some(endpoint) = &settings.token_endpoint else {
            return Err(Failure::definitive(Error::new(
                Status::Internal,
                "internal.no_token_endpoint",
                "the checked config has no token endpoint; please report it",
            )));
        };
        let credentials = Credentials::read(settings, &limit.call, limit.deadline)
            .map_err(|error| unreadable(error, limit))?;
        let guard = self.guards.of(settings, &credentials);
        let guard = guard.map_err(|error| unreadable(error, limit))?;
        let epoch = guard.begin(limit.at)?;
        let result = match settings.grant {
            GrantKind::ClientCredentials => {
                let granted = self.request(endpoint, &credentials, &Step::FirstGrant, limit);
                granted.map_err(|ended| ended.failure)
            }
            _ => self.issue_by_grant(endpoint, &credentials, limit),
        };
        guard.ended(epoch, result.as_ref().err(), limit.at);
        result
    }

    fn may_rotate(&self) -> bool {
        match self.settings.grant {
            GrantKind::ClientCredentials | GrantKind::ApiKey => false,
            GrantKind::Password | GrantKind::RefreshToken => {
                self.grants.hold_a_refresh_token(&self.settings)
            }
        }
    }

    fn lifetime(&self) -> &Lifetime {
        &self.settings.lifetime
    }

    fn timeout(&self) -> Duration {
        self.settings.timeouts.token_request
    }

    fn credentials(&self) -> u64 {
        let settings = &self.settings;
        let fields = settings.token_request.fields.iter();
        let places = fields.chain(&settings.token_request.headers);
        let secrets = [
            &settings.client_secret,
            &settings.password,
            &settings.refresh_token,
            &settings.api_key,
        ];
        let named = secrets.into_iter().flatten();
        let held = named.chain(places.map(|(_, source)| source));
        let mut hasher = FINGERPRINTS.get_or_make(RandomState::new).build_hasher();
        for source in held {
            let content = source.held();
            content.as_ref().map(Secret::expose).hash(&mut hasher);
        }
        hasher.finish()
    }

    fn forget(&self) {
        self.grants.forget();
    }

    fn reset(&self) {
        self.guards.clear();
    }

    fn label(&self) -> &str {
        &self.settings.label
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
fn unreadable(error: Error, limit: &Limit) -> Failure {
    let is_the_requests = error.status() == Status::Deadline && !limit.is_the_callers;
    let error = match is_the_requests {
        true => Error::new(Status::Unavailable, "token.timeout", error.message()),
        false => error,
    };
    Failure::transient(error).once()
}
