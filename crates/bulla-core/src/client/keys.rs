use bulla_jose::{
    jwa::Algorithm,
    jwk::{JwkSet, JwkSetError, KeyError},
};

/// The public keys by which a client proves itself, each bound to one algorithm.
#[derive(Debug, Clone)]
pub struct ClientKeys {
    set: JwkSet,
    /// What is stored and shown of them.
    json: String,
}

/// Why a JWK set is not the keys of a client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientKeysRefused {
    /// It is too large to be read.
    #[error("a JWK set of a client has at most {} KiB", ClientKeys::MAX_BYTES / 1024)]
    TooLarge,
    /// It is no JWK set.
    #[error("not a JWK set: {0}")]
    Set(#[from] JwkSetError),
    /// One of its keys is of no use, or is no public key.
    #[error("key {index} of the set: {reason}")]
    Key {
        /// Its place, from 0.
        index: usize,
        /// What is wrong with it.
        reason: KeyError,
    },
    /// There is none, or there are too many.
    #[error("a client has 1 to {} keys", ClientKeys::MAX)]
    Count,
}

impl ClientKeys {
    /// The most that one client has: enough to replace one by another.
    pub const MAX: usize = 16;

    /// Larger sets are refused.
    pub const MAX_BYTES: usize = 32 * 1024;

    /// Reads a JWK set of public keys (RFC 7517). A key that states no `alg` is bound to the first that it can do.
    ///
    /// # Errors
    /// [`ClientKeysRefused`]: unlike for keys that others publish, one bad key is enough.
    pub fn parse(set: &str) -> Result<Self, ClientKeysRefused> {
        if set.len() > Self::MAX_BYTES {
            return Err(ClientKeysRefused::TooLarge);
        }
        let set = JwkSet::parse(set.as_bytes(), &[])?;
        if let Some(skipped) = set.skipped().first() {
            return Err(ClientKeysRefused::Key {
                index: skipped.index,
                reason: skipped.reason.clone(),
            });
        }
        if !(1..=Self::MAX).contains(&set.keys().len()) {
            return Err(ClientKeysRefused::Count);
        }
        let json = set.public_json();
        Ok(Self { set, json })
    }

    /// The keys as a JWK set, each with its `alg`.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.json
    }

    pub(super) const fn set(&self) -> &JwkSet {
        &self.set
    }

    /// Those that the keys are bound to.
    pub(super) fn algorithms(&self) -> Vec<Algorithm> {
        let keys = self.set.keys().iter();
        keys.map(|key| key.algorithm()).collect()
    }
}

impl PartialEq for ClientKeys {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

impl Eq for ClientKeys {}

#[cfg(test)]
mod tests {
    use bulla_jose::jwk::SigningKey;

    use super::*;

    fn jwk(algorithm: Algorithm) -> String {
        let key = SigningKey::generate(algorithm).unwrap();
        key.verifying_key().public_jwk().unwrap().to_string()
    }

    fn set(keys: &[String]) -> String {
        format!("{{\"keys\":[{}]}}", keys.join(","))
    }

    #[test]
    fn public_keys_are_read_back() {
        let keys = [jwk(Algorithm::Es256), jwk(Algorithm::Ed25519)];
        let keys = ClientKeys::parse(&set(&keys)).unwrap();
        assert_eq!(ClientKeys::parse(keys.as_json()), Ok(keys.clone()));
        assert_eq!(keys.algorithms(), [Algorithm::Es256, Algorithm::Ed25519]);
        let others = ClientKeys::parse(&set(&[jwk(Algorithm::Es256)])).unwrap();
        assert_ne!(keys, others);
    }

    #[test]
    fn what_is_none_is_refused() {
        let good = jwk(Algorithm::Es256);
        let secret = r#"{"kty":"oct","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}"#;
        let refused = |text: &str| ClientKeys::parse(text).unwrap_err();
        for text in ["", "[]", "{}", &good] {
            assert!(matches!(refused(text), ClientKeysRefused::Set(_)), "{text}");
        }
        let with_secret = refused(&set(&[good.clone(), secret.to_owned()]));
        let expected = ClientKeysRefused::Key {
            index: 1,
            reason: KeyError::SecretRefused,
        };
        assert_eq!(with_secret, expected);
        assert_eq!(refused(&set(&[])), ClientKeysRefused::Count);
        let many = vec![good; 17];
        assert_eq!(refused(&set(&many)), ClientKeysRefused::Count);
        assert!(ClientKeys::parse(&set(&many[..16])).is_ok());
        let padded = format!("{}{}", set(&many[..1]), " ".repeat(32 * 1024));
        assert_eq!(refused(&padded), ClientKeysRefused::TooLarge);
    }
}
