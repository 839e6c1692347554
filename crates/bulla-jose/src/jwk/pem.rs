use base64_simd::STANDARD;
use rustls_pki_types::pem::{self, SectionKind};
use zeroize::Zeroizing;

use super::KeyError;
use crate::backend::PrivateDer;

/// The one private key of a PEM text (RFC 7468).
pub(super) struct PrivatePem {
    kind: SectionKind,
    der: Zeroizing<Vec<u8>>,
}

impl PrivatePem {
    /// Reads PKCS#8 (`PRIVATE KEY`), PKCS#1 (`RSA PRIVATE KEY`) or SEC 1 (`EC PRIVATE KEY`). Sections of other kinds
    /// beside it, such as the certificate or OpenSSL's `EC PARAMETERS`, are passed over.
    pub(super) fn read(text: &[u8]) -> Result<Self, KeyError> {
        if is_encrypted(text) {
            return Err(KeyError::PemEncrypted);
        }
        let mut rest = text;
        let mut public = false;
        let mut found = None;
        while let Some((kind, der)) = pem::from_buf(&mut rest).map_err(|_| KeyError::PemInvalid)? {
            let der = Zeroizing::new(der);
            match kind {
                SectionKind::PrivateKey
                | SectionKind::RsaPrivateKey
                | SectionKind::EcPrivateKey => {
                    if found.is_some() {
                        return Err(KeyError::PemAmbiguous);
                    }
                    found = Some(Self { kind, der });
                }
                SectionKind::PublicKey | SectionKind::Certificate => public = true,
                _ => {}
            }
        }
        match found {
            Some(key) => Ok(key),
            None if public => Err(KeyError::PrivateHalfMissing),
            None => Err(KeyError::PemInvalid),
        }
    }

    pub(super) fn der(&self) -> PrivateDer<'_> {
        match self.kind {
            SectionKind::RsaPrivateKey => PrivateDer::Pkcs1(&self.der),
            SectionKind::EcPrivateKey => PrivateDer::Sec1(&self.der),
            _ => PrivateDer::Pkcs8(&self.der),
        }
    }
}

/// The PKCS#8 PEM text of this DER (RFC 7468 section 10): lines of 64 characters. No copy of it is left behind.
pub(super) fn private_key(der: &[u8]) -> Zeroizing<String> {
    const BEGIN: &str = "-----BEGIN PRIVATE KEY-----\n";
    const END: &str = "-----END PRIVATE KEY-----\n";
    /// So many bytes are a line.
    const LINE: usize = 48;
    let body = STANDARD.encoded_length(der.len()) + der.len().div_ceil(LINE);
    let mut text = Zeroizing::new(String::with_capacity(BEGIN.len() + body + END.len()));
    text.push_str(BEGIN);
    for line in der.chunks(LINE) {
        STANDARD.encode_append(line, &mut *text);
        text.push('\n');
    }
    text.push_str(END);
    text
}

/// PKCS#8's own encryption, or the older one of RFC 1421.
fn is_encrypted(text: &[u8]) -> bool {
    let contains = |wanted: &[u8]| text.windows(wanted.len()).any(|window| window == wanted);
    contains(b"-----BEGIN ENCRYPTED PRIVATE KEY-----") || contains(b"Proc-Type: 4,ENCRYPTED")
}
