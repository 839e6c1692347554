mod sign;
mod unverified;
mod verify;

use std::sync::LazyLock;

use bulla_jose::{jwa::Algorithm, jwk::SigningKey};

static KEYS: LazyLock<Vec<SigningKey>> = LazyLock::new(|| {
    let generate = |&algorithm| SigningKey::generate(algorithm).expect("a key");
    Algorithm::ALL.iter().map(generate).collect()
});

/// One key of each algorithm for the whole run: RSA keys take their time.
pub(crate) fn key_of(algorithm: Algorithm) -> &'static SigningKey {
    let mut keys = KEYS.iter();
    keys.find(|key| key.algorithm() == algorithm)
        .expect("a key of every algorithm")
}
