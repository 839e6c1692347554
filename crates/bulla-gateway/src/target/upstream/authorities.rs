//! Whom an upstream's certificates are checked against.

use std::{fmt, sync::Arc};

use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};

/// Certificate authorities of one's own: the only ones that an upstream's servers are checked against. Those of the system
/// count for nothing then.
#[derive(Clone)]
pub struct Authorities {
    certificates: Vec<CertificateDer<'static>>,
    config: Arc<ClientConfig>,
}

impl Authorities {
    /// Reads the certificates of a PEM text.
    ///
    /// # Errors
    /// It has none, or one that is no authority's.
    pub fn from_pem(text: &[u8]) -> Result<Self, InvalidAuthorities> {
        let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(text)
            .collect::<Result<_, _>>()
            .map_err(|_| InvalidAuthorities::Unreadable)?;
        if certificates.is_empty() {
            return Err(InvalidAuthorities::NoCertificate);
        }
        let mut roots = RootCertStore::empty();
        for certificate in &certificates {
            roots
                .add(certificate.clone())
                .map_err(|_| InvalidAuthorities::Unreadable)?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| InvalidAuthorities::Unreadable)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            certificates,
            config: Arc::new(config),
        })
    }

    /// A configuration that trusts them and nobody else.
    pub(crate) fn config(&self) -> ClientConfig {
        ClientConfig::clone(&self.config)
    }
}

impl PartialEq for Authorities {
    fn eq(&self, other: &Self) -> bool {
        self.certificates == other.certificates
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Authorities({})", self.certificates.len())
    }
}

/// Certificate authorities that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAuthorities {
    /// There is no certificate.
    #[error("there is no certificate in PEM form")]
    NoCertificate,
    /// What is there cannot be used.
    #[error("a certificate cannot be read")]
    Unreadable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_a_certificate_that_can_be_read_is_refused() {
        let begin = "-----BEGIN CERTIFICATE-----";
        let end = "-----END CERTIFICATE-----";
        for (text, expected) in [
            (String::new(), InvalidAuthorities::NoCertificate),
            ("no PEM".to_owned(), InvalidAuthorities::NoCertificate),
            (format!("{begin}\n!\n{end}"), InvalidAuthorities::Unreadable),
            (
                format!("{begin}\nAAAA\n{end}"),
                InvalidAuthorities::Unreadable,
            ),
        ] {
            let refused = Authorities::from_pem(text.as_bytes()).unwrap_err();
            assert_eq!(refused, expected, "{text}");
        }
    }
}
