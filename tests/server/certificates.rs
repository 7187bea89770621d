//! A certificate authority of the server's own, made anew at each start.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;

/// The TLS side of the server.
pub struct Tls {
    /// What the TLS listener serves with.
    pub config: Arc<ServerConfig>,
    /// The authority's certificate, PEM; gone when this is dropped.
    pub ca_file: PathBuf,
    _directory: TempDir,
}

impl Tls {
    /// Makes an authority and a certificate for the names of this machine.
    pub fn new() -> Result<Tls, Box<dyn std::error::Error>> {
        let mut authority = CertificateParams::default();
        authority
            .distinguished_name
            .push(DnType::CommonName, "authkeep test authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority_key = KeyPair::generate()?;
        let authority_certificate = authority.self_signed(&authority_key)?;

        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let mut leaf = CertificateParams::new(names)?;
        leaf.distinguished_name
            .push(DnType::CommonName, "localhost");
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        let leaf_key = KeyPair::generate()?;
        let leaf_certificate = leaf.signed_by(&leaf_key, &Issuer::new(authority, authority_key))?;

        let key = PrivateKeyDer::try_from(leaf_key.serialize_der())?;
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![leaf_certificate.der().clone()], key)?;

        let directory = tempfile::Builder::new()
            .prefix("authkeep-test-")
            .tempdir()?;
        let ca_file = directory.path().join("ca.pem");
        std::fs::write(&ca_file, authority_certificate.pem())?;
        Ok(Tls {
            config: Arc::new(config),
            ca_file,
            _directory: directory,
        })
    }
}
