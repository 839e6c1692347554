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
        check_lines(text)?;
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
                    if !is_one_value(&der) {
                        return Err(KeyError::PemInvalid);
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

/// Whether there is one value in DER (ITU-T X.690 section 8.1) and nothing behind it, which the backend would pass over.
fn is_one_value(der: &[u8]) -> bool {
    let (header, length) = match *der {
        [_, length @ 0..=0x7f, ..] => (2, usize::from(length)),
        [_, 0x81, length, ..] => (3, usize::from(length)),
        [_, 0x82, high, low, ..] => (4, usize::from(u16::from_be_bytes([high, low]))),
        _ => return false,
    };
    der.len() == header + length
}

/// Refuses PKCS#8's own encryption and the older one of RFC 1421, and a section within another.
fn check_lines(text: &[u8]) -> Result<(), KeyError> {
    let (mut begun, mut ended) = (0_usize, 0_usize);
    for line in text.split(|&byte| matches!(byte, b'\n' | b'\r')) {
        if line.starts_with(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
            || line.starts_with(b"Proc-Type: 4,ENCRYPTED")
        {
            return Err(KeyError::PemEncrypted);
        }
        begun += usize::from(line.starts_with(b"-----BEGIN "));
        ended += usize::from(line.starts_with(b"-----END "));
        if begun > ended + 1 {
            return Err(KeyError::PemInvalid);
        }
    }
    Ok(())
}
