//! Which clients are the same credential.

use crate::cache::registry::{CacheKey, KeyHasher};
use crate::config::{SecretOrigin, SecretSource, Settings};
use crate::error::Result;
use crate::secret::Secret;
use crate::url::Url;

/// A key over everything that shapes a token request and the reading of its
/// answer. What belongs to the session alone (`base_url`, `credential`) is no
/// part of it.
pub(crate) fn cache_key(settings: &Settings) -> Result<CacheKey> {
    // Named one by one, so that a new setting can't be forgotten here.
    let Settings {
        label: _,
        grant,
        base_url: _,
        allowed_urls: _,
        token_endpoint,
        client_id,
        client_secret,
        client_auth,
        username,
        password,
        refresh_token,
        on_unknown_outcome,
        api_key,
        scope,
        token_request,
        token_answer,
        request_headers: _,
        user_agent,
        credential: _,
        lifetime,
        renew_on: _,
        timeouts,
        max_response_bytes: _,
        tls_ca_file,
        danger_allow_http,
        origins: _,
    } = settings;
    let mut hasher = KeyHasher::new("token")?;
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            hasher.add(name, &value);
        }
    };
    add("grant", Some(format!("{grant:?}")));
    add("token_endpoint", token_endpoint.as_ref().map(Url::to_text));
    add("client_id", client_id.clone());
    add("client_auth", Some(format!("{client_auth:?}")));
    add("client_secret", client_secret.as_ref().map(fingerprint));
    add("username", username.clone());
    add("password", password.as_ref().map(fingerprint));
    add("refresh_token", refresh_token.as_ref().map(fingerprint));
    add(
        "on_unknown_outcome",
        Some(format!("{on_unknown_outcome:?}")),
    );
    add("api_key", api_key.as_ref().map(fingerprint));
    add("scope", scope.as_deref().map(in_normal_order));
    add("format", Some(format!("{:?}", token_request.format)));
    for (name, value) in &token_request.fields {
        add(&format!("field {name}"), Some(fingerprint(value)));
    }
    for (name, value) in &token_request.headers {
        let name = name.to_ascii_lowercase();
        add(&format!("header {name}"), Some(fingerprint(value)));
    }
    for (name, renamed) in &token_request.rename {
        add(&format!("rename {name}"), Some(renamed.clone()));
    }
    for (name, place) in token_answer {
        add(&format!("answer {name}"), Some(place.clone()));
    }
    add("user_agent", Some(user_agent.clone()));
    add("lifetime", Some(format!("{lifetime:?}")));
    add(
        "timeouts.token_request",
        Some(format!("{:?}", timeouts.token_request)),
    );
    add(
        "tls.ca_file",
        tls_ca_file.as_ref().map(|file| {
            // What it holds, too: a mended file is other trust. One that can't be
            // read makes no client.
            let content = std::fs::read(file).unwrap_or_default();
            format!("{} {}", file.display(), String::from_utf8_lossy(&content))
        }),
    );
    add("danger_allow_http", Some(danger_allow_http.to_string()));
    Ok(hasher.finish())
}

/// Scopes are a set (RFC 6749 §3.3).
fn in_normal_order(scope: &str) -> String {
    let mut words: Vec<&str> = scope.split(' ').collect();
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

/// A literal secret as it is, a reference by its place: what the place holds
/// may change during the life of a client. Goes into the keyed hash alone.
pub(super) fn fingerprint(source: &SecretSource) -> String {
    let mut text = match &source.origin {
        SecretOrigin::Value(secret) => fingerprint_of_value(secret),
        SecretOrigin::Env { name } => format!("env {name}"),
        SecretOrigin::File { path } => format!("file {}", path.display()),
        SecretOrigin::Command { program, arguments } => format!("command {program} {arguments:?}"),
    };
    for (name, value) in source.environment.handed_over() {
        text += &format!("\0{name}={value}");
    }
    text
}

pub(super) fn fingerprint_of_value(secret: &Secret) -> String {
    format!("value {}", secret.expose())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn key(change: &[(&str, &str)]) -> CacheKey {
        let mut config = Config::new();
        for (name, value) in [
            ("token_endpoint", "https://id.example/token"),
            ("base_url", "https://api.example"),
            ("client_id", "me"),
            ("client_secret", "secret"),
            ("scope", "a b"),
        ]
        .iter()
        .chain(change)
        {
            config.set(name, value).unwrap();
        }
        cache_key(&config.resolve().unwrap()).unwrap()
    }

    #[test]
    fn whatever_shapes_the_token_request_makes_another_key() {
        let same = key(&[]);
        for change in [
            ("token_endpoint", "https://id.example/other"),
            ("client_id", "you"),
            ("client_secret", "other"),
            ("client_secret.env", "secret"),
            ("client_auth", "body"),
            ("on_unknown_outcome", "abandon"),
            ("scope", "a"),
            ("token_request.format", "json"),
            ("token_request.fields.audience", "x"),
            ("token_request.headers.X-Tenant", "x"),
            ("token_request.rename.scope", "scopes"),
            ("token_answer.rename.access_token", "token"),
            ("user_agent", "nightly"),
            ("lifetime.max_s", "60"),
            ("timeouts.token_request_ms", "1"),
            ("tls.ca_file", "/nonexistent/ca.pem"),
            ("danger_allow_http", "true"),
        ] {
            assert!(key(&[change]) != same, "{change:?}");
        }
    }

    #[test]
    fn a_variable_that_was_handed_over_makes_another_key_where_it_is_used() {
        let key = |reference: serde_json::Value, handed_over: &str| {
            let mut config = Config::new();
            let keys = serde_json::json!({"token_endpoint": "https://id.example/token",
                "client_id": "me", "client_secret": reference});
            config.merge_json(&keys.to_string()).unwrap();
            config.set_env("SECRET", handed_over).unwrap();
            cache_key(&config.resolve().unwrap()).unwrap()
        };
        for (reference, is_used) in [
            (serde_json::json!({"env": "SECRET"}), true),
            (serde_json::json!({"command": ["vault"]}), true),
            (serde_json::json!({"env": "OTHER"}), false),
            (serde_json::json!("secret"), false),
        ] {
            let differs = key(reference.clone(), "a") != key(reference.clone(), "b");
            assert_eq!(differs, is_used, "{reference}");
        }
    }

    #[test]
    fn scopes_in_another_order_and_the_session_make_the_same_key() {
        let same = key(&[]);
        assert!(key(&[("scope", "b a")]) == same);
        assert!(key(&[("base_url", "https://other.example")]) == same);
        assert!(key(&[("credential.scheme", "Token")]) == same);
        assert!(key(&[("request.headers.X-Tenant", "x")]) == same);
        assert!(key(&[("timeouts.total_ms", "1")]) == same);
    }
}
