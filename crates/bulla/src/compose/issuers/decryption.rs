//! Files with a key that tokens are encrypted to: a private JWK, a secret one, or a PEM text.

use std::fs;

use bulla_jose::jwk::{DecryptionKey, KeyError};
use bulla_server::config::{EncryptedTokens, Problem};
use zeroize::Zeroizing;

/// Reads the key.
///
/// # Errors
/// The file cannot be read, or holds no key that decrypts, or the key does not say how.
pub(super) fn read(written: &EncryptedTokens) -> Result<DecryptionKey, Problem> {
    let path = &written.key.value;
    let wrong = |message: String| written.key.problem(message, None);
    let bytes = fs::read(path).map(Zeroizing::new);
    let bytes = bytes.map_err(|error| wrong(format!("{path} cannot be read: {error}")))?;
    let is_jwk = bytes.trim_ascii_start().starts_with(b"{");
    let key = match (written.algorithm, is_jwk) {
        (Some(algorithm), true) => DecryptionKey::from_jwk_for(algorithm, &bytes),
        (Some(algorithm), false) => DecryptionKey::from_pem(algorithm, None, &bytes),
        (None, true) => DecryptionKey::from_jwk(&bytes),
        (None, false) => {
            let message = "a PEM text does not say what its key is for: set `decryption_algorithm`";
            return Err(wrong(format!("{path}: {message}")));
        }
    };
    key.map_err(|error| match error {
        KeyError::MemberMissing("alg") => {
            wrong(format!("{path}: {error}; set `decryption_algorithm`"))
        }
        error => wrong(format!("{path} holds no key that decrypts: {error}")),
    })
}
