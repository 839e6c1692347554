//! A certificate with its key.

use std::sync::Arc;

use rustls_pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{Error as PemError, PemObject as _},
};
use tokio_rustls::rustls::{self, crypto::aws_lc_rs, sign::CertifiedKey};

/// A chain of certificates and the private key of the first one.
pub struct Certificate(pub(super) Arc<CertifiedKey>);

impl Certificate {
    /// Reads a chain, the server's own certificate first, and its key: PKCS#8, PKCS#1 or SEC1. Both are PEM.
    ///
    /// # Errors
    /// One of them cannot be read, or they do not belong together.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, CertificateError> {
        let chain = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<Vec<_>, _>>()
            .map_err(CertificateError::UnreadableChain)?;
        if chain.is_empty() {
            return Err(CertificateError::NoCertificate);
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| match error {
            PemError::NoItemsFound => CertificateError::NoKey,
            // What could not be read is a piece of the key: it is not repeated.
            _ => CertificateError::UnreadableKey,
        })?;
        let provider = aws_lc_rs::default_provider();
        let key = provider
            .key_provider
            .load_private_key(key)
            .map_err(|_| CertificateError::UnreadableKey)?;
        let certified = CertifiedKey::new(chain, key);
        match certified.keys_match() {
            Ok(()) => Ok(Self(Arc::new(certified))),
            Err(rustls::Error::InconsistentKeys(_)) => Err(CertificateError::OtherKey),
            Err(error) => Err(CertificateError::InvalidCertificate(error)),
        }
    }
}

/// A certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The chain is no PEM.
    #[error("the PEM cannot be read: {0}")]
    UnreadableChain(PemError),
    /// The chain is empty.
    #[error("there is no `BEGIN CERTIFICATE` in it")]
    NoCertificate,
    /// The first of the chain is not a certificate.
    #[error("the first certificate cannot be read: {0}")]
    InvalidCertificate(rustls::Error),
    /// No key that is not encrypted.
    #[error(
        "there is no `BEGIN PRIVATE KEY`, `BEGIN RSA PRIVATE KEY` or `BEGIN EC PRIVATE KEY` in it; a key that is \
         encrypted cannot be read"
    )]
    NoKey,
    /// The key is of no kind that TLS uses, or broken.
    #[error("the key cannot be read (RSA, ECDSA or Ed25519, as PKCS#8, PKCS#1 or SEC1 in PEM)")]
    UnreadableKey,
    /// Each of them is good.
    #[error("the key is not the certificate's")]
    OtherKey,
}

impl CertificateError {
    /// Whether it is the key that cannot be used, not the chain.
    #[must_use]
    pub const fn is_about_the_key(&self) -> bool {
        matches!(self, Self::NoKey | Self::UnreadableKey | Self::OtherKey)
    }
}
