//! Client authentication, strictly as each client is registered.
//!
//! Real servers differ in what they take (RFC 6749 §2.3.1 encoded, raw, in
//! the body) and refuse the rest; a lenient test server would hide that.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::http::Request;
use crate::parameters::{Parameters, form_decode};
use crate::registration::{Auth, Registration, Registry};
use crate::token::Refusal;

/// The client that a request claims to come from.
pub struct Claim {
    /// The id; `None` if the request has none.
    pub client_id: Option<String>,
    /// The client, if the id is registered.
    pub client: Option<Arc<Registration>>,
    basic: Option<Basic>,
}

struct Basic {
    id: String,
    secret: String,
}

impl Claim {
    /// Finds out who a request claims to come from; proves nothing.
    pub fn read(registry: &Registry, request: &Request, parameters: Option<&Parameters>) -> Claim {
        let basic = request.header("authorization").and_then(Basic::read);
        let field = |name: &str| parameters.and_then(|parameters| parameters.value(name));
        let client = registry.find(|client| match &basic {
            Some(basic) => basic.id_for(client).is_ok_and(|id| id == client.client_id),
            None => field(client.field("client_id")) == Some(&client.client_id),
        });
        let client_id = match (&client, &basic) {
            (Some(client), _) => Some(client.client_id.clone()),
            (None, Some(basic)) => Some(basic.id.clone()),
            (None, None) => field("client_id").map(str::to_owned),
        };
        Claim {
            client_id,
            client,
            basic,
        }
    }

    /// The client, if the request proves that it comes from it.
    pub fn prove(&self, parameters: &Parameters) -> Result<&Registration, Refusal> {
        self.check(parameters)
            .map_err(|reason| Refusal::invalid_client(self.basic.is_some(), reason))
    }

    fn check(&self, parameters: &Parameters) -> Result<&Registration, String> {
        let client = self.client.as_deref().ok_or("the client is not known")?;
        let id_field = parameters.value(client.field("client_id"));
        let secret_field = parameters.value(client.field("client_secret"));
        let secret = match (client.auth(), &self.basic) {
            (Auth::Basic | Auth::BasicRaw, None) => {
                return Err("the client must use HTTP Basic".into());
            }
            (Auth::Body | Auth::None, Some(_)) => {
                return Err("the client must not use HTTP Basic".into());
            }
            (_, Some(_)) if id_field.or(secret_field).is_some() => {
                return Err("the client must use one way to authenticate, not two".into());
            }
            (_, Some(basic)) => Some(basic.secret_for(client)?),
            (_, None) => secret_field.map(str::to_owned),
        };
        let expected = client
            .client_secret
            .as_deref()
            .filter(|_| client.auth() != Auth::None);
        match secret.as_deref() {
            secret if secret == expected => Ok(client),
            None => Err("the client secret is missing".into()),
            Some(_) => Err("the client secret is wrong".into()),
        }
    }
}

impl Basic {
    fn id_for(&self, client: &Registration) -> Result<String, String> {
        decode_for(client, &self.id)
    }

    fn secret_for(&self, client: &Registration) -> Result<String, String> {
        decode_for(client, &self.secret)
    }

    fn read(authorization: &str) -> Option<Basic> {
        let (scheme, credentials) = authorization.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
        let (id, secret) = text.split_once(':')?;
        Some(Basic {
            id: id.to_owned(),
            secret: secret.to_owned(),
        })
    }
}

fn decode_for(client: &Registration, text: &str) -> Result<String, String> {
    if client.auth() == Auth::BasicRaw {
        Ok(text.to_owned())
    } else {
        form_decode(text)
    }
}
