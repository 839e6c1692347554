use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use zeroize::Zeroizing;

use super::{
    KeyError, KeyId, KeyMaterial, Members, VerifyingKey, check_secret,
    pem::{self, PrivatePem},
};
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
    header: OnceLock<KnownHeader>,
}

/// The encoded header of the tokens of one type.
struct KnownHeader {
    typ: Box<str>,
    encoded: Box<str>,
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
            VerifyingHalf::Public(public) => public.thumbprint(),
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
    /// and HS512. What stands behind the DER is ignored.
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

    /// Reads a private JWK (RFC 7517 section 4, RFC 7518 section 6, RFC 8037, RFC 9964), or a secret. Its halves have to
    /// fit together. Bound to an algorithm as [`VerifyingKey::from_jwk`] says. Its ID is its `kid`, or else its RFC 7638
    /// thumbprint; a secret needs a `kid`.
    ///
    /// # Errors
    /// As [`VerifyingKey::from_jwk`]; [`KeyError::PrivateHalfMissing`] for a public key,
    /// [`KeyError::PrivateKeyInvalid`] for halves that do not fit.
    pub fn from_jwk(jwk: &[u8]) -> Result<Self, KeyError> {
        Self::from_jwk_with(jwk, None, None)
    }

    /// As [`SigningKey::from_jwk`], with an algorithm in case that the JWK states none, and with an ID that replaces its
    /// own.
    ///
    /// # Errors
    /// As [`SigningKey::from_jwk`].
    pub fn from_jwk_with(
        jwk: &[u8],
        algorithm: Option<Algorithm>,
        key_id: Option<KeyId>,
    ) -> Result<Self, KeyError> {
        let members = Members::read(jwk)?;
        members.check_purpose("sig", &["sign"])?;
        let material = members.material()?;
        let key_id = key_id.or(members.key_id()?);
        match material {
            KeyMaterial::Secret(secret) => {
                let stated = members.algorithm()?.or(algorithm);
                let algorithm = stated.unwrap_or(Algorithm::Hs256);
                if !algorithm.is_symmetric() {
                    return Err(KeyError::AlgorithmMismatch(algorithm));
                }
                let key_id = key_id.ok_or(KeyError::MemberMissing("kid"))?;
                Self::from_private_bytes(algorithm, key_id, &secret)
            }
            KeyMaterial::Public(public) => {
                let thumbprint = public.thumbprint();
                let material = KeyMaterial::Public(public.clone());
                let verifying =
                    VerifyingKey::of_material(&members, algorithm.as_slice(), material)?;
                let algorithm = verifying.algorithm();
                let private = members.private_half(&public)?;
                let signer = Signer::from_jwk(algorithm, &public, &private)
                    .map_err(|_| KeyError::PrivateKeyInvalid(algorithm))?;
                Self::new(algorithm, key_id_or(key_id, thumbprint)?, signer)
            }
        }
    }

    /// Reads the one private key of a PEM text (RFC 7468): PKCS#8, PKCS#1 for RSA, or SEC 1 for ECDSA. Without a
    /// `key_id`, its ID is its RFC 7638 thumbprint. HMAC secrets have no PEM. The text's base64 is not wiped from memory.
    ///
    /// # Errors
    /// [`KeyError::PemEncrypted`], [`KeyError::PrivateHalfMissing`] for a public key or certificate,
    /// [`KeyError::PemInvalid`], [`KeyError::PemAmbiguous`]; [`KeyError::PrivateKeyInvalid`] for a key of another type or
    /// curve, or one too weak.
    pub fn from_pem(
        algorithm: Algorithm,
        key_id: Option<KeyId>,
        pem: &[u8],
    ) -> Result<Self, KeyError> {
        let pem = PrivatePem::read(pem)?;
        let invalid = |_| KeyError::PrivateKeyInvalid(algorithm);
        let signer = Signer::from_der(algorithm, pem.der()).map_err(invalid)?;
        let VerifyingHalf::Public(public) = signer.verifying_half().map_err(invalid)? else {
            return Err(KeyError::PrivateKeyInvalid(algorithm));
        };
        let key_id = key_id_or(key_id, public.thumbprint())?;
        Self::new(algorithm, key_id, signer)
    }

    /// The private half, to be wrapped before it rests anywhere.
    ///
    /// # Errors
    /// [`KeyError::ExportFailed`], always so for an ML-DSA key that was imported without its seed (RFC 9881 section 6).
    pub fn private_bytes(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let bytes = self.0.signer.private_bytes();
        bytes.map_err(|_| KeyError::ExportFailed)
    }

    /// The private half as a PKCS#8 PEM text (RFC 7468 section 10), which [`SigningKey::from_pem`] reads.
    ///
    /// # Errors
    /// [`KeyError::SecretHasNoPem`] for HS256, HS384 and HS512; [`KeyError::ExportFailed`].
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        if self.algorithm().is_symmetric() {
            return Err(KeyError::SecretHasNoPem);
        }
        Ok(pem::private_key(&self.private_bytes()?))
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

    pub(crate) fn signature_bytes(&self) -> usize {
        self.0.signer.signature_bytes()
    }

    /// The encoded header for tokens of the type that this key signs first, so that it is made once.
    pub(crate) fn known_header(&self, typ: &str) -> Option<&str> {
        let known = self.0.header.get()?;
        (*known.typ == *typ).then_some(&known.encoded)
    }

    /// Keeps the encoded header of the first type.
    pub(crate) fn keep_header(&self, typ: &str, encoded: &str) {
        self.0.header.get_or_init(|| KnownHeader {
            typ: typ.into(),
            encoded: encoded.into(),
        });
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

/// The ID that was given, or the thumbprint.
fn key_id_or(key_id: Option<KeyId>, thumbprint: String) -> Result<KeyId, KeyError> {
    key_id.map_or_else(
        || KeyId::new(thumbprint).map_err(|_| KeyError::PublicKeyInvalid),
        Ok,
    )
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm())
            .field("key_id", &self.0.key_id)
            .finish_non_exhaustive()
    }
}
