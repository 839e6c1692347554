//! Keys at rest: wrapped by the master key, which no store ever sees.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
};
use bulla_jose::{jwa::Algorithm, jwk::KeyId};
use zeroize::Zeroizing;

use crate::{
    anonymous::ChallengeKey,
    link::LinkKey,
    session::refresh_token::{RefreshKey, RefreshKeyVersion},
};

/// 32 random bytes from which every key that protects other keys is derived: wiped after use,
/// hidden in `Debug`.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

/// The wrapped key is not what was wrapped: another master key, another key's name, or damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key cannot be unwrapped with this master key")]
pub struct UnwrapError;

impl MasterKey {
    /// The master key made of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The bytes themselves, to keep them somewhere.
    #[must_use]
    pub const fn expose(&self) -> &Zeroizing<[u8; 32]> {
        &self.0
    }

    /// Says which master key it is, and nothing of what it is.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let derived = self.derive(&[b"bulla master key fingerprint v1"]);
        derived[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// The key for refresh tokens of this version.
    #[must_use]
    pub fn derive_refresh_key(&self, version: RefreshKeyVersion) -> RefreshKey {
        let number = version.number().to_be_bytes();
        let secret = self.derive(&[b"bulla refresh token v1", &number]);
        RefreshKey::new(version, &secret)
    }

    /// The key for the challenges of anonymous visitors.
    #[must_use]
    pub fn derive_challenge_key(&self) -> ChallengeKey {
        ChallengeKey::new(&self.derive(&[b"bulla anonymous challenge v1"]))
    }

    /// The key for the codes of links.
    #[must_use]
    pub fn derive_link_key(&self) -> LinkKey {
        LinkKey::new(&self.derive(&[b"bulla link code v1"]))
    }

    /// Encrypts a private key with AES-256-GCM, bound to its name and algorithm. The nonce must
    /// never come twice; it goes in front of the result.
    #[must_use]
    pub fn wrap(
        &self,
        key_id: &KeyId,
        algorithm: Algorithm,
        private: &[u8],
        nonce: [u8; 12],
    ) -> Vec<u8> {
        let mut sealed = Zeroizing::new(Vec::with_capacity(private.len() + 16));
        sealed.extend_from_slice(private);
        self.wrapping_key()
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                binding(key_id, algorithm),
                &mut *sealed,
            )
            .expect("AES-GCM seals anything shorter than 64 GiB");
        [&nonce[..], &sealed[..]].concat()
    }

    /// Decrypts what [`wrap`](Self::wrap) made.
    ///
    /// # Errors
    /// [`UnwrapError`] unless master key, name, algorithm and bytes are those it was wrapped with.
    pub fn unwrap(
        &self,
        key_id: &KeyId,
        algorithm: Algorithm,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, UnwrapError> {
        let (nonce, sealed) = wrapped
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(UnwrapError)?;
        let mut private = Zeroizing::new(sealed.to_vec());
        let length = self
            .wrapping_key()
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                binding(key_id, algorithm),
                &mut private,
            )
            .map_err(|_| UnwrapError)?
            .len();
        private.truncate(length);
        Ok(private)
    }

    fn wrapping_key(&self) -> LessSafeKey {
        let secret = self.derive(&[b"bulla signing key wrap v1"]);
        let key = UnboundKey::new(&AES_256_GCM, &secret[..]);
        LessSafeKey::new(key.expect("AES-256 takes a key of 32 bytes"))
    }

    /// HKDF-SHA-256 (RFC 5869): one key per purpose, so that none protects two kinds of things.
    fn derive(&self, purpose: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        Salt::new(HKDF_SHA256, b"bulla")
            .extract(&self.0[..])
            .expand(purpose, HKDF_SHA256)
            .and_then(|expanded| expanded.fill(&mut key[..]))
            .expect("HKDF-SHA-256 gives up to 8160 bytes");
        key
    }
}

/// What a wrapped key is bound to. The length in front keeps name and algorithm apart.
fn binding(key_id: &KeyId, algorithm: Algorithm) -> Aad<Vec<u8>> {
    let name = key_id.as_str().as_bytes();
    let length = u64::try_from(name.len()).unwrap_or(u64::MAX).to_be_bytes();
    Aad::from([&length[..], name, algorithm.as_str().as_bytes()].concat())
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ids::SessionId, session::SessionNonce};

    fn master(byte: u8) -> MasterKey {
        MasterKey::from_bytes(Zeroizing::new([byte; 32]))
    }

    fn key_id(text: &str) -> KeyId {
        KeyId::new(text).unwrap()
    }

    #[test]
    fn what_was_wrapped_is_unwrapped() {
        let wrapped = master(1).wrap(&key_id("a"), Algorithm::Es256, b"private", [7; 12]);
        assert!(!wrapped.windows(7).any(|window| window == b"private"));
        let private = master(1).unwrap(&key_id("a"), Algorithm::Es256, &wrapped);
        assert_eq!(&private.unwrap()[..], b"private");
    }

    #[test]
    fn another_master_key_name_or_algorithm_is_refused() {
        let wrapped = master(1).wrap(&key_id("a"), Algorithm::Es256, b"private", [7; 12]);
        let refused = [
            master(2).unwrap(&key_id("a"), Algorithm::Es256, &wrapped),
            master(1).unwrap(&key_id("b"), Algorithm::Es256, &wrapped),
            master(1).unwrap(&key_id("a"), Algorithm::Rs256, &wrapped),
        ];
        for result in refused {
            assert_eq!(result, Err(UnwrapError));
        }
    }

    #[test]
    fn every_changed_byte_is_refused() {
        let wrapped = master(1).wrap(&key_id("a"), Algorithm::Es256, b"private", [7; 12]);
        for index in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[index] ^= 1;
            let result = master(1).unwrap(&key_id("a"), Algorithm::Es256, &changed);
            assert_eq!(result, Err(UnwrapError), "byte {index}");
            let cut = master(1).unwrap(&key_id("a"), Algorithm::Es256, &wrapped[..index]);
            assert_eq!(cut, Err(UnwrapError), "cut at {index}");
        }
    }

    #[test]
    fn a_fingerprint_tells_master_keys_apart_and_holds_none_of_their_bytes() {
        let fingerprint = master(1).fingerprint();
        assert_eq!(fingerprint.len(), 32);
        assert_eq!(fingerprint, master(1).fingerprint());
        assert_ne!(fingerprint, master(2).fingerprint());
        assert!(!fingerprint.contains("0101"));
    }

    #[test]
    fn refresh_keys_differ_by_version_and_master_key() {
        let token = |key: RefreshKey| {
            let nonce = SessionNonce(Zeroizing::new([0; 32]));
            let text = key.token(SessionId::from_bytes([0; 16]), 1, &nonce);
            text[text.len() - 40..].to_owned()
        };
        let [one, two] = [1, 2].map(RefreshKeyVersion::new);
        let first = token(master(1).derive_refresh_key(one));
        assert_eq!(first, token(master(1).derive_refresh_key(one)));
        assert_ne!(first, token(master(1).derive_refresh_key(two)));
        assert_ne!(first, token(master(2).derive_refresh_key(one)));
    }
}
