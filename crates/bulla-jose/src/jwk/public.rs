use serde_json::{Map, Value};

use super::{KeyError, roca};
use crate::{backend, base64url, jwa::Algorithm};

/// The public half of a key, as its JWK spells it. Made by the functions below, which refuse what a backend might let
/// through: wrong sizes, useless exponents, points off Curve25519. (Points off the other curves are refused by the backend.)
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublicKey {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    Ec {
        curve: Curve,
        x: Vec<u8>,
        y: Vec<u8>,
    },
    Ed25519 {
        x: [u8; 32],
    },
    X25519 {
        x: [u8; 32],
    },
    MlDsa {
        /// What the JWK's `alg` says: the type AKP has no `crv`.
        parameters: Algorithm,
        public: Vec<u8>,
    },
}

/// A curve of the type EC (RFC 7518 section 6.2.1.1, RFC 8812 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
    Secp256k1,
}

impl Curve {
    pub(super) fn parse(name: &str) -> Option<Self> {
        let all = [Self::P256, Self::P384, Self::P521, Self::Secp256k1];
        all.into_iter().find(|curve| curve.as_str() == name)
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
        }
    }

    pub(crate) const fn coordinate_bytes(self) -> usize {
        match self {
            Self::P256 | Self::Secp256k1 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

impl PublicKey {
    /// RFC 7518 sections 3.3 and 6.3.1: 2048 bits or more, no extra zero octets; and an exponent that is one.
    pub(crate) fn rsa(n: Vec<u8>, e: Vec<u8>) -> Result<Self, KeyError> {
        check_rsa(&n, &e)?;
        Ok(Self::Rsa { n, e })
    }

    /// RFC 7518 section 6.2.1: coordinates of the curve's full size.
    pub(crate) fn ec(curve: Curve, x: Vec<u8>, y: Vec<u8>) -> Result<Self, KeyError> {
        let expected = "a coordinate of the curve's full size";
        for (member, coordinate) in [("x", &x), ("y", &y)] {
            if coordinate.len() != curve.coordinate_bytes() {
                return Err(KeyError::MemberInvalid { member, expected });
            }
        }
        Ok(Self::Ec { curve, x, y })
    }

    /// RFC 8037 section 2.
    pub(crate) fn ed25519(x: [u8; 32]) -> Result<Self, KeyError> {
        let is_key = backend::is_ed25519_key(&x);
        is_key
            .then_some(Self::Ed25519 { x })
            .ok_or(KeyError::PointInvalid)
    }

    /// RFC 9964 section 3.
    pub(crate) fn ml_dsa(parameters: Algorithm, public: Vec<u8>) -> Result<Self, KeyError> {
        let length = match parameters {
            Algorithm::MlDsa44 => 1312,
            Algorithm::MlDsa65 => 1952,
            Algorithm::MlDsa87 => 2592,
            other => return Err(KeyError::AlgorithmMismatch(other)),
        };
        if public.len() != length {
            return Err(KeyError::MemberInvalid {
                member: "pub",
                expected: "a public key of the algorithm's size",
            });
        }
        Ok(Self::MlDsa { parameters, public })
    }

    /// Whether a key of this type can do `algorithm`.
    pub(super) fn fits(&self, algorithm: Algorithm) -> bool {
        use Algorithm as A;
        match self {
            Self::Rsa { .. } => matches!(
                algorithm,
                A::Rs256 | A::Rs384 | A::Rs512 | A::Ps256 | A::Ps384 | A::Ps512
            ),
            Self::Ec { curve, .. } => match curve {
                Curve::P256 => algorithm == A::Es256,
                Curve::P384 => algorithm == A::Es384,
                Curve::P521 => algorithm == A::Es512,
                Curve::Secp256k1 => algorithm == A::Es256k,
            },
            Self::Ed25519 { .. } => matches!(algorithm, A::EdDsa | A::Ed25519),
            Self::X25519 { .. } => false,
            Self::MlDsa { parameters, .. } => algorithm == *parameters,
        }
    }

    /// The members that every JWK of this type must have, in the order of their names, which is the one that a
    /// thumbprint wants (RFC 7638 section 3.2, RFC 9964 section 6).
    fn members(&self) -> Vec<(&'static str, String)> {
        let text = |bytes: &[u8]| base64url::encode(bytes);
        let kty = |kty: &str| ("kty", kty.to_owned());
        match self {
            Self::Rsa { n, e } => vec![("e", text(e)), kty("RSA"), ("n", text(n))],
            Self::Ec { curve, x, y } => vec![
                ("crv", curve.as_str().to_owned()),
                kty("EC"),
                ("x", text(x)),
                ("y", text(y)),
            ],
            Self::Ed25519 { x } => vec![("crv", "Ed25519".into()), kty("OKP"), ("x", text(x))],
            Self::X25519 { x } => vec![("crv", "X25519".into()), kty("OKP"), ("x", text(x))],
            Self::MlDsa { parameters, public } => vec![
                ("alg", parameters.to_string()),
                kty("AKP"),
                ("pub", text(public)),
            ],
        }
    }

    /// The members as JSON values.
    pub(crate) fn to_jwk(&self) -> Map<String, Value> {
        self.members()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect()
    }

    /// The base64url SHA-256 thumbprint (RFC 7638).
    pub(super) fn thumbprint(&self) -> String {
        // None of the names and values has a character that JSON would escape.
        let members: Vec<String> = self
            .members()
            .into_iter()
            .map(|(name, value)| format!("\"{name}\":\"{value}\""))
            .collect();
        let canonical = format!("{{{}}}", members.join(","));
        base64url::encode(&backend::sha256(canonical.as_bytes()))
    }
}

fn check_rsa(n: &[u8], e: &[u8]) -> Result<(), KeyError> {
    for (member, value) in [("n", n), ("e", e)] {
        if matches!(value.first(), None | Some(0)) {
            let expected = "a positive integer without leading zero bytes";
            return Err(KeyError::MemberInvalid { member, expected });
        }
    }
    let bits = n.len() * 8 - n.first().map_or(0, |byte| byte.leading_zeros() as usize);
    if !(2048..=8192).contains(&bits) {
        return Err(KeyError::RsaSizeRefused { bits });
    }
    let odd = |value: &[u8]| value.last().is_some_and(|byte| byte % 2 == 1);
    if !odd(n) || !odd(e) || e == [1] || e.len() > 4 {
        return Err(KeyError::PublicKeyInvalid);
    }
    if roca::is_factorable(n) {
        return Err(KeyError::RsaFactorable);
    }
    Ok(())
}
