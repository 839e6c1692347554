use std::fmt;

use crate::{
    jwa::{ContentEncryption, KeyManagement},
    listed::{Listed, unknown_key},
};

/// Why a text is no JWE at all. Nothing in it was trusted, and nothing of it is shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// Longer than the policy allows.
    #[error("{found} bytes are more than {limit}")]
    TooLong {
        /// The most bytes that are read.
        limit: usize,
        /// How many there are.
        found: usize,
    },
    /// The JSON serialisation (RFC 7516 section 7.2), which nobody may send here.
    #[error("JSON serialisation where the compact one is expected")]
    JsonSerialization,
    /// Three parts: a token that is signed and not encrypted.
    #[error("a signed token (JWS) where an encrypted one (JWE) is expected")]
    NotEncrypted,
    /// Not header, encrypted key, IV, ciphertext and tag with a dot between each.
    #[error("{found} parts instead of 5")]
    Parts {
        /// How many there are.
        found: usize,
    },
    /// A part is not canonical base64url: padding, white space, other characters or trailing bits.
    #[error("the {0} is not canonical base64url")]
    Encoding(Part),
    /// The header is not the strict JSON object it should be, or a member that every JOSE header has is wrong.
    #[error("{0}")]
    Header(crate::jws::Malformed),
    /// A member of the header is missing or of the wrong type.
    #[error("the header's `{name}` is not {expected}")]
    HeaderMember {
        /// The member's name.
        name: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// The content encryption key is known without an encrypted key, and yet there is one (RFC 7516 section 5.2, step 10).
    #[error("an encrypted key where the key management has none")]
    EncryptedKeyPresent,
}

/// One of the five parts of an encrypted token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The first.
    Header,
    /// The second.
    EncryptedKey,
    /// The third.
    InitializationVector,
    /// The fourth.
    Ciphertext,
    /// The fifth.
    AuthenticationTag,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::EncryptedKey => "encrypted key",
            Self::InitializationVector => "initialization vector",
            Self::Ciphertext => "ciphertext",
            Self::AuthenticationTag => "authentication tag",
        })
    }
}

/// Why nothing was decrypted. All but [`DecryptionError::Failed`] speak of what anybody can read in the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecryptionError {
    /// Not a compact JWE.
    #[error("malformed: {0}")]
    Malformed(#[from] Malformed),
    /// The header names a key management that is not supported, or one that its key is not for.
    #[error(
        "the key management is \"{found}\", accepted here: {}",
        Listed(expected)
    )]
    AlgorithmRefused {
        /// Those of the keys that could be meant.
        expected: Vec<KeyManagement>,
        /// The beginning of the header's `alg`.
        found: String,
    },
    /// The header names a content encryption that is not accepted.
    #[error(
        "the content encryption is \"{found}\", accepted here: {}",
        Listed(expected)
    )]
    ContentEncryptionRefused {
        /// The accepted ones.
        expected: Vec<ContentEncryption>,
        /// The beginning of the header's `enc`.
        found: String,
    },
    /// The header marks extensions as critical (RFC 7516 section 4.1.13): none is understood here.
    #[error("extensions that are not supported: {}", Listed(names))]
    CriticalUnsupported {
        /// The beginnings of their names.
        names: Vec<String>,
    },
    /// The content is compressed (`zip`, RFC 7516 section 4.1.3).
    #[error("compressed content is refused")]
    CompressionRefused,
    /// It is not encrypted to any of the keys.
    #[error("{}", unknown_key(key_id.as_deref(), "for its key management"))]
    KeyUnknown {
        /// The beginning of the header's `kid`.
        key_id: Option<String>,
    },
    /// The token was altered, or is encrypted to another key. Which step noticed is not told.
    #[error("the token cannot be decrypted with the key")]
    Failed,
}

impl DecryptionError {
    /// The stable code, in the words of [`crate::jwt::TokenError::code`] where it has them.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::CompressionRefused => "token_malformed",
            Self::AlgorithmRefused { .. } | Self::ContentEncryptionRefused { .. } => {
                "token_algorithm_refused"
            }
            Self::CriticalUnsupported { .. } => "token_critical_unsupported",
            Self::KeyUnknown { .. } => "token_key_unknown",
            Self::Failed => "token_decryption_failed",
        }
    }
}

/// Why nothing was encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncryptionError {
    /// The key encrypts content itself, with another content encryption.
    #[error("the key is bound to {expected}, not to {found}")]
    ContentEncryptionMismatch {
        /// What the key is bound to.
        expected: ContentEncryption,
        /// What was asked for.
        found: ContentEncryption,
    },
    /// The backend could not encrypt.
    #[error("the content could not be encrypted")]
    Failed,
}
