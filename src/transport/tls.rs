//! TLS: whom to trust, and what to say when trust fails.
//!
//! The platform's verifier and trust store, with the config's own CAs beside
//! them. There is no switch that skips a check.

use std::io;
use std::path::Path;
use std::sync::Arc;

#[cfg(all(unix, not(target_vendor = "apple")))]
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{AlertDescription, CertificateError, ClientConfig, OtherError};
use rustls_platform_verifier::Verifier;

use crate::error::{Error, Result, Status};
#[cfg(all(unix, not(target_vendor = "apple")))]
use crate::os::environment;

pub(crate) type Roots = Vec<CertificateDer<'static>>;

/// The code of a server that asks for what authkeep has none of.
pub(crate) const CLIENT_CERTIFICATE: &str = "tls.client_certificate";

/// Reads the CAs of `ca_file`; an error names the file and what is wrong.
pub(crate) fn read_ca_file(ca_file: &Path) -> Result<Roots> {
    let bad = |reason: &str| {
        Error::new(
            Status::InvalidConfig,
            "tls.ca_file",
            format!(
                "\"tls.ca_file\" {} {reason}; it must hold CA certificates in PEM form",
                ca_file.display()
            ),
        )
    };
    let pem = std::fs::read(ca_file).map_err(|error| bad(io_reason(&error)))?;
    let certificates = CertificateDer::pem_slice_iter(&pem)
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|_| bad("is not valid PEM"))?;
    if certificates.is_empty() {
        return Err(bad("has no certificate"));
    }
    Ok(certificates)
}

/// Trusts the system's store and `extra` beside it.
pub(crate) fn client_config(extra: Roots) -> Result<Arc<ClientConfig>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = verifier(extra, provider.clone()).ok_or_else(|| {
        Error::new(
            Status::Tls,
            "tls.trust_store",
            "the certificates of \"tls.ca_file\" or of the system's trust store can't be used; \
             check the file, or install the system's CA certificates",
        )
    })?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| {
            Error::new(
                Status::Internal,
                "tls.versions",
                "no TLS version is built in",
            )
        })?
        .dangerous() // rustls' word for any verifier of one's own; this one checks all
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn verifier(extra: Roots, provider: Arc<CryptoProvider>) -> Option<Arc<dyn ServerCertVerifier>> {
    // SSL_CERT_FILE and SSL_CERT_DIR, which the platform's verifier obeys here,
    // are in the hands of a user with fewer rights than the program.
    #[cfg(all(unix, not(target_vendor = "apple")))]
    if !environment::is_trusted() {
        return of_fixed_places(extra, provider);
    }
    let verifier = if extra.is_empty() {
        Verifier::new(provider)
    } else {
        Verifier::new_with_extra_roots(extra, provider)
    };
    Some(Arc::new(verifier.ok()?))
}

#[cfg(all(unix, not(target_vendor = "apple")))]
fn of_fixed_places(
    extra: Roots,
    provider: Arc<CryptoProvider>,
) -> Option<Arc<dyn ServerCertVerifier>> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in extra {
        roots.add(certificate).ok()?;
    }
    for folder in openssl_probe::candidate_cert_dirs() {
        let found = rustls_native_certs::load_certs_from_paths(None, Some(folder));
        roots.add_parsable_certificates(found.certs);
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider);
    Some(verifier.build().ok()?)
}

/// What a failure of TLS means, or nothing when it was not TLS that failed.
pub(crate) fn failure(error: &io::Error, origin: &str) -> Option<Error> {
    let cause = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    let certificate = |reason: &str| {
        Error::new(
            Status::Tls,
            "tls.certificate",
            format!("the certificate of {origin} is not accepted: {reason}"),
        )
    };
    Some(match cause {
        rustls::Error::InvalidCertificate(reason) => certificate(match reason {
            CertificateError::UnknownIssuer => {
                "its issuer is not trusted; if it is a CA of your own, name its file in \
                 \"tls.ca_file\""
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "it has expired; the server's operator must renew it (is this machine's clock right?)"
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "it is not valid yet; is this machine's clock right?"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "it is for another host name; check the URL"
            }
            CertificateError::Revoked => "it was revoked",
            CertificateError::Other(other) if is_ca(other) => {
                "it is a CA's own, which may not be a server's as well; give the server a \
                 certificate that this CA has issued, or one without CA:TRUE"
            }
            // How Windows tells of an issuer that it doesn't know.
            CertificateError::Other(_) => {
                "the system refuses it; if its issuer is a CA of your own, name its file in \
                 \"tls.ca_file\""
            }
            _ => "it does not pass the check",
        }),
        rustls::Error::InvalidMessage(_) => Error::new(
            Status::Tls,
            "tls.handshake",
            format!("{origin} does not answer in TLS; check the URL's scheme and port"),
        ),
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => Error::new(
            Status::Tls,
            CLIENT_CERTIFICATE,
            format!(
                "{origin} asks for a client certificate, which authkeep has none of; ask its \
                 operator for access without one"
            ),
        ),
        _ => Error::new(
            Status::Tls,
            "tls.handshake",
            format!("no TLS connection to {origin} could be agreed on"),
        ),
    })
}

fn is_ca(error: &OtherError) -> bool {
    let cause = error.0.downcast_ref();
    matches!(cause, Some(webpki::Error::CaUsedAsEndEntity))
}

fn io_reason(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "does not exist",
        io::ErrorKind::PermissionDenied => "may not be read by this user",
        _ => "can't be read",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_sent_before_the_server_is_known_and_no_key_is_logged() {
        let config = client_config(Vec::new()).unwrap();
        assert!(!config.enable_early_data);
        assert!(!config.key_log.will_log("CLIENT_RANDOM"));
    }

    #[test]
    fn a_bad_ca_file_is_named_with_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let message = |path: &Path| read_ca_file(path).unwrap_err().message().to_owned();
        assert!(message(&file).contains("does not exist"));
        std::fs::write(&file, "no certificate here").unwrap();
        assert!(message(&file).contains("has no certificate"));
        let cut = "-----BEGIN CERTIFICATE-----\nMIIB\n";
        std::fs::write(&file, cut).unwrap();
        assert!(message(&file).contains("valid PEM") || message(&file).contains("no certificate"));
    }
}
