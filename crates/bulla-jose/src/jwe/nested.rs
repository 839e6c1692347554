//! Tokens that are signed and then encrypted (RFC 7519 section 5.2 and appendix A.2). The signature says who issued the
//! token, the encryption who may read it. The other order, which leaves the signature open to be taken off, is not
//! offered.
//!
//! ```
//! use bulla_jose::{
//!     jwa::{Algorithm, ContentEncryption, KeyManagement},
//!     jwe::{DecryptionPolicy, nested},
//!     jwk::{DecryptionKey, JwkSet, SigningKey},
//!     jwt::{Audience, Issuer, UnixTime, VerificationPolicy},
//! };
//! use serde_json::{Value, json};
//!
//! let issuer = SigningKey::generate(Algorithm::Es256)?;
//! let recipient = DecryptionKey::generate(KeyManagement::EcdhEsA256Kw)?;
//! let claims = json!({ "iss": "i", "aud": "api", "sub": "usr_1", "exp": 1_900_000_000 });
//! let encryption = ContentEncryption::A256Gcm;
//! let token = nested::sign(&issuer, "at+jwt", &claims, recipient.encryption_key(), encryption)?;
//!
//! let keys = JwkSet::new(vec![issuer.verifying_key().clone()]);
//! let (name, service) = (Issuer::new("i")?, Audience::new("api")?);
//! let policy = VerificationPolicy::new(name, service, &["at+jwt"], &[Algorithm::Es256]);
//! let verified = nested::verify::<Value>(
//!     &token,
//!     &[recipient],
//!     &DecryptionPolicy::new(&[encryption]),
//!     &keys,
//!     &policy,
//!     UnixTime::from_seconds(1_800_000_000),
//! )?;
//! assert_eq!(verified.claims()["sub"], "usr_1");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use serde::{Serialize, de::DeserializeOwned};

use super::{DecryptionError, DecryptionPolicy, EncryptionError, decrypt, encrypt};
use crate::{
    excerpt::excerpt,
    jwa::ContentEncryption,
    jwk::{DecryptionKey, EncryptionKey, JwkSet, SigningKey},
    jwt::{self, SignError, TokenError, UnixTime, VerificationPolicy, VerifiedJwt},
};

/// `cty` of an encrypted token with a token in it (RFC 7519 section 5.2).
const NESTED: &str = "JWT";

/// Why a nested token could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NestedSignError {
    /// Its claims could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// What was signed could not be encrypted.
    #[error(transparent)]
    Encryption(#[from] EncryptionError),
}

/// Why a nested token was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NestedError {
    /// It could not be decrypted.
    #[error(transparent)]
    Decryption(#[from] DecryptionError),
    /// The encrypted token does not say that there is a token in it.
    #[error("the content type is {}, not \"JWT\"", shown(found.as_deref()))]
    ContentTypeMismatch {
        /// The beginning of the header's `cty`.
        found: Option<String>,
    },
    /// The token in it was not accepted.
    #[error("the token that was encrypted: {0}")]
    Token(#[from] TokenError),
}

impl NestedError {
    /// The stable code, in the words of [`TokenError::code`] where it has them.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Decryption(error) => error.code(),
            Self::ContentTypeMismatch { .. } => "token_type_mismatch",
            Self::Token(error) => error.code(),
        }
    }
}

/// Signs claims as [`jwt::sign`] does, then encrypts the token to its recipient.
///
/// # Errors
/// [`NestedSignError`].
pub fn sign<C: Serialize + ?Sized>(
    key: &SigningKey,
    typ: &str,
    claims: &C,
    recipient: &EncryptionKey,
    encryption: ContentEncryption,
) -> Result<String, NestedSignError> {
    let signed = jwt::sign(key, typ, claims)?;
    Ok(encrypt(
        recipient,
        encryption,
        Some(NESTED),
        signed.as_bytes(),
    )?)
}

/// Decrypts a token as [`decrypt`] does, then verifies the one in it as [`jwt::verify`] does.
///
/// # Errors
/// [`NestedError`], the first thing that is wrong.
pub fn verify<C: DeserializeOwned>(
    token: &str,
    recipients: &[DecryptionKey],
    decryption: &DecryptionPolicy,
    keys: &JwkSet,
    verification: &VerificationPolicy,
    now: UnixTime,
) -> Result<VerifiedJwt<C>, NestedError> {
    let opened = decrypt(token, recipients, decryption)?;
    let content_type = opened.header().content_type();
    if !content_type.is_some_and(|found| found.eq_ignore_ascii_case(NESTED)) {
        let found = content_type.map(excerpt);
        return Err(NestedError::ContentTypeMismatch { found });
    }
    // Bytes that are no UTF-8 are no base64url either: verifying names the fault.
    let signed = String::from_utf8_lossy(opened.plaintext());
    Ok(jwt::verify(&signed, keys, verification, now)?)
}

fn shown(content_type: Option<&str>) -> String {
    content_type.map_or_else(|| "not given".to_owned(), |found| format!("\"{found}\""))
}
