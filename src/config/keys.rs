//! The table of configuration keys.
//!
//! The order is that of the reference page. A new key is a row here, a field of
//! `Settings`, and a line where the settings are resolved.

use super::schema::{ANSWER_MEMBERS, Default, Key, Kind, REQUEST_FIELDS, Section};

const SECRET: Kind = Kind::Secret { in_header: false };
const SECONDS: Kind = Kind::Integer {
    min: 1,
    max: 315_360_000,
};
const MILLISECONDS: Kind = Kind::Integer {
    min: 1,
    max: 86_400_000,
};

pub(crate) const SECTIONS: &[Section] = &[
    Section {
        title: "The system",
        keys: &[
            key(
                "provider",
                Kind::Provider,
                Default::Absent,
                "The system that is talked to: a name of [docs/providers](providers/README.md), or \
                 the path of a [provider file](#provider-files) (with a slash in it, or `.json` at \
                 its end). It sets keys below, which a profile and the program may set otherwise.",
            ),
            key(
                "environment",
                Kind::Text,
                Default::Depends("what the provider says"),
                "Which of the provider's environments, such as `production` or `sandbox`.",
            ),
        ],
    },
    Section {
        title: "Where the credential may go",
        keys: &[
            key(
                "base_url",
                Kind::Url,
                Default::Absent,
                "What a relative target is appended to, and the place (origin and path) that the \
                 credential may go to. `https`, or `http` on loopback; without a query.",
            ),
            key(
                "allowed_urls",
                Kind::Urls,
                Default::Absent,
                "Further places, each an origin and a path, that the credential may go to.",
            ),
            key(
                "danger_allow_http",
                Kind::Bool,
                Default::Json("false"),
                "Sends credentials over plain `http` to other hosts than loopback, where anyone \
                 on the way can read them.",
            ),
            key(
                "tls.ca_file",
                Kind::Path,
                Default::Absent,
                "A PEM file with certificate authorities that are trusted beside the system's.",
            ),
        ],
    },
    Section {
        title: "How a token is obtained",
        keys: &[
            key(
                "grant",
                Kind::Choice(&["client_credentials", "password", "refresh_token", "api_key"]),
                Default::Json("\"client_credentials\""),
                "The grant of RFC 6749: `client_credentials` (§4.4) needs `client_id` and \
                 `client_secret` unless `client_auth` is `none`, `password` (§4.3) needs \
                 `username` and `password`, `refresh_token` (§6) needs `refresh_token`. With \
                 `api_key` no token is requested: the key itself is the credential.",
            ),
            key(
                "token_endpoint",
                Kind::Endpoint,
                Default::Absent,
                "Where tokens are requested: a URL, or an absolute path such as `/oauth/token` \
                 on the origin of `base_url`. Needed by every grant but `api_key`.",
            ),
            key(
                "client_id",
                Kind::Text,
                Default::Absent,
                "The client identifier.",
            ),
            key(
                "client_secret",
                SECRET,
                Default::Absent,
                "The client secret.",
            ),
            key(
                "client_auth",
                Kind::Choice(&["basic", "basic_raw", "body", "none"]),
                Default::Depends("`basic` when there is a `client_secret`, else `none`"),
                "How the client proves who it is: `basic` is an HTTP Basic header of the \
                 form-encoded id and secret (RFC 6749 §2.3.1), `basic_raw` the same without the \
                 encoding, `body` sends both as fields, `none` sends the id as a field and no \
                 secret. Nothing is tried out: each wrong guess counts towards a lock-out.",
            ),
            key(
                "username",
                Kind::Text,
                Default::Absent,
                "The user of the `password` grant.",
            ),
            key(
                "password",
                SECRET,
                Default::Absent,
                "The password of `username`.",
            ),
            key(
                "refresh_token",
                SECRET,
                Default::Absent,
                "The refresh token to start from. The server may replace it with each renewal.",
            ),
            key(
                "on_unknown_outcome",
                Kind::Choice(&["retry", "abandon"]),
                Default::Depends("`abandon` for the grant `password`, else `retry`"),
                "What becomes of a refresh token that was sent when the answer is lost, so that \
                 nobody knows whether the server has replaced it: `retry` sends it once more, \
                 after some seconds, and never a third time, which costs the grant where the \
                 server takes that for a theft; `abandon` goes back to the password, or asks a \
                 person to sign in. Where the last refresh brought no other token it is kept.",
            ),
            key(
                "api_key",
                Kind::Secret { in_header: true },
                Default::Absent,
                "The key of the `api_key` grant. Where it begins with `credential.scheme` and a \
                 space, as some consoles show it, that is not sent twice. A reference is read \
                 again when `lifetime.default_s` has passed; a 401 doesn't make that sooner.",
            ),
            key(
                "scope",
                Kind::Scope,
                Default::Absent,
                "Space-separated scopes, in the order they are sent; in JSON also a list of \
                 texts. Empty is as if absent.",
            ),
        ],
    },
    Section {
        title: "The token request",
        keys: &[
            key(
                "token_request.format",
                Kind::Choice(&["form", "json"]),
                Default::Json("\"form\""),
                "How the fields are sent: `form` is what RFC 6749 says, `json` an object of \
                 texts.",
            ),
            key(
                "token_request.fields",
                Kind::Fields,
                Default::Absent,
                "Further fields of each token request, such as `audience`, `resource` or a \
                 tenant. One with the name of a field that is sent anyway replaces it.",
            ),
            key(
                "token_request.headers",
                Kind::Headers,
                Default::Absent,
                "Further headers of each token request. One with the name of a header that is \
                 sent anyway replaces it, but for `Authorization` beside `client_auth` `basic` \
                 or `basic_raw`, which is an error.",
            ),
            key(
                "token_request.rename",
                Kind::Renames(REQUEST_FIELDS),
                Default::Absent,
                "The server's name for a field of the standard, such as `UserName` for \
                 `username`. Fields: `grant_type`, `client_id`, `client_secret`, `username`, \
                 `password`, `refresh_token`, `scope`.",
            ),
            key(
                "token_answer.rename",
                Kind::Renames(ANSWER_MEMBERS),
                Default::Absent,
                "Where a member of the standard is in the server's answer, such as \
                 `data.accessToken` for `access_token`: a name, or names with dots between them \
                 that lead into objects. Members: `access_token`, `token_type`, `expires_in`, \
                 `refresh_in`, `refresh_token`, `scope`.",
            ),
        ],
    },
    Section {
        title: "Requests to the API",
        keys: &[
            key(
                "credential.header",
                Kind::HeaderName,
                Default::Json("\"Authorization\""),
                "The header that carries the token or the key.",
            ),
            key(
                "credential.scheme",
                Kind::Words,
                Default::Depends("`Bearer`; empty for the grant `api_key`"),
                "What stands before the token or the key, with a space between. Empty: the \
                 token or the key alone.",
            ),
            key(
                "request.headers",
                Kind::RequestHeaders,
                Default::Absent,
                "Headers of each request, unless the request itself sets one of the same name. \
                 A value is a text, is read before each request (`env`, `file`), or is made for \
                 each: `{\"generate\": \"uuid\"}` is a random UUID, the same when a request is \
                 repeated after a 401, and quoted in the library's errors about it.",
            ),
            key(
                "user_agent",
                Kind::HeaderText,
                Default::Depends("`authkeep/` and the version"),
                "The `User-Agent` of every request, those for tokens too.",
            ),
            key(
                "renew_on",
                Kind::Codes(&[401, 403]),
                Default::Json("[401]"),
                "HTTP statuses of an API that mean that it no longer accepts the token. `[]`: \
                 none does.",
            ),
        ],
    },
    Section {
        title: "Life of a token",
        keys: &[
            key(
                "lifetime.default_s",
                SECONDS,
                Default::Json("300"),
                "Seconds that a token is taken to live when the server doesn't say.",
            ),
            key(
                "lifetime.max_s",
                SECONDS,
                Default::Json("86400"),
                "Seconds that a token is taken to live at most, whatever the server says.",
            ),
            key(
                "lifetime.refresh_before_s",
                Kind::Integer {
                    min: 0,
                    max: 315_360_000,
                },
                Default::Json("300"),
                "Seconds before its expiry that a token is renewed, but never more than 20 % of \
                 its life.",
            ),
        ],
    },
    Section {
        title: "Limits",
        keys: &[
            key(
                "timeouts.connect_ms",
                MILLISECONDS,
                Default::Json("5000"),
                "Milliseconds for one connection, its TLS handshake included.",
            ),
            key(
                "timeouts.token_request_ms",
                MILLISECONDS,
                Default::Json("15000"),
                "Milliseconds for one token request.",
            ),
            key(
                "timeouts.total_ms",
                MILLISECONDS,
                Default::Json("30000"),
                "Milliseconds for one call, when the call sets no deadline of its own.",
            ),
            key(
                "max_response_bytes",
                Kind::Integer {
                    min: 1,
                    max: 1 << 40,
                },
                Default::Json("67108864"),
                "Bytes of a response body, as it comes, above which the call fails.",
            ),
        ],
    },
];

const fn key(name: &'static str, kind: Kind, default: Default, doc: &'static str) -> Key {
    Key {
        name,
        kind,
        default,
        doc,
    }
}
