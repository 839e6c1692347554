use crate::{
    json::InvalidJson,
    jwa::{Algorithm, KeyManagement},
};

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
    /// `crv` is none of P-256, P-384, P-521, secp256k1, Ed25519, X25519, or of no use for what the key should do.
    #[error("the curve {0:?} is not supported")]
    CurveUnsupported(String),
    /// `alg` is none of [`Algorithm::ALL`] for a key that signs, or of [`KeyManagement::ALL`] for one that encrypts.
    #[error("the algorithm {0:?} is not supported")]
    AlgorithmUnsupported(String),
    /// The key is of another type than its algorithm needs.
    #[error("a key of this type does not do {0}")]
    AlgorithmMismatch(Algorithm),
    /// The key is of another type than its key management needs, or states another `alg`.
    #[error("a key of this type or `alg` does not do {}", .0.jwk_name())]
    KeyManagementMismatch(KeyManagement),
    /// `use` is not `sig` for a key that signs, or not `enc` for one that encrypts (RFC 7517 section 4.2).
    #[error("the key is for the use {0:?}, not for this one")]
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
    /// A secret is not exactly as long as its key management needs (RFC 7518 sections 4.4, 4.5 and 4.7).
    #[error("{} needs a secret of {expected} bytes, this one has {found}", algorithm.jwk_name())]
    SecretSizeRefused {
        /// The key management.
        algorithm: KeyManagement,
        /// The length that it needs, in bytes.
        expected: usize,
        /// The length of the secret, in bytes.
        found: usize,
    },
    /// An RSA modulus is not within 2048 to 8192 bits (RFC 7518 section 3.3).
    #[error("RSA keys have 2048 to 8192 bits, this one has {bits}")]
    RsaSizeRefused {
        /// The size of the modulus.
        bits: usize,
    },
    /// The modulus was made by a generator whose keys can be factored (ROCA, CVE-2017-15361).
    #[error("the RSA key is of a kind that can be factored (ROCA)")]
    RsaFactorable,
    /// The point is not on its curve, or of small order.
    #[error("the point is not on the curve")]
    PointInvalid,
    /// The public key is of no use for another reason.
    #[error("not a valid public key")]
    PublicKeyInvalid,
    /// The bytes are no PKCS#8 private key of the algorithm, or one that is too weak.
    #[error("not a valid private key for {0}")]
    PrivateKeyInvalid(Algorithm),
    /// A private key of no algorithm that is supported, or one that is too weak.
    #[error(
        "a private key of no kind that is supported: RSA of 2048 to 8192 bits, P-256, P-384, P-521, secp256k1, Ed25519 or ML-DSA"
    )]
    PrivateKeyUnsupported,
    /// The private half of an encryption key is malformed, of another type or curve, or does not fit the public half.
    #[error("not a valid private key for {}", .0.jwk_name())]
    DecryptionKeyInvalid(KeyManagement),
    /// Where a private key is needed there is only a public one.
    #[error("a public key where a private one is needed")]
    PrivateHalfMissing,
    /// Neither PEM nor JSON.
    #[error("neither a PEM text nor a JWK")]
    TextUnrecognized,
    /// The text is no PEM with a private key in it (RFC 7468).
    #[error("not a PEM text with a private key")]
    PemInvalid,
    /// The PEM text is encrypted. Decrypt it first: `openssl pkcs8 -topk8 -nocrypt`.
    #[error("the PEM text is encrypted; decrypt it first (openssl pkcs8 -topk8 -nocrypt)")]
    PemEncrypted,
    /// The PEM text has more than one private key.
    #[error("more than one private key in the PEM text")]
    PemAmbiguous,
    /// There is no PEM for the secret of an HMAC.
    #[error("a secret has no PEM text")]
    SecretHasNoPem,
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
