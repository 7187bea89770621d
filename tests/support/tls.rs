//! A raw server's side of TLS, where a test says what it does with it.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion};
use tempfile::TempDir;

#[allow(unused_imports, reason = "each program uses a part of it")]
pub use rustls::version::{TLS12, TLS13};

/// A certificate for this machine that is its own authority.
pub struct Identity {
    /// The certificate, PEM; gone when this is dropped.
    pub ca_file: PathBuf,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
    _folder: TempDir,
}

impl Identity {
    /// A certificate that a client may trust by its file.
    pub fn new() -> Identity {
        Identity::with(IsCa::ExplicitNoCa)
    }

    /// The same with CA:TRUE, as OpenSSL's `req -x509` makes it.
    pub fn with_ca_true() -> Identity {
        Identity::with(IsCa::Ca(BasicConstraints::Unconstrained))
    }

    fn with(is_ca: IsCa) -> Identity {
        let mut parameters = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        parameters.is_ca = is_ca;
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, certificate.pem()).unwrap();
        Identity {
            ca_file,
            certificate: certificate.der().clone(),
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            _folder: folder,
        }
    }

    /// A server that speaks `version` alone.
    pub fn server(&self, version: &'static SupportedProtocolVersion) -> Arc<ServerConfig> {
        self.config(version, false)
    }

    /// A server of TLS 1.3 that asks for a client certificate, and trusts none
    /// but this.
    pub fn server_for_clients_with_certificates(&self) -> Arc<ServerConfig> {
        self.config(&TLS13, true)
    }

    fn config(&self, version: &'static SupportedProtocolVersion, ask: bool) -> Arc<ServerConfig> {
        let provider = Arc::new(default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[version])
            .unwrap();
        let builder = if ask {
            let mut roots = RootCertStore::empty();
            roots.add(self.certificate.clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        } else {
            builder.with_no_client_auth()
        };
        let config = builder.with_single_cert(vec![self.certificate.clone()], self.key.clone_key());
        Arc::new(config.unwrap())
    }
}

/// A connection under TLS; dropped without a goodbye.
pub struct TlsStream<'a> {
    /// The session.
    pub tls: ServerConnection,
    socket: &'a mut TcpStream,
}

impl TlsStream<'_> {
    /// The server's side on `socket`; shakes hands as it reads.
    pub fn new(config: Arc<ServerConfig>, socket: &mut TcpStream) -> TlsStream<'_> {
        let tls = ServerConnection::new(config).unwrap();
        TlsStream { tls, socket }
    }

    /// Says goodbye (close_notify).
    pub fn close(&mut self) -> io::Result<()> {
        self.tls.send_close_notify();
        self.flush()
    }
}

impl Read for TlsStream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        rustls::Stream::new(&mut self.tls, &mut self.socket).read(buffer)
    }
}

impl Write for TlsStream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        rustls::Stream::new(&mut self.tls, &mut self.socket).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        rustls::Stream::new(&mut self.tls, &mut self.socket).flush()
    }
}
