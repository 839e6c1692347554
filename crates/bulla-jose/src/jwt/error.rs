use super::{Audience, Issuer, UnixTime};
use crate::{
    json::InvalidJson,
    jwa::Algorithm,
    jwk::KeyId,
    jws::{MAX_TOKEN_BYTES, Malformed, SignatureError, SigningFailed},
    listed::{Listed, unknown_key},
};

/// Why a token was refused: what was expected, and what was found. The variants are the stable codes of
/// [`TokenError::code`]. Nothing in it is secret, and foreign text is cut and made visible.
///
/// ```
/// use bulla_jose::jwt::TokenError;
///
/// fn advice(refused: &TokenError) -> String {
///     match refused {
///         TokenError::Expired { expired_at, now } => {
///             format!("refresh: it ended {} s ago", now.as_seconds() - expired_at.as_seconds())
///         }
///         TokenError::KeyUnknown { .. } => "fetch the key set again".to_owned(),
///         other => format!("{} ({})", other, other.code()),
///     }
/// }
/// # use bulla_jose::jwt::UnixTime;
/// # let (expired_at, now) = (UnixTime::from_seconds(7), UnixTime::from_seconds(10));
/// # assert_eq!(advice(&TokenError::Expired { expired_at, now }), "refresh: it ended 3 s ago");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// `token_malformed`: this is no signed JWT.
    #[error("the token is malformed: {0}")]
    Malformed(#[from] Malformed),
    /// `token_algorithm_refused`: `alg` is not accepted, or not what its key is for (RFC 8725 section 3.1).
    #[error("the algorithm is \"{found}\", accepted here: {}", Listed(expected))]
    AlgorithmRefused {
        /// The accepted ones.
        expected: Vec<Algorithm>,
        /// The beginning of the header's `alg`.
        found: String,
    },
    /// `token_critical_unsupported`: the header demands what is not supported (RFC 7515 section 4.1.11, RFC 7797).
    #[error("the token needs extensions that are not supported: {}", Listed(names))]
    CriticalUnsupported {
        /// The beginnings of their names.
        names: Vec<String>,
    },
    /// `token_key_unknown`: no key could have signed it.
    #[error("{}", unknown_key(key_id.as_deref(), "of its algorithm"))]
    KeyUnknown {
        /// The beginning of the header's `kid`.
        key_id: Option<String>,
    },
    /// `token_signature_invalid`: altered, or signed by somebody else.
    #[error("the signature does not fit the token's content and the key")]
    SignatureInvalid {
        /// The key that it was checked with, if it has an ID and was the only one.
        key_id: Option<KeyId>,
    },
    /// `token_type_mismatch`: a token of another kind (RFC 8725 section 3.11).
    #[error("the token's type is \"{found}\", expected: {}", Listed(expected))]
    TypeMismatch {
        /// The accepted types.
        expected: Vec<String>,
        /// The beginning of the header's `typ`.
        found: String,
    },
    /// `token_claim_invalid`: a claim is missing or is not what the standard says.
    #[error("`{claim}` {problem}")]
    ClaimInvalid {
        /// The claim's name, or `typ`.
        claim: &'static str,
        /// What is wrong with it.
        problem: ClaimProblem,
    },
    /// `token_issuer_mismatch`: from somebody else.
    #[error("the token is from \"{found}\", expected: \"{expected}\"")]
    IssuerMismatch {
        /// The accepted issuer.
        expected: Issuer,
        /// The beginning of `iss`.
        found: String,
    },
    /// `token_audience_mismatch`: for somebody else.
    #[error("the token is for \"{}\", expected: \"{expected}\"", found.join("\", \""))]
    AudienceMismatch {
        /// The accepted audience.
        expected: Audience,
        /// The beginnings of the first few `aud`.
        found: Vec<String>,
    },
    /// `token_not_yet_valid`: `nbf` has not come.
    #[error("the token is valid from {not_before} on, now is {now}")]
    NotYetValid {
        /// `nbf`.
        not_before: UnixTime,
        /// When it was verified.
        now: UnixTime,
    },
    /// `token_expired`: `exp` has come.
    #[error("the token expired at {expired_at}, now is {now}")]
    Expired {
        /// `exp`.
        expired_at: UnixTime,
        /// When it was verified.
        now: UnixTime,
    },
}

impl TokenError {
    /// The stable code, for clients and logs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "token_malformed",
            Self::AlgorithmRefused { .. } => "token_algorithm_refused",
            Self::CriticalUnsupported { .. } => "token_critical_unsupported",
            Self::KeyUnknown { .. } => "token_key_unknown",
            Self::SignatureInvalid { .. } => "token_signature_invalid",
            Self::TypeMismatch { .. } => "token_type_mismatch",
            Self::ClaimInvalid { .. } => "token_claim_invalid",
            Self::IssuerMismatch { .. } => "token_issuer_mismatch",
            Self::AudienceMismatch { .. } => "token_audience_mismatch",
            Self::NotYetValid { .. } => "token_not_yet_valid",
            Self::Expired { .. } => "token_expired",
        }
    }
}

impl From<SignatureError> for TokenError {
    fn from(error: SignatureError) -> Self {
        match error {
            SignatureError::Malformed(malformed) => Self::Malformed(malformed),
            SignatureError::AlgorithmRefused { expected, found } => {
                Self::AlgorithmRefused { expected, found }
            }
            SignatureError::CriticalUnsupported { names } => Self::CriticalUnsupported { names },
            SignatureError::KeyUnknown { key_id } => Self::KeyUnknown { key_id },
            SignatureError::SignatureInvalid { key_id } => Self::SignatureInvalid { key_id },
        }
    }
}

/// What is wrong with a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimProblem {
    /// It is required and not there.
    #[error("is missing")]
    Missing,
    /// It is required and has no characters.
    #[error("is empty")]
    Empty,
    /// It should be a string.
    #[error("is not a string")]
    NotAString,
    /// It should be a string or an array of strings.
    #[error("is not a string or an array of strings")]
    NotAnAudience,
    /// It should be a number.
    #[error("is not a number")]
    NotANumber,
    /// It should be a time from 1970 to 9999, in seconds.
    #[error("is not a time between 1970 and 9999 in seconds")]
    OutOfRange,
    /// The claims do not fit the type that they were asked for as.
    #[error("do not have the expected shape: {0}")]
    Shape(InvalidJson),
}

/// Why claims could not be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The value does not serialise to JSON.
    #[error("the claims cannot be written as JSON")]
    NotSerializable,
    /// The JSON is nothing that [`super::verify`] would accept: not an object, a name twice, too many members.
    #[error("the claims are not a strict JSON object: {0}")]
    Claims(InvalidJson),
    /// The token would be longer than [`MAX_TOKEN_BYTES`], which verifiers refuse unread.
    #[error("a token of {found} bytes is longer than the {MAX_TOKEN_BYTES} that verifiers read")]
    TooLong {
        /// How long it would be.
        found: usize,
    },
    /// The backend could not sign.
    #[error(transparent)]
    Signing(#[from] SigningFailed),
}
