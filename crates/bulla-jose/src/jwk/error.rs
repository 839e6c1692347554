use crate::{json::InvalidJson, jwa::Algorithm};

/// Why a key is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The JWK is not strict JSON or not an object.
    #[error("the key is not a JSON object: {0}")]
    Json(#[from] InvalidJson),
    /// The JWK lacks a member that its type needs.
    #[error("`{0}` is missing")]
    MemberMissing(&'static str),
    /// A member is not what the standard says.
    #[error("`{member}` is not {expected}")]
    MemberInvalid {
        /// The member's name.
        member: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// `kty` is none of EC, OKP, RSA, AKP, oct.
    #[error("the key type {0:?} is not supported")]
    KeyTypeUnsupported(String),
    /// `crv` is none of P-256, P-384, P-521, Ed25519.
    #[error("the curve {0:?} is not supported")]
    CurveUnsupported(String),
    /// `alg` is no signature algorithm of [`Algorithm::ALL`].
    #[error("the algorithm {0:?} is not supported")]
    AlgorithmUnsupported(String),
    /// The key is of another type than its algorithm needs.
    #[error("a key of this type does not do {0}")]
    AlgorithmMismatch(Algorithm),
    /// `use` is not `sig` (RFC 7517 section 4.2).
    #[error("the key is for the use {0:?}, not for signatures")]
    UseRefused(String),
    /// `key_ops` lacks the operation (RFC 7517 section 4.3).
    #[error("`key_ops` does not allow {0:?}")]
    OperationRefused(&'static str),
    /// An HMAC secret is shorter than the hash (RFC 7518 section 3.2).
    #[error("{algorithm} needs a secret of {minimum} bytes or more, this one has {found}")]
    SecretTooShort {
        /// The algorithm.
        algorithm: Algorithm,
        /// The length of its hash, in bytes.
        minimum: usize,
        /// The length of the secret, in bytes.
        found: usize,
    },
    /// An RSA modulus is not within 2048 to 8192 bits (RFC 7518 section 3.3).
    #[error("RSA keys have 2048 to 8192 bits, this one has {bits}")]
    RsaSizeRefused {
        /// The size of the modulus.
        bits: usize,
    },
    /// The point is not on its curve, or of small order.
    #[error("the point is not on the curve")]
    PointInvalid,
    /// The public key is of no use for another reason.
    #[error("not a valid public key")]
    PublicKeyInvalid,
    /// The bytes are no PKCS#8 private key of the algorithm, or one that is too weak.
    #[error("not a valid private key for {0}")]
    PrivateKeyInvalid(Algorithm),
    /// A set that others publish must hold no secrets; whoever reads them there could sign.
    #[error("a secret in a public key set")]
    SecretRefused,
    /// The system could not make a key.
    #[error("the key could not be generated")]
    GenerationFailed,
    /// The private half could not be written out.
    #[error("the private key could not be exported")]
    ExportFailed,
}

/// Why a document is no JWK set (RFC 7517 section 5). A key in it that is bad is no such reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkSetError {
    /// Not strict JSON or not an object.
    #[error("not a JSON object: {0}")]
    Json(#[from] InvalidJson),
    /// `keys` is missing.
    #[error("`keys` is missing")]
    KeysMissing,
    /// `keys` is not an array.
    #[error("`keys` is not an array")]
    KeysInvalid,
    /// There are more keys than [`super::JwkSet::MAX_KEYS`].
    #[error("{found} keys are more than {limit}")]
    TooManyKeys {
        /// The most that are read.
        limit: usize,
        /// How many there are.
        found: usize,
    },
}
