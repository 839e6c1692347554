use std::{fmt, sync::Arc};

use zeroize::Zeroizing;

use super::{
    DecryptionMaterial, EncryptionKey, KeyError, KeyId, KeyMaterial, Members,
    encryption::{Direction, check_secret_size, operations},
    pem::PrivatePem,
};
use crate::{
    backend::{self, AgreementKey, OaepDecrypter, PrivateDer},
    base64url,
    jwa::{AgreementCurve, KeyManagement},
};

/// A key that decrypts what was encrypted to it with exactly one key management: a private key, or a shared secret.
/// Clones share it; what it hides, `Debug` hides too.
#[derive(Clone)]
pub struct DecryptionKey(Arc<Inner>);

struct Inner {
    material: DecryptionMaterial,
    encryption: EncryptionKey,
}

impl DecryptionKey {
    /// Makes a new key from the system's random source: RSA with 3072 bits, P-256 for a key agreement. Its ID is its
    /// RFC 7638 thumbprint; for a secret, 16 random bytes in base64url.
    ///
    /// # Errors
    /// [`KeyError::GenerationFailed`].
    pub fn generate(algorithm: KeyManagement) -> Result<Self, KeyError> {
        if algorithm.is_agreement() {
            return Self::generate_on(AgreementCurve::P256, algorithm);
        }
        let failed = |_| KeyError::GenerationFailed;
        let Some(length) = algorithm.secret_bytes() else {
            let key = OaepDecrypter::generate().map_err(failed)?;
            return Self::new(algorithm, None, DecryptionMaterial::Rsa(Box::new(key)));
        };
        let mut secret = Zeroizing::new(vec![0; length]);
        let mut id = [0; 16];
        backend::random(&mut secret).map_err(failed)?;
        backend::random(&mut id).map_err(failed)?;
        let id = KeyId::new(base64url::encode(&id)).map_err(|_| KeyError::GenerationFailed)?;
        Self::from_secret(algorithm, Some(id), &secret)
    }

    /// As [`DecryptionKey::generate`], for a key agreement on this curve.
    ///
    /// # Errors
    /// [`KeyError::KeyManagementMismatch`] if the algorithm is no key agreement; [`KeyError::GenerationFailed`].
    pub fn generate_on(curve: AgreementCurve, algorithm: KeyManagement) -> Result<Self, KeyError> {
        if !algorithm.is_agreement() {
            return Err(KeyError::KeyManagementMismatch(algorithm));
        }
        let key = AgreementKey::generate(curve).map_err(|_| KeyError::GenerationFailed)?;
        Self::new(algorithm, None, DecryptionMaterial::Agreement(key))
    }

    /// Reads a private JWK or a secret, which has to state its `alg`. The halves of a private key have to fit together.
    ///
    /// # Errors
    /// As [`EncryptionKey::from_jwk`]; [`KeyError::PrivateHalfMissing`] for a public key,
    /// [`KeyError::DecryptionKeyInvalid`] for halves that do not fit.
    pub fn from_jwk(jwk: &[u8]) -> Result<Self, KeyError> {
        let members = Members::read(jwk)?;
        Self::from_members(&members, members.key_management()?)
    }

    /// As [`DecryptionKey::from_jwk`], for a JWK that need not state its `alg`. One that states another is refused.
    ///
    /// # Errors
    /// As [`DecryptionKey::from_jwk`].
    pub fn from_jwk_for(algorithm: KeyManagement, jwk: &[u8]) -> Result<Self, KeyError> {
        Self::from_members(&Members::read(jwk)?, algorithm)
    }

    /// Takes a secret that the sender has too, of exactly the length that the algorithm needs.
    ///
    /// # Errors
    /// As [`EncryptionKey::from_secret`].
    pub fn from_secret(
        algorithm: KeyManagement,
        key_id: Option<KeyId>,
        secret: &[u8],
    ) -> Result<Self, KeyError> {
        check_secret_size(algorithm, secret)?;
        let secret = DecryptionMaterial::Secret(Zeroizing::new(secret.to_vec()));
        Self::new(algorithm, key_id, secret)
    }

    /// Reads the one private key of a PEM text (RFC 7468): PKCS#8, PKCS#1 for RSA, or SEC 1 for the NIST curves. Without
    /// a `key_id`, its ID is its RFC 7638 thumbprint.
    ///
    /// # Errors
    /// As [`super::SigningKey::from_pem`], but [`KeyError::DecryptionKeyInvalid`] for a key of another type or curve.
    pub fn from_pem(
        algorithm: KeyManagement,
        key_id: Option<KeyId>,
        pem: &[u8],
    ) -> Result<Self, KeyError> {
        let pem = PrivatePem::read(pem)?;
        Self::from_der(algorithm, key_id, pem.der())
    }

    /// Reads what [`DecryptionKey::private_bytes`] wrote.
    ///
    /// # Errors
    /// [`KeyError::DecryptionKeyInvalid`] if the bytes are no key of this algorithm; [`KeyError::SecretSizeRefused`].
    pub fn from_private_bytes(
        algorithm: KeyManagement,
        key_id: KeyId,
        bytes: &[u8],
    ) -> Result<Self, KeyError> {
        if algorithm.secret_bytes().is_some() {
            return Self::from_secret(algorithm, Some(key_id), bytes);
        }
        Self::from_der(algorithm, Some(key_id), PrivateDer::Pkcs8(bytes))
    }

    /// The private half, to be wrapped before it rests anywhere: PKCS#8 DER (RFC 5958, RFC 8410), or the secret itself.
    ///
    /// # Errors
    /// [`KeyError::ExportFailed`].
    pub fn private_bytes(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let bytes = self.0.material.private_bytes();
        bytes.map_err(|_| KeyError::ExportFailed)
    }

    /// The one key management that it is for.
    #[must_use]
    pub fn algorithm(&self) -> KeyManagement {
        self.0.encryption.algorithm()
    }

    /// Its `kid`. A key without one is tried for tokens of any `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.0.encryption.key_id()
    }

    /// What encrypts to it: its public half, or the same secret.
    #[must_use]
    pub fn encryption_key(&self) -> &EncryptionKey {
        &self.0.encryption
    }

    pub(crate) fn material(&self) -> &DecryptionMaterial {
        &self.0.material
    }

    fn from_members(members: &Members<'_>, algorithm: KeyManagement) -> Result<Self, KeyError> {
        members.check_purpose("enc", operations(algorithm, Direction::Decrypt))?;
        members.check_key_management(algorithm)?;
        let key_id = members.key_id()?;
        let public = match members.material()? {
            KeyMaterial::Secret(secret) => return Self::from_secret(algorithm, key_id, &secret),
            KeyMaterial::Public(public) => public,
        };
        // Its checks come first: they say more than the backend would.
        let encryption = EncryptionKey::from_public(algorithm, key_id, public.clone())?;
        let private = members.private_half(&public)?;
        let material = DecryptionMaterial::from_halves(algorithm, &public, &private)
            .ok_or(KeyError::DecryptionKeyInvalid(algorithm))?;
        Ok(Self(Arc::new(Inner {
            material,
            encryption,
        })))
    }

    fn from_der(
        algorithm: KeyManagement,
        key_id: Option<KeyId>,
        der: PrivateDer<'_>,
    ) -> Result<Self, KeyError> {
        let material = DecryptionMaterial::from_der(algorithm, der);
        let material = material.ok_or(KeyError::DecryptionKeyInvalid(algorithm))?;
        Self::new(algorithm, key_id, material)
    }

    fn new(
        algorithm: KeyManagement,
        key_id: Option<KeyId>,
        material: DecryptionMaterial,
    ) -> Result<Self, KeyError> {
        let public = match &material {
            DecryptionMaterial::Secret(secret) => {
                let encryption = EncryptionKey::from_secret(algorithm, key_id, secret)?;
                return Ok(Self(Arc::new(Inner {
                    material,
                    encryption,
                })));
            }
            DecryptionMaterial::Rsa(key) => key.public(),
            DecryptionMaterial::Agreement(key) => key.public(),
        };
        let public = public.map_err(|_| KeyError::DecryptionKeyInvalid(algorithm))?;
        let thumbprint = || KeyId::new(public.thumbprint()).ok();
        let key_id = key_id.or_else(thumbprint);
        let encryption = EncryptionKey::from_public(algorithm, key_id, public)?;
        Ok(Self(Arc::new(Inner {
            material,
            encryption,
        })))
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptionKey")
            .field("algorithm", &self.algorithm())
            .field("key_id", &self.key_id())
            .finish_non_exhaustive()
    }
}
