//! Why a system refuses a request.

/// The kinds of refusal that some vendor tells apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// There is nothing at this path.
    Route,
    /// The path doesn't take this method.
    Method,
    /// A credential came without TLS.
    Insecure,
    /// A token request that isn't as it must be.
    Malformed,
    /// A grant that the system doesn't have.
    GrantType,
    /// The client is not who it says.
    Client,
    /// The same, said in an Authorization header.
    ClientByHeader,
    /// The user is not who it says.
    User,
    /// The refresh token is dead.
    RefreshToken,
    /// The API got no credential, or none that is known.
    Credential,
    /// The access token has expired.
    Expired,
    /// The token is of another environment.
    Environment,
    /// The account lacks a permission.
    Permission,
    /// The account may not touch this warehouse.
    Warehouse,
    /// The account may only read.
    ReadOnly,
    /// The body isn't the JSON that the API takes.
    Payload,
    /// A header that the API asks for is missing or wrong.
    Header,
}

/// A refused request.
pub struct Refusal {
    /// What the vendor makes its answer of.
    pub kind: Kind,
    /// A sentence for the log, without any secret.
    pub reason: String,
}

impl Refusal {
    /// A refusal of this kind for this reason.
    pub fn new(kind: Kind, reason: impl Into<String>) -> Refusal {
        Refusal {
            kind,
            reason: reason.into(),
        }
    }
}
