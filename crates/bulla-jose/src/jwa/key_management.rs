use std::fmt;

use super::ContentEncryption;

/// How the content encryption key reaches the recipient of a JWE: `alg` (RFC 7518 section 4.1). A key that encrypts the content
/// itself is bound to its content encryption too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum KeyManagement {
    /// `dir`: the shared secret is the content encryption key (RFC 7518 section 4.5).
    Direct(ContentEncryption),
    /// AES-128 key wrap (RFC 3394); secrets of 16 bytes.
    A128Kw,
    /// AES-256 key wrap; secrets of 32 bytes.
    A256Kw,
    /// Key wrapping with AES-128 in GCM mode (RFC 7518 section 4.7); secrets of 16 bytes.
    A128GcmKw,
    /// Key wrapping with AES-256 in GCM mode; secrets of 32 bytes.
    A256GcmKw,
    /// RSAES-OAEP with SHA-256 (RFC 7518 section 4.3); keys of 2048 to 8192 bits.
    RsaOaep256,
    /// An ephemeral Diffie-Hellman key agreement gives the content encryption key (RFC 7518 section 4.6, RFC 8037 section 3.2).
    EcdhEs,
    /// As [`KeyManagement::EcdhEs`], but what is agreed on wraps the content encryption key with AES-128.
    EcdhEsA128Kw,
    /// As [`KeyManagement::EcdhEs`], but what is agreed on wraps the content encryption key with AES-256.
    EcdhEsA256Kw,
}

/// A curve to agree on a key with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AgreementCurve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// X25519 (RFC 8037).
    X25519,
}

impl KeyManagement {
    /// All that are supported; the direct encryption once for each content encryption.
    pub const ALL: &[Self] = &[
        Self::Direct(ContentEncryption::A128CbcHs256),
        Self::Direct(ContentEncryption::A256CbcHs512),
        Self::Direct(ContentEncryption::A128Gcm),
        Self::Direct(ContentEncryption::A256Gcm),
        Self::A128Kw,
        Self::A256Kw,
        Self::A128GcmKw,
        Self::A256GcmKw,
        Self::RsaOaep256,
        Self::EcdhEs,
        Self::EcdhEsA128Kw,
        Self::EcdhEsA256Kw,
    ];

    /// The value of `alg` in a header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct(_) => "dir",
            Self::A128Kw => "A128KW",
            Self::A256Kw => "A256KW",
            Self::A128GcmKw => "A128GCMKW",
            Self::A256GcmKw => "A256GCMKW",
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA128Kw => "ECDH-ES+A128KW",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
        }
    }

    /// The value of `alg` in a JWK: a key that encrypts content itself names its content encryption (RFC 7520
    /// section 5.6.1).
    #[must_use]
    pub const fn jwk_name(self) -> &'static str {
        match self {
            Self::Direct(encryption) => encryption.as_str(),
            _ => self.as_str(),
        }
    }

    /// What a header's `alg` and `enc` say together.
    pub(crate) fn from_header(algorithm: &str, encryption: ContentEncryption) -> Option<Self> {
        if algorithm == "dir" {
            return Some(Self::Direct(encryption));
        }
        Self::from_jwk_name(algorithm)
    }

    /// What a JWK's `alg` says; the reverse of [`KeyManagement::jwk_name`].
    #[must_use]
    pub fn from_jwk_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|algorithm| algorithm.jwk_name() == name)
    }

    /// The length of the shared secret, in bytes, if it needs one.
    #[must_use]
    pub const fn secret_bytes(self) -> Option<usize> {
        match self {
            Self::Direct(encryption) => Some(encryption.key_bytes()),
            Self::A128Kw | Self::A128GcmKw => Some(16),
            Self::A256Kw | Self::A256GcmKw => Some(32),
            _ => None,
        }
    }

    /// Whether sender and recipient agree on a key.
    pub(crate) const fn is_agreement(self) -> bool {
        matches!(self, Self::EcdhEs | Self::EcdhEsA128Kw | Self::EcdhEsA256Kw)
    }

    /// Whether no encrypted key is sent along.
    pub(crate) const fn is_direct(self) -> bool {
        matches!(self, Self::Direct(_) | Self::EcdhEs)
    }
}

impl fmt::Display for KeyManagement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for &algorithm in KeyManagement::ALL {
            assert_eq!(
                KeyManagement::from_jwk_name(algorithm.jwk_name()),
                Some(algorithm)
            );
            for &encryption in ContentEncryption::ALL {
                let read = KeyManagement::from_header(algorithm.as_str(), encryption);
                let expected = match algorithm {
                    KeyManagement::Direct(_) => KeyManagement::Direct(encryption),
                    other => other,
                };
                assert_eq!(read, Some(expected));
            }
        }
    }

    #[test]
    fn weak_and_unknown_names_are_none() {
        for name in [
            "RSA1_5",
            "RSA-OAEP",
            "A192KW",
            "PBES2-HS256+A128KW",
            "none",
            "DIR",
            "",
        ] {
            assert_eq!(
                KeyManagement::from_header(name, ContentEncryption::A128Gcm),
                None,
                "{name}"
            );
        }
        assert_eq!(KeyManagement::from_jwk_name("dir"), None);
        assert!("A192GCM".parse::<ContentEncryption>().is_err());
    }
}
