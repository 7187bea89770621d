//! An access token as callers get it: an immutable snapshot.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::cache::record::Generation;

/// An immutable snapshot of an access token.
///
/// Never changes after it was returned; any thread may read it, and a clone is
/// cheap. Has no `Display`, and its `Debug` shows everything but the token.
#[derive(Clone)]
pub struct Token(Arc<Replica>);

/// One reference count of many for the same snapshot: threads that count on
/// different replicas don't slow each other down.
pub(crate) struct Replica {
    snapshot: Arc<Snapshot>,
    min_validity_met: bool,
}

/// What a token endpoint issued.
pub(crate) struct Snapshot {
    /// With a NUL behind the token, so that C can borrow it.
    pub(crate) access_token: Zeroizing<String>,
    /// With a NUL behind the text, like the next.
    pub(crate) token_type: String,
    pub(crate) scope: Option<String>,
    /// Unix seconds; absent for a static key.
    pub(crate) expires_at: Option<i64>,
    pub(crate) generation: Generation,
}

impl Token {
    pub(crate) fn new(snapshot: Arc<Snapshot>, min_validity_met: bool) -> Self {
        Token(Arc::new(Replica {
            snapshot,
            min_validity_met,
        }))
    }

    /// The same snapshot with a reference count of its own.
    pub(crate) fn replica(&self) -> Self {
        Token::new(self.0.snapshot.clone(), self.0.min_validity_met)
    }

    /// The same token, marked as valid for less long than was asked.
    pub(crate) fn unmet(&self) -> Self {
        Token::new(self.0.snapshot.clone(), false)
    }

    pub(crate) fn generation(&self) -> &Generation {
        &self.0.snapshot.generation
    }

    /// The access token itself (RFC 6749 §1.4), or the static key. Opaque:
    /// nothing may be read from it.
    pub fn access_token(&self) -> &str {
        without_nul(&self.0.snapshot.access_token)
    }

    /// The type, usually `Bearer` (RFC 6749 §7.1); empty for a static key.
    pub fn token_type(&self) -> &str {
        without_nul(&self.0.snapshot.token_type)
    }

    /// The scope that the server said it granted (RFC 6749 §3.3), if it did.
    pub fn scope(&self) -> Option<&str> {
        self.0.snapshot.scope.as_deref().map(without_nul)
    }

    /// When the token expires, in Unix seconds of this machine's clock; `None`
    /// for a static key. The server may end it earlier.
    pub fn expires_at(&self) -> Option<i64> {
        self.0.snapshot.expires_at
    }

    /// Whether the token was valid for as long as
    /// [`Call::min_validity`](crate::Call::min_validity) asked when it was
    /// returned; `false` where the server gives no token that lives so long.
    pub fn min_validity_met(&self) -> bool {
        self.0.min_validity_met
    }
}

#[cfg(feature = "capi")]
impl Token {
    /// For a handle in C: the count moves to whoever holds the pointer.
    pub(crate) fn into_shared(self) -> Arc<Replica> {
        self.0
    }
}

#[cfg(feature = "capi")]
impl Replica {
    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    pub(crate) fn min_validity_met(&self) -> bool {
        self.min_validity_met
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token")
            .field("token_type", &self.token_type())
            .field("scope", &self.scope())
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}

fn without_nul(text: &str) -> &str {
    text.strip_suffix('\0').unwrap_or(text)
}
