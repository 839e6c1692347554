use std::{fmt, str::FromStr};

/// How the content of a JWE is encrypted and authenticated: `enc` (RFC 7518 section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ContentEncryption {
    /// AES-128 in CBC mode, then HMAC-SHA-256 cut to 128 bits (RFC 7518 section 5.2.3); keys of 32 bytes.
    A128CbcHs256,
    /// AES-256 in CBC mode, then HMAC-SHA-512 cut to 256 bits (RFC 7518 section 5.2.5); keys of 64 bytes.
    A256CbcHs512,
    /// AES-128 in GCM mode (RFC 7518 section 5.3); keys of 16 bytes.
    A128Gcm,
    /// AES-256 in GCM mode; keys of 32 bytes.
    A256Gcm,
}

/// The name is none of [`ContentEncryption::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a content encryption that is supported")]
pub struct UnknownContentEncryption;

impl ContentEncryption {
    /// All that are supported.
    pub const ALL: &[Self] = &[
        Self::A128CbcHs256,
        Self::A256CbcHs512,
        Self::A128Gcm,
        Self::A256Gcm,
    ];

    /// The value of `enc` in a header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A256CbcHs512 => "A256CBC-HS512",
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// The length of its keys, in bytes.
    #[must_use]
    pub const fn key_bytes(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A128CbcHs256 | Self::A256Gcm => 32,
            Self::A256CbcHs512 => 64,
        }
    }
}

impl fmt::Display for ContentEncryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ContentEncryption {
    type Err = UnknownContentEncryption;

    /// Reads the exact name: it is case-sensitive (RFC 7516 section 4.1.2).
    fn from_str(name: &str) -> Result<Self, UnknownContentEncryption> {
        let mut all = Self::ALL.iter().copied();
        all.find(|encryption| encryption.as_str() == name)
            .ok_or(UnknownContentEncryption)
    }
}
