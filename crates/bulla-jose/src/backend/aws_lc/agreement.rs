//! Diffie-Hellman key agreement, with the Concat KDF over what was agreed on (NIST SP 800-56C, RFC 7518 section 4.6.2).

use aws_lc_rs::{
    agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey, UnparsedPublicKey, X25519},
    encoding::{AsBigEndian, AsDer, Curve25519SeedBin, Pkcs8V1Der},
    kdf::{SskdfDigestAlgorithmId, get_sskdf_digest_algorithm, sskdf_digest},
};
use zeroize::Zeroizing;

use super::super::Rejected;
use crate::{
    jwa::AgreementCurve,
    jwk::{Curve, PublicKey},
};

/// What stands before the 32 bytes of an X25519 key in its PKCS#8 (RFC 8410 section 7), which the backend cannot read.
const X25519_PKCS8: &[u8] = &[
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20,
];

/// A private key to agree on keys with.
pub(crate) struct AgreementKey {
    key: PrivateKey,
    curve: AgreementCurve,
}

impl AgreementKey {
    pub(crate) fn generate(curve: AgreementCurve) -> Result<Self, Rejected> {
        let key = PrivateKey::generate(algorithm(curve))?;
        Ok(Self { key, curve })
    }

    /// From the private number in the length of the curve, or the 32 bytes of an X25519 key.
    pub(crate) fn from_scalar(curve: AgreementCurve, scalar: &[u8]) -> Result<Self, Rejected> {
        let key = PrivateKey::from_private_key(algorithm(curve), scalar)?;
        Ok(Self { key, curve })
    }

    /// From PKCS#8 DER, or SEC 1 DER for the NIST curves.
    pub(crate) fn from_der(curve: AgreementCurve, der: &[u8]) -> Result<Self, Rejected> {
        if curve == AgreementCurve::X25519 {
            return Self::from_scalar(curve, der.strip_prefix(X25519_PKCS8).ok_or(Rejected)?);
        }
        let key = PrivateKey::from_private_key_der(algorithm(curve), der)?;
        Ok(Self { key, curve })
    }

    pub(crate) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, Rejected> {
        if self.curve == AgreementCurve::X25519 {
            let seed: Curve25519SeedBin<'_> = self.key.as_be_bytes()?;
            return Ok([X25519_PKCS8, seed.as_ref()].concat().into());
        }
        let der: Pkcs8V1Der<'_> = self.key.as_der()?;
        Ok(der.as_ref().to_vec().into())
    }

    pub(crate) fn public(&self) -> Result<PublicKey, Rejected> {
        let public = self.key.compute_public_key()?;
        let bytes = public.as_ref();
        let curve = match self.curve {
            AgreementCurve::P256 => Curve::P256,
            AgreementCurve::P384 => Curve::P384,
            AgreementCurve::P521 => Curve::P521,
            AgreementCurve::X25519 => {
                let x = bytes.try_into().map_err(|_| Rejected)?;
                return Ok(PublicKey::X25519 { x });
            }
        };
        let coordinates = bytes.strip_prefix(&[4]).ok_or(Rejected)?;
        let (x, y) = coordinates.split_at(coordinates.len() / 2);
        PublicKey::ec(curve, x.to_vec(), y.to_vec()).map_err(|_| Rejected)
    }

    /// Agrees with the owner of `peer` on `length` bytes, which `context` takes part in. A point off the curve, one of
    /// small order and one of another curve are refused.
    pub(crate) fn agree(
        &self,
        peer: &PublicKey,
        context: &[u8],
        length: usize,
    ) -> Result<Zeroizing<Vec<u8>>, Rejected> {
        let bytes = match peer {
            PublicKey::Ec { x, y, .. } => [&[4], x.as_slice(), y].concat(),
            PublicKey::X25519 { x } => x.to_vec(),
            _ => return Err(Rejected),
        };
        if curve_of(peer) != Some(self.curve) {
            return Err(Rejected);
        }
        let peer = UnparsedPublicKey::new(algorithm(self.curve), bytes);
        let sha256 = get_sskdf_digest_algorithm(SskdfDigestAlgorithmId::Sha256).ok_or(Rejected)?;
        agreement::agree(&self.key, peer, Rejected, |shared| {
            let mut key = Zeroizing::new(vec![0; length]);
            sskdf_digest(sha256, shared, context, &mut key)?;
            Ok(key)
        })
    }
}

/// The curve of a public key, if keys can be agreed on with it.
pub(crate) fn curve_of(key: &PublicKey) -> Option<AgreementCurve> {
    match key {
        PublicKey::Ec { curve, .. } => match curve {
            Curve::P256 => Some(AgreementCurve::P256),
            Curve::P384 => Some(AgreementCurve::P384),
            Curve::P521 => Some(AgreementCurve::P521),
            Curve::Secp256k1 => None,
        },
        PublicKey::X25519 { .. } => Some(AgreementCurve::X25519),
        _ => None,
    }
}

fn algorithm(curve: AgreementCurve) -> &'static agreement::Algorithm {
    match curve {
        AgreementCurve::P256 => &ECDH_P256,
        AgreementCurve::P384 => &ECDH_P384,
        AgreementCurve::P521 => &ECDH_P521,
        AgreementCurve::X25519 => &X25519,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NIST: [(AgreementCurve, Curve); 3] = [
        (AgreementCurve::P256, Curve::P256),
        (AgreementCurve::P384, Curve::P384),
        (AgreementCurve::P521, Curve::P521),
    ];

    fn key(curve: AgreementCurve) -> AgreementKey {
        AgreementKey::generate(curve).unwrap()
    }

    fn agrees(own: AgreementCurve, peer: &PublicKey) -> bool {
        key(own).agree(peer, b"context", 16).is_ok()
    }

    #[test]
    fn a_point_off_the_curve_or_of_another_length_is_refused() {
        for (own, curve) in NIST {
            let good = key(own).public().unwrap();
            assert!(agrees(own, &good), "the control");
            let PublicKey::Ec { x, mut y, .. } = good else {
                unreachable!("a point");
            };
            let point = |x: &[u8], y: &[u8]| PublicKey::Ec {
                curve,
                x: x.to_vec(),
                y: y.to_vec(),
            };
            for (x, y) in [(&x[1..], &y[..]), (&x[..], &y[1..]), (&[], &[])] {
                assert!(!agrees(own, &point(x, y)));
            }
            y[8] ^= 1;
            assert!(!agrees(own, &point(&x, &y)));
            let zero = vec![0; x.len()];
            assert!(!agrees(own, &point(&zero, &zero)));
        }
    }

    #[test]
    fn a_key_of_another_curve_is_refused() {
        let all = NIST.map(|(curve, _)| curve);
        let all = [all[0], all[1], all[2], AgreementCurve::X25519];
        for own in all {
            for other in all {
                let agreed = agrees(own, &key(other).public().unwrap());
                assert_eq!(agreed, own == other, "{own:?} with {other:?}");
            }
        }
        // The bytes of a P-256 point that states another curve.
        let PublicKey::Ec { x, y, .. } = key(AgreementCurve::P256).public().unwrap() else {
            unreachable!("a point");
        };
        let curve = Curve::Secp256k1;
        assert!(!agrees(
            AgreementCurve::P256,
            &PublicKey::Ec { curve, x, y }
        ));
    }

    #[test]
    fn an_x25519_key_of_small_order_is_refused() {
        let own = AgreementCurve::X25519;
        let mut base = [0; 32];
        base[0] = 9;
        assert!(agrees(own, &PublicKey::X25519 { x: base }), "the control");
        let mut one = [0; 32];
        one[0] = 1;
        for x in [[0; 32], one] {
            assert!(!agrees(own, &PublicKey::X25519 { x }));
        }
    }
}
