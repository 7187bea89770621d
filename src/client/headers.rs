//! The headers that the config adds to each request.

use std::time::Instant;

use ring::rand::{SecureRandom, SystemRandom};

use crate::call::Call;
use crate::config::{Generator, HeaderSource};
use crate::error::{Error, Result, Status};
use crate::request::Request;

/// What one request carries beside its own headers, kept when it is repeated.
pub(crate) struct ConfiguredHeaders {
    pub(crate) headers: Vec<(String, String)>,
    /// Those that were made for this request, for its errors.
    made: String,
}

impl ConfiguredHeaders {
    /// Those that `request` doesn't set itself. Reads files.
    pub(crate) fn of(
        sources: &[(String, HeaderSource)],
        request: &Request,
        call: &Call,
        deadline: Instant,
    ) -> Result<Self> {
        let mut headers = Vec::with_capacity(sources.len());
        let mut made = Vec::new();
        for (name, source) in sources {
            if request.has_header(name) {
                continue;
            }
            let value = match source {
                HeaderSource::Read(secret) => secret.read(call, deadline)?.expose().to_owned(),
                HeaderSource::Made(Generator::Uuid) => {
                    let value = uuid()?;
                    made.push(format!("{name} {value}"));
                    value
                }
            };
            headers.push((name.clone(), value));
        }
        let made = made.join(", ");
        Ok(ConfiguredHeaders { headers, made })
    }

    /// The error of this request, by which its server's operator can find it.
    pub(crate) fn quoted_in(&self, error: Error) -> Error {
        match self.made.as_str() {
            "" => error,
            made => error.map_message(|message| format!("{message} ({made})")),
        }
    }
}

/// A random UUID (RFC 9562 §5.4).
fn uuid() -> Result<String> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| {
        Error::new(
            Status::Internal,
            "internal.random",
            "the operating system gave no random numbers",
        )
    })?;
    Ok(uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string())
}
