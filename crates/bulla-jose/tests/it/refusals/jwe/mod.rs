//! Encrypted tokens that must not be decrypted.

mod content;
mod header;

use bulla_jose::{
    base64url::encode,
    jwa::KeyManagement,
    jwe::{self, DecryptionError},
};

use crate::jwe::{decrypt, encryption_of, key_of};

/// A good token for the key of this kind.
pub(super) fn token_for(algorithm: KeyManagement) -> String {
    let key = key_of(algorithm).encryption_key();
    jwe::encrypt(key, encryption_of(algorithm), None, b"content").expect("a token")
}

pub(super) fn opened(algorithm: KeyManagement, token: &str) -> Result<(), DecryptionError> {
    decrypt(token, key_of(algorithm)).map(|_| ())
}

/// The token with one of its five parts replaced.
pub(super) fn with_part(token: &str, index: usize, part: &str) -> String {
    let mut parts: Vec<&str> = token.split('.').collect();
    parts[index] = part;
    parts.join(".")
}

/// The token with another header, as it is written.
pub(super) fn with_header(token: &str, header: &str) -> String {
    with_part(token, 0, &encode(header.as_bytes()))
}
