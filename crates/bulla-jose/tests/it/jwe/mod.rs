mod keys;
mod nested;
mod round_trip;

use std::sync::LazyLock;

use bulla_jose::{
    jwa::{ContentEncryption, KeyManagement},
    jwe::{self, DecryptedJwe, DecryptionError, DecryptionPolicy},
    jwk::DecryptionKey,
};

static KEYS: LazyLock<Vec<DecryptionKey>> = LazyLock::new(|| {
    let generate = |&algorithm| DecryptionKey::generate(algorithm).expect("a key");
    KeyManagement::ALL.iter().map(generate).collect()
});

/// One key of each key management for the whole run: RSA keys take their time.
pub(crate) fn key_of(algorithm: KeyManagement) -> &'static DecryptionKey {
    let mut keys = KEYS.iter();
    keys.find(|key| key.algorithm() == algorithm)
        .expect("a key of every key management")
}

/// A content encryption that the key can do.
pub(crate) fn encryption_of(algorithm: KeyManagement) -> ContentEncryption {
    match algorithm {
        KeyManagement::Direct(encryption) => encryption,
        _ => ContentEncryption::A256CbcHs512,
    }
}

pub(crate) fn decrypt(token: &str, key: &DecryptionKey) -> Result<DecryptedJwe, DecryptionError> {
    let policy = DecryptionPolicy::new(ContentEncryption::ALL);
    jwe::decrypt(token, std::slice::from_ref(key), &policy)
}
