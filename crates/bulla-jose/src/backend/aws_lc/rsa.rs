//! RSA key pairs, for whatever they do.

use aws_lc_rs::rsa::{KeyPair, KeyPairComponents, PublicKey as RsaPublicKey};
use aws_lc_rs::signature::RsaPublicKeyComponents;

use super::super::{PrivateDer, Rejected};
use crate::jwk::{KeyError, PrivateKey, PublicKey};

/// From all members of a private JWK, which have to fit together.
pub(crate) fn from_jwk(public: &PublicKey, private: &PrivateKey) -> Result<KeyPair, Rejected> {
    let (PublicKey::Rsa { n, e }, PrivateKey::Rsa(numbers)) = (public, private) else {
        return Err(Rejected);
    };
    Ok(KeyPair::from_components(&KeyPairComponents {
        public_key: RsaPublicKeyComponents {
            n: n.as_slice(),
            e: e.as_slice(),
        },
        d: numbers.d.as_slice(),
        p: numbers.p.as_slice(),
        q: numbers.q.as_slice(),
        dP: numbers.dp.as_slice(),
        dQ: numbers.dq.as_slice(),
        qInv: numbers.qi.as_slice(),
    })?)
}

/// From PKCS#8 or PKCS#1.
pub(crate) fn from_der(der: PrivateDer<'_>) -> Result<KeyPair, Rejected> {
    Ok(match der {
        PrivateDer::Pkcs8(der) => KeyPair::from_pkcs8(der)?,
        PrivateDer::Pkcs1(der) => KeyPair::from_der(der)?,
        PrivateDer::Sec1(_) => return Err(Rejected),
    })
}

pub(crate) fn public_half(key: &RsaPublicKey) -> Result<PublicKey, KeyError> {
    PublicKey::rsa(
        key.modulus().big_endian_without_leading_zero().to_vec(),
        key.exponent().big_endian_without_leading_zero().to_vec(),
    )
}
