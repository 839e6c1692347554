use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use zeroize::Zeroizing;

use super::{KeyError, KeyId, VerifyingKey, check_secret};
use crate::{
    backend::{self, Sign, Signer, VerifyingHalf},
    base64url,
    jwa::Algorithm,
};

/// A key that signs with exactly one algorithm. Clones share it; what it hides, `Debug` hides too.
#[derive(Clone)]
pub struct SigningKey(Arc<Inner>);

struct Inner {
    key_id: KeyId,
    signer: Signer,
    verifying: VerifyingKey,
    header: OnceLock<(Box<str>, Box<str>)>,
}

impl SigningKey {
    /// Makes a new key from the system's random source. RSA keys have 3072 bits and take a while. Its ID is its
    /// RFC 7638 thumbprint; for an HMAC secret, 16 random bytes in base64url.
    ///
    /// # Errors
    /// [`KeyError::GenerationFailed`].
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let failed = |_| KeyError::GenerationFailed;
        let signer = Signer::generate(algorithm).map_err(failed)?;
        let key_id = match signer.verifying_half().map_err(failed)? {
            VerifyingHalf::Public(public) => public.thumbprint(algorithm),
            VerifyingHalf::Secret(_) => {
                let mut bytes = [0; 16];
                backend::random(&mut bytes).map_err(failed)?;
                base64url::encode(&bytes)
            }
        };
        let key_id = KeyId::new(key_id).map_err(|_| KeyError::GenerationFailed)?;
        Self::new(algorithm, key_id, signer)
    }

    /// Reads what [`SigningKey::private_bytes`] wrote: PKCS#8 DER (RFC 5958), or the secret itself for HS256, HS384
    /// and HS512.
    ///
    /// # Errors
    /// [`KeyError::PrivateKeyInvalid`] if the bytes are no key of this algorithm; [`KeyError::SecretTooShort`].
    pub fn from_private_bytes(
        algorithm: Algorithm,
        key_id: KeyId,
        bytes: &[u8],
    ) -> Result<Self, KeyError> {
        if algorithm.is_symmetric() {
            check_secret(algorithm, bytes)?;
        }
        let signer = Signer::from_private(algorithm, bytes)
            .map_err(|_| KeyError::PrivateKeyInvalid(algorithm))?;
        Self::new(algorithm, key_id, signer)
    }

    /// The private half, to be wrapped before it rests anywhere.
    ///
    /// # Errors
    /// [`KeyError::ExportFailed`].
    pub fn private_bytes(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let bytes = self.0.signer.private_bytes();
        bytes.map_err(|_| KeyError::ExportFailed)
    }

    /// The one algorithm that it signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.0.verifying.algorithm()
    }

    /// The `kid` of its tokens.
    #[must_use]
    pub fn key_id(&self) -> &KeyId {
        &self.0.key_id
    }

    /// What verifies its signatures.
    #[must_use]
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.0.verifying
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, backend::Rejected> {
        self.0.signer.sign(message)
    }

    /// The encoded header for tokens of the type that this key signs first, so that it is made once.
    pub(crate) fn known_header(&self, typ: &str) -> Option<&str> {
        let (known, header) = self.0.header.get()?;
        (**known == *typ).then_some(header)
    }

    /// Keeps the encoded header of the first type.
    pub(crate) fn keep_header(&self, typ: &str, header: &str) {
        self.0.header.get_or_init(|| (typ.into(), header.into()));
    }

    fn new(algorithm: Algorithm, key_id: KeyId, signer: Signer) -> Result<Self, KeyError> {
        let id = Some(key_id.clone());
        let half = signer
            .verifying_half()
            .map_err(|_| KeyError::PrivateKeyInvalid(algorithm))?;
        let verifying = match half {
            VerifyingHalf::Public(public) => VerifyingKey::from_public(algorithm, id, public)?,
            VerifyingHalf::Secret(secret) => VerifyingKey::from_secret(algorithm, id, &secret)?,
        };
        Ok(Self(Arc::new(Inner {
            key_id,
            signer,
            verifying,
            header: OnceLock::new(),
        })))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm())
            .field("key_id", &self.0.key_id)
            .finish_non_exhaustive()
    }
}
