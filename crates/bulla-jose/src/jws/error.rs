use std::fmt;

use crate::{
    json::InvalidJson,
    jwa::Algorithm,
    jwk::KeyId,
    listed::{Listed, unknown_key},
};

/// Why a text is no token at all. Nothing in it was trusted, and nothing of it is shown.
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
    /// The JSON serialisation (RFC 7515 section 7.2), which nobody may send here.
    #[error("JSON serialisation where the compact one is expected")]
    JsonSerialization,
    /// Five parts: an encrypted token (RFC 7516 section 7.1).
    #[error("an encrypted token (JWE) where a signed one (JWS) is expected")]
    Encrypted,
    /// Not header, payload and signature with a dot between each.
    #[error("{found} parts instead of 3")]
    Parts {
        /// How many there are.
        found: usize,
    },
    /// A part is not canonical base64url: padding, white space, other characters or trailing bits.
    #[error("the {0} is not canonical base64url")]
    Encoding(Part),
    /// A part is not the strict JSON object it should be.
    #[error("the {part} is not a strict JSON object: {problem}")]
    Json {
        /// Which part.
        part: Part,
        /// What is wrong with it.
        problem: InvalidJson,
    },
    /// A member of the header is missing or of the wrong type.
    #[error("the header's `{name}` is not {expected}")]
    HeaderMember {
        /// The member's name.
        name: &'static str,
        /// What it should be.
        expected: &'static str,
    },
}

/// One of the three parts of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The first.
    Header,
    /// The second.
    Payload,
    /// The third.
    Signature,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

/// Why a signature was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// Not a compact JWS.
    #[error("malformed: {0}")]
    Malformed(#[from] Malformed),
    /// The header names an algorithm that is not accepted, or one that its key is not for.
    #[error("the algorithm is \"{found}\", accepted here: {}", Listed(expected))]
    AlgorithmRefused {
        /// The accepted ones.
        expected: Vec<Algorithm>,
        /// The beginning of the header's `alg`.
        found: String,
    },
    /// The header marks extensions as critical (RFC 7515 section 4.1.11), or asks for an unencoded payload (RFC 7797):
    /// nothing of that is understood here.
    #[error("extensions that are not supported: {}", Listed(names))]
    CriticalUnsupported {
        /// The beginnings of their names.
        names: Vec<String>,
    },
    /// No key could have made the signature.
    #[error("{}", unknown_key(key_id.as_deref(), "of its algorithm"))]
    KeyUnknown {
        /// The beginning of the header's `kid`.
        key_id: Option<String>,
    },
    /// The signature is not the key's over this header and payload.
    #[error("the signature does not fit the token's content and the key")]
    SignatureInvalid {
        /// The key that it was checked with, if it has an ID and was the only one.
        key_id: Option<KeyId>,
    },
}

/// The backend could not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature could not be computed")]
pub struct SigningFailed;
