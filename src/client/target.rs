//! Where a request goes, and whether the credential may go there.

use crate::config::Settings;
use crate::error::{Error, Result, Status};
use crate::request::Request;
use crate::url::Url;

/// The URL of the request's target: relative to `base_url`, or absolute under
/// it or under one of `allowed_urls`.
pub(crate) fn resolve(settings: &Settings, request: &Request) -> Result<Url> {
    let target = request.target();
    let invalid = |reason: String| {
        Error::new(
            Status::InvalidArgument,
            "target.invalid",
            format!("the request's target {reason}"),
        )
    };
    let mut url = if is_absolute(target) {
        let url = Url::parse(target).map_err(invalid)?;
        url.refuse_dot_segments().map_err(invalid)?;
        check_allowed(settings, &url)?;
        url
    } else {
        let Some(base) = &settings.base_url else {
            return Err(Error::new(
                Status::InvalidConfig,
                "config.missing_key",
                "a relative target needs \"base_url\"; set it, or give an absolute URL under one \
                 of \"allowed_urls\"",
            ));
        };
        base.append(target).map_err(invalid)?
    };
    for (name, value) in request.query() {
        url.add_query(name, value);
    }
    Ok(url)
}

/// Has a scheme before any slash: `http://x`, but not `search?q=http://x`.
fn is_absolute(target: &str) -> bool {
    match target.split_once("://") {
        Some((scheme, _)) => {
            !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }
        None => false,
    }
}

fn check_allowed(settings: &Settings, url: &Url) -> Result<()> {
    let mut allowed = settings.base_url.iter().chain(&settings.allowed_urls);
    if allowed.any(|base| url.is_under(base)) {
        return Ok(());
    }
    let place = match &settings.base_url {
        Some(base) => format!("base_url {}", base.without_query()),
        None => "any of \"allowed_urls\"".to_owned(),
    };
    Err(Error::new(
        Status::NotAllowed,
        "target.not_allowed",
        format!(
            "{} is not under {place}; add it to \"allowed_urls\" if you trust it with this \
             credential",
            url.without_query()
        ),
    ))
}
