//! RSAES-OAEP with SHA-256 and MGF1 with SHA-256 (RFC 7518 section 4.3).

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{
        KeyPair, KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey,
        OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
    },
    signature::{KeyPair as _, RsaPublicKeyComponents},
};
use zeroize::Zeroizing;

use super::{super::Rejected, rsa::public_half};
use crate::jwk::PublicKey;

/// Encrypts keys for their recipient.
pub(crate) struct OaepEncrypter(OaepPublicEncryptingKey);

impl OaepEncrypter {
    pub(crate) fn new(n: &[u8], e: &[u8]) -> Result<Self, Rejected> {
        let key: PublicEncryptingKey = RsaPublicKeyComponents { n, e }.try_into()?;
        Ok(Self(OaepPublicEncryptingKey::new(key)?))
    }

    pub(crate) fn encrypt(&self, key: &[u8]) -> Result<Vec<u8>, Rejected> {
        let mut encrypted = vec![0; self.0.ciphertext_size()];
        let algorithm = &OAEP_SHA256_MGF1SHA256;
        let length = self.0.encrypt(algorithm, key, &mut encrypted, None)?.len();
        encrypted.truncate(length);
        Ok(encrypted)
    }
}

/// Decrypts keys that an [`OaepEncrypter`] encrypted.
pub(crate) struct OaepDecrypter {
    key: OaepPrivateDecryptingKey,
    pair: KeyPair,
}

impl OaepDecrypter {
    /// A new key of 3072 bits.
    pub(crate) fn generate() -> Result<Self, Rejected> {
        Self::from_pair(KeyPair::generate(KeySize::Rsa3072)?)
    }

    pub(crate) fn from_pair(pair: KeyPair) -> Result<Self, Rejected> {
        let der: Pkcs8V1Der<'_> = pair.as_der()?;
        let key = PrivateDecryptingKey::from_pkcs8(der.as_ref())?;
        let key = OaepPrivateDecryptingKey::new(key)?;
        Ok(Self { key, pair })
    }

    pub(crate) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, Rejected> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der()?;
        Ok(der.as_ref().to_vec().into())
    }

    pub(crate) fn public(&self) -> Result<PublicKey, Rejected> {
        public_half(self.pair.public_key()).map_err(|_| Rejected)
    }

    pub(crate) fn decrypt(&self, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, Rejected> {
        let mut key = Zeroizing::new(vec![0; self.key.min_output_size()]);
        let algorithm = &OAEP_SHA256_MGF1SHA256;
        let length = self
            .key
            .decrypt(algorithm, encrypted, &mut key, None)?
            .len();
        key.truncate(length);
        Ok(key)
    }
}
