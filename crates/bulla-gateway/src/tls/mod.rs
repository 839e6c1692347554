//! TLS for those who connect.

mod certificate;
mod shortcoming;

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use http::HeaderValue;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
};

pub use self::{
    certificate::{Certificate, CertificateError},
    shortcoming::Shortcoming,
};

/// How the protocol of HTTP/2 is called in a handshake (RFC 9113 section 3.2).
pub(crate) const HTTP2: &[u8] = b"h2";

/// How HTTP/1.1 is (RFC 7301 section 6).
const HTTP1: &[u8] = b"http/1.1";

/// TLS 1.2 and 1.3 with a certificate that can be replaced while connections come.
pub struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    /// The value of `Strict-Transport-Security`.
    pub(crate) hsts: Option<HeaderValue>,
    certificate: Arc<Current>,
}

impl Tls {
    /// TLS with this certificate. `hsts`: for how long clients shall come by TLS only, which every answer tells them
    /// (RFC 6797).
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn new(certificate: Certificate, hsts: Option<Duration>) -> Result<Self, StartTlsError> {
        let certificate = Arc::new(Current(ArcSwap::new(certificate.0)));
        let resolver = Arc::clone(&certificate);
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()?
                .with_no_client_auth()
                .with_cert_resolver(resolver);
        config.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec()];
        // What a client needs to come back, it keeps itself: no memory and no lock of ours.
        config.ticketer = aws_lc_rs::Ticketer::new()?;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            hsts: hsts
                .and_then(|span| HeaderValue::try_from(format!("max-age={}", span.as_secs())).ok()),
            certificate,
        })
    }

    /// Handshakes from now on get this certificate. Connections that are open keep theirs.
    pub fn replace(&self, certificate: Certificate) {
        self.certificate.0.store(certificate.0);
    }
}

/// TLS could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("TLS cannot be set up: {0}")]
pub struct StartTlsError(#[from] tokio_rustls::rustls::Error);

/// The certificate of now, whatever name the client asks for.
#[derive(Debug)]
struct Current(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}
