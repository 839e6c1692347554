use std::{fmt, sync::Arc};

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{KeyError, KeyId, KeyMaterial, Members, PublicKey, private::Secret};
use crate::{
    backend::{AgreementKey, OaepEncrypter, curve_of},
    jwa::KeyManagement,
};

/// A key that encrypts to its recipient with exactly one key management: a public key, or a shared secret. Clones share
/// it; what it hides, `Debug` hides too.
#[derive(Clone)]
pub struct EncryptionKey(Arc<Inner>);

struct Inner {
    algorithm: KeyManagement,
    key_id: Option<KeyId>,
    public: Option<PublicKey>,
    material: EncryptionMaterial,
}

/// What protects the content encryption key.
pub(crate) enum EncryptionMaterial {
    Secret(Secret),
    Rsa(OaepEncrypter),
    Agreement(PublicKey),
}

impl EncryptionKey {
    /// Reads one JWK, which has to state its `alg`. Private members are ignored. A secret for `dir` states its content
    /// encryption as `alg` (RFC 7520 section 5.6.1).
    ///
    /// # Errors
    /// [`KeyError`] for anything that is not a key to encrypt with, or too weak for it.
    pub fn from_jwk(jwk: &[u8]) -> Result<Self, KeyError> {
        let members = Members::read(jwk)?;
        Self::from_members(&members, members.key_management()?)
    }

    /// As [`EncryptionKey::from_jwk`], for a JWK that need not state its `alg`. One that states another is refused.
    ///
    /// # Errors
    /// As [`EncryptionKey::from_jwk`].
    pub fn from_jwk_for(algorithm: KeyManagement, jwk: &[u8]) -> Result<Self, KeyError> {
        Self::from_members(&Members::read(jwk)?, algorithm)
    }

    /// Takes a secret that the recipient has too, of exactly the length that the algorithm needs.
    ///
    /// # Errors
    /// [`KeyError::SecretSizeRefused`]; [`KeyError::KeyManagementMismatch`] if the algorithm needs no secret.
    pub fn from_secret(
        algorithm: KeyManagement,
        key_id: Option<KeyId>,
        secret: &[u8],
    ) -> Result<Self, KeyError> {
        check_secret_size(algorithm, secret)?;
        let material = EncryptionMaterial::Secret(Zeroizing::new(secret.to_vec()));
        Ok(Self::new(algorithm, key_id, None, material))
    }

    pub(super) fn from_public(
        algorithm: KeyManagement,
        key_id: Option<KeyId>,
        public: PublicKey,
    ) -> Result<Self, KeyError> {
        let material = match &public {
            PublicKey::Rsa { n, e } if algorithm == KeyManagement::RsaOaep256 => {
                let key = OaepEncrypter::new(n, e).map_err(|_| KeyError::PublicKeyInvalid)?;
                EncryptionMaterial::Rsa(key)
            }
            PublicKey::Ec { .. } | PublicKey::X25519 { .. } if algorithm.is_agreement() => {
                check_agreement(&public)?;
                EncryptionMaterial::Agreement(public.clone())
            }
            _ => return Err(KeyError::KeyManagementMismatch(algorithm)),
        };
        Ok(Self::new(algorithm, key_id, Some(public), material))
    }

    /// The one key management that it is for.
    #[must_use]
    pub fn algorithm(&self) -> KeyManagement {
        self.0.algorithm
    }

    /// Its `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.0.key_id.as_ref()
    }

    /// The JWK to publish: the key's own members, `use`, `alg` and `kid`. `None` for a secret, which must not be.
    #[must_use]
    pub fn public_jwk(&self) -> Option<Value> {
        let mut jwk: Map<String, Value> = self.0.public.as_ref()?.to_jwk();
        jwk.insert("use".into(), "enc".into());
        jwk.insert("alg".into(), self.algorithm().jwk_name().into());
        if let Some(key_id) = self.key_id() {
            jwk.insert("kid".into(), key_id.as_str().into());
        }
        Some(Value::Object(jwk))
    }

    pub(crate) fn material(&self) -> &EncryptionMaterial {
        &self.0.material
    }

    fn from_members(members: &Members<'_>, algorithm: KeyManagement) -> Result<Self, KeyError> {
        members.check_purpose("enc", operations(algorithm, Direction::Encrypt))?;
        members.check_key_management(algorithm)?;
        let key_id = members.key_id()?;
        match members.material()? {
            KeyMaterial::Public(public) => Self::from_public(algorithm, key_id, public),
            KeyMaterial::Secret(secret) => Self::from_secret(algorithm, key_id, &secret),
        }
    }

    fn new(
        algorithm: KeyManagement,
        key_id: Option<KeyId>,
        public: Option<PublicKey>,
        material: EncryptionMaterial,
    ) -> Self {
        Self(Arc::new(Inner {
            algorithm,
            key_id,
            public,
            material,
        }))
    }
}

/// Which of the two halves a key is wanted for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Encrypt,
    Decrypt,
}

/// The `key_ops` of which one must be allowed, if the key has any (RFC 7517 section 4.3).
pub(super) fn operations(
    algorithm: KeyManagement,
    direction: Direction,
) -> &'static [&'static str] {
    let encrypts = direction == Direction::Encrypt;
    match algorithm {
        KeyManagement::Direct(_) if encrypts => &["encrypt"],
        KeyManagement::Direct(_) => &["decrypt"],
        agreement if agreement.is_agreement() => &["deriveKey", "deriveBits"],
        _ if encrypts => &["wrapKey"],
        _ => &["unwrapKey"],
    }
}

pub(super) fn check_secret_size(algorithm: KeyManagement, secret: &[u8]) -> Result<(), KeyError> {
    let mismatch = KeyError::KeyManagementMismatch(algorithm);
    let expected = algorithm.secret_bytes().ok_or(mismatch)?;
    let found = secret.len();
    if found != expected {
        return Err(KeyError::SecretSizeRefused {
            algorithm,
            expected,
            found,
        });
    }
    Ok(())
}

/// Refuses points that are not on their curve or of small order, by agreeing with them once.
fn check_agreement(public: &PublicKey) -> Result<(), KeyError> {
    let curve =
        curve_of(public).ok_or_else(|| KeyError::CurveUnsupported("secp256k1".to_owned()))?;
    AgreementKey::generate(curve)
        .and_then(|key| key.agree(public, &[], 16))
        .map(|_| ())
        .map_err(|_| KeyError::PointInvalid)
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptionKey")
            .field("algorithm", &self.0.algorithm)
            .field("key_id", &self.0.key_id)
            .finish_non_exhaustive()
    }
}
