use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use serde_json::{Map, Value};

use super::{
    KeyError, KeyId, PublicKey, check_secret,
    members::{KeyMaterial, Members},
};
use crate::{
    backend::{Verifier, Verify},
    jwa::Algorithm,
    jws::LearntHeader,
};

/// A key that verifies signatures of exactly one algorithm: a public key, or the secret of an HMAC. Clones share it.
#[derive(Clone)]
pub struct VerifyingKey(Arc<Inner>);

struct Inner {
    algorithm: Algorithm,
    key_id: Option<KeyId>,
    public: Option<PublicKey>,
    verifier: Verifier,
    learnt: OnceLock<LearntHeader>,
}

impl VerifyingKey {
    /// Reads one JWK (RFC 7517 section 4). Private members are ignored. A key that states no `alg` is bound to the
    /// first of [`Algorithm::ALL`] that it can do: RS256 for RSA, HS256 for a secret, the curve's own otherwise.
    ///
    /// # Errors
    /// [`KeyError`] for anything that is not a key to verify signatures with, or too weak for it.
    pub fn from_jwk(jwk: &[u8]) -> Result<Self, KeyError> {
        Self::from_members(&Members::read(jwk)?, &[])
    }

    /// Reads an HMAC secret.
    ///
    /// # Errors
    /// [`KeyError::AlgorithmMismatch`] unless the algorithm is HS256, HS384 or HS512; [`KeyError::SecretTooShort`].
    pub fn from_secret(
        algorithm: Algorithm,
        key_id: Option<KeyId>,
        secret: &[u8],
    ) -> Result<Self, KeyError> {
        if !algorithm.is_symmetric() {
            return Err(KeyError::AlgorithmMismatch(algorithm));
        }
        check_secret(algorithm, secret)?;
        let verifier = Verifier::from_secret(algorithm, secret)
            .map_err(|_| KeyError::PrivateKeyInvalid(algorithm))?;
        Ok(Self::new(algorithm, key_id, None, verifier))
    }

    pub(super) fn from_public(
        algorithm: Algorithm,
        key_id: Option<KeyId>,
        public: PublicKey,
    ) -> Result<Self, KeyError> {
        if !public.fits(algorithm) {
            return Err(KeyError::AlgorithmMismatch(algorithm));
        }
        let verifier = Verifier::from_public(algorithm, &public).map_err(|_| match public {
            PublicKey::Ec { .. } => KeyError::PointInvalid,
            _ => KeyError::PublicKeyInvalid,
        })?;
        Ok(Self::new(algorithm, key_id, Some(public), verifier))
    }

    pub(super) fn from_members(
        members: &Members<'_>,
        preferred: &[Algorithm],
    ) -> Result<Self, KeyError> {
        members.check_purpose("sig", &["verify"])?;
        Self::of_material(members, preferred, members.material()?)
    }

    /// Binds what a JWK is made of to its algorithm.
    pub(super) fn of_material(
        members: &Members<'_>,
        preferred: &[Algorithm],
        material: KeyMaterial,
    ) -> Result<Self, KeyError> {
        let key_id = members.key_id()?;
        let stated = members.algorithm()?;
        let first = |fits: &dyn Fn(Algorithm) -> bool| {
            let mut known = preferred.iter().chain(Algorithm::ALL).copied();
            stated.or_else(|| known.find(|&algorithm| fits(algorithm)))
        };
        match material {
            KeyMaterial::Public(PublicKey::X25519 { .. }) => {
                Err(KeyError::CurveUnsupported("X25519".to_owned()))
            }
            KeyMaterial::Public(public) => {
                let algorithm = first(&|algorithm| public.fits(algorithm));
                let algorithm = algorithm.ok_or(KeyError::PublicKeyInvalid)?;
                Self::from_public(algorithm, key_id, public)
            }
            KeyMaterial::Secret(secret) => {
                let fits = |algorithm: Algorithm| {
                    algorithm.is_symmetric() && check_secret(algorithm, &secret).is_ok()
                };
                let algorithm = first(&fits).unwrap_or(Algorithm::Hs256);
                Self::from_secret(algorithm, key_id, &secret)
            }
        }
    }

    /// The one algorithm that it verifies.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm
    }

    /// Its `kid`. A key without one is tried for tokens of any `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.0.key_id.as_ref()
    }

    /// The JWK to publish: the key's own members, `use`, `alg` and `kid`. `None` for an HMAC secret, which must not be.
    #[must_use]
    pub fn public_jwk(&self) -> Option<Value> {
        let public = self.0.public.as_ref()?;
        let mut jwk: Map<String, Value> = public.to_jwk();
        jwk.insert("use".into(), "sig".into());
        jwk.insert("alg".into(), self.algorithm().as_str().into());
        if let Some(key_id) = self.key_id() {
            jwk.insert("kid".into(), key_id.as_str().into());
        }
        Some(Value::Object(jwk))
    }

    /// The base64url SHA-256 thumbprint (RFC 7638). `None` for an HMAC secret: its hash would help to guess it.
    #[must_use]
    pub fn thumbprint(&self) -> Option<String> {
        let public = self.0.public.as_ref()?;
        Some(public.thumbprint())
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verifier.verify(message, signature)
    }

    /// A header that this key has signed before.
    pub(crate) fn learnt(&self) -> Option<&LearntHeader> {
        self.0.learnt.get()
    }

    /// Keeps the first header that this key's signature held for.
    pub(crate) fn learn(&self, header: impl FnOnce() -> LearntHeader) {
        self.0.learnt.get_or_init(header);
    }

    /// Whether both are clones of one key.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn new(
        algorithm: Algorithm,
        key_id: Option<KeyId>,
        public: Option<PublicKey>,
        verifier: Verifier,
    ) -> Self {
        Self(Arc::new(Inner {
            algorithm,
            key_id,
            public,
            verifier,
            learnt: OnceLock::new(),
        }))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("algorithm", &self.0.algorithm)
            .field("key_id", &self.0.key_id)
            .finish_non_exhaustive()
    }
}
