use super::{PrivateKey, PublicKey, private::Secret};
use crate::{
    backend::{self, AgreementKey, OaepDecrypter, PrivateDer, Rejected, curve_of},
    jwa::{AgreementCurve, KeyManagement},
};

/// What recovers the content encryption key of a token.
pub(crate) enum DecryptionMaterial {
    Secret(Secret),
    Rsa(Box<OaepDecrypter>),
    Agreement(AgreementKey),
}

impl DecryptionMaterial {
    /// The private half of this public one. None if it is another's, or no half of such a key.
    pub(super) fn from_halves(
        algorithm: KeyManagement,
        public: &PublicKey,
        private: &PrivateKey,
    ) -> Option<Self> {
        match private {
            PrivateKey::Rsa(_) if algorithm == KeyManagement::RsaOaep256 => {
                let pair = backend::rsa_from_jwk(public, private).ok()?;
                let key = OaepDecrypter::from_pair(pair).ok()?;
                Some(Self::Rsa(Box::new(key)))
            }
            PrivateKey::One(scalar) => {
                let key = AgreementKey::from_scalar(curve_of(public)?, scalar).ok()?;
                let fits = key.public().ok()? == *public;
                fits.then_some(Self::Agreement(key))
            }
            PrivateKey::Rsa(_) => None,
        }
    }

    /// The key in this DER. None if it is of another type than the algorithm needs.
    pub(super) fn from_der(algorithm: KeyManagement, der: PrivateDer<'_>) -> Option<Self> {
        match (algorithm, der) {
            (KeyManagement::RsaOaep256, der) => {
                let pair = backend::rsa_from_der(der).ok()?;
                let key = OaepDecrypter::from_pair(pair).ok()?;
                Some(Self::Rsa(Box::new(key)))
            }
            (agreement, PrivateDer::Pkcs8(der) | PrivateDer::Sec1(der))
                if agreement.is_agreement() =>
            {
                agreement_key(der).map(Self::Agreement)
            }
            _ => None,
        }
    }

    /// PKCS#8 DER, or the secret itself.
    pub(super) fn private_bytes(&self) -> Result<Secret, Rejected> {
        match self {
            Self::Secret(secret) => Ok(secret.clone()),
            Self::Rsa(key) => key.to_pkcs8(),
            Self::Agreement(key) => key.to_pkcs8(),
        }
    }
}

/// The curve is the one that the key itself names.
fn agreement_key(der: &[u8]) -> Option<AgreementKey> {
    let curves = [
        AgreementCurve::P256,
        AgreementCurve::P384,
        AgreementCurve::P521,
        AgreementCurve::X25519,
    ];
    let mut keys = curves.into_iter();
    keys.find_map(|curve| AgreementKey::from_der(curve, der).ok())
}
