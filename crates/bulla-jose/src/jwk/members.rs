use std::borrow::Cow;

use zeroize::Zeroizing;

use super::{Curve, KeyError, KeyId, PublicKey};
use crate::{
    base64url,
    excerpt::excerpt,
    json::{self, Limits, Names, Raw},
    jwa::Algorithm,
};

/// The members of a JWK that matter here, as they stand in its text. Others are ignored (RFC 7517 section 4).
#[derive(Default)]
pub(super) struct Members<'a> {
    kty: Option<Raw<'a>>,
    usage: Option<Raw<'a>>,
    key_ops: Option<Raw<'a>>,
    alg: Option<Raw<'a>>,
    kid: Option<Raw<'a>>,
    crv: Option<Raw<'a>>,
    x: Option<Raw<'a>>,
    y: Option<Raw<'a>>,
    n: Option<Raw<'a>>,
    e: Option<Raw<'a>>,
    k: Option<Raw<'a>>,
    public: Option<Raw<'a>>,
    private: bool,
}

/// What a JWK verifies with.
pub(super) enum KeyMaterial {
    Public(PublicKey),
    Secret(Zeroizing<Vec<u8>>),
}

impl<'a> Members<'a> {
    /// Reads a strict JSON object.
    pub(super) fn read(jwk: &'a [u8]) -> Result<Self, KeyError> {
        let mut members = Self::default();
        json::members(
            jwk,
            Limits::CLAIMS,
            &mut Names::default(),
            &mut |name, value| {
                let place = match &*name.decoded() {
                    "kty" => &mut members.kty,
                    "use" => &mut members.usage,
                    "key_ops" => &mut members.key_ops,
                    "alg" => &mut members.alg,
                    "kid" => &mut members.kid,
                    "crv" => &mut members.crv,
                    "x" => &mut members.x,
                    "y" => &mut members.y,
                    "n" => &mut members.n,
                    "e" => &mut members.e,
                    "k" => &mut members.k,
                    "pub" => &mut members.public,
                    "d" | "p" | "q" | "dp" | "dq" | "qi" | "oth" | "priv" => {
                        members.private = true;
                        return;
                    }
                    _ => return,
                };
                *place = Some(value);
            },
        )?;
        Ok(members)
    }

    /// Whether it holds a secret or a private half.
    pub(super) const fn has_secrets(&self) -> bool {
        self.private || self.k.is_some()
    }

    /// `kid` as it was written, for a report.
    pub(super) fn key_id_shown(&self) -> Option<String> {
        text("kid", self.kid).ok().map(|kid| excerpt(&kid))
    }

    pub(super) fn key_id(&self) -> Result<Option<KeyId>, KeyError> {
        if self.kid.is_none() {
            return Ok(None);
        }
        let expected = "a key ID of 1 to 256 bytes";
        let member = "kid";
        KeyId::new(text(member, self.kid)?)
            .map(Some)
            .map_err(|_| KeyError::MemberInvalid { member, expected })
    }

    /// Refuses a key that says it is for something else than `operation` (RFC 7517 sections 4.2 and 4.3).
    pub(super) fn check_purpose(&self, operation: &'static str) -> Result<(), KeyError> {
        if self.usage.is_some() {
            let usage = text("use", self.usage)?;
            if usage != "sig" {
                return Err(KeyError::UseRefused(excerpt(&usage)));
            }
        }
        let Some(operations) = self.key_ops else {
            return Ok(());
        };
        let invalid = KeyError::MemberInvalid {
            member: "key_ops",
            expected: "an array of different strings",
        };
        let Raw::Array(operations) = operations else {
            return Err(invalid);
        };
        let operations: Vec<Cow<'_, str>> = json::strings(operations)
            .ok_or_else(|| invalid.clone())?
            .iter()
            .map(json::Text::decoded)
            .collect();
        let repeated = (1..operations.len()).any(|at| operations[..at].contains(&operations[at]));
        if repeated {
            return Err(invalid);
        }
        if !operations.iter().any(|known| known == operation) {
            return Err(KeyError::OperationRefused(operation));
        }
        Ok(())
    }

    /// `alg`, if the key states one.
    pub(super) fn algorithm(&self) -> Result<Option<Algorithm>, KeyError> {
        if self.alg.is_none() {
            return Ok(None);
        }
        let name = text("alg", self.alg)?;
        name.parse()
            .map(Some)
            .map_err(|_| KeyError::AlgorithmUnsupported(excerpt(&name)))
    }

    /// What `kty` and its own members say (RFC 7518 section 6, RFC 8037 section 2, RFC 9964 section 3).
    pub(super) fn material(&self) -> Result<KeyMaterial, KeyError> {
        let public = match &*text("kty", self.kty)? {
            "RSA" => PublicKey::Rsa {
                n: octets("n", self.n)?,
                e: octets("e", self.e)?,
            },
            "EC" => {
                let name = text("crv", self.crv)?;
                PublicKey::Ec {
                    curve: Curve::parse(&name)
                        .ok_or_else(|| KeyError::CurveUnsupported(excerpt(&name)))?,
                    x: octets("x", self.x)?,
                    y: octets("y", self.y)?,
                }
            }
            "OKP" => {
                let name = text("crv", self.crv)?;
                if name != "Ed25519" {
                    return Err(KeyError::CurveUnsupported(excerpt(&name)));
                }
                let x = octets("x", self.x)?.try_into();
                let (member, expected) = ("x", "32 bytes");
                PublicKey::Ed25519 {
                    x: x.map_err(|_| KeyError::MemberInvalid { member, expected })?,
                }
            }
            "AKP" => {
                self.alg.ok_or(KeyError::MemberMissing("alg"))?;
                PublicKey::MlDsa {
                    public: octets("pub", self.public)?,
                }
            }
            "oct" => return Ok(KeyMaterial::Secret(octets("k", self.k)?.into())),
            other => return Err(KeyError::KeyTypeUnsupported(excerpt(other))),
        };
        Ok(KeyMaterial::Public(public))
    }
}

fn text<'a>(member: &'static str, value: Option<Raw<'a>>) -> Result<Cow<'a, str>, KeyError> {
    match value {
        Some(Raw::String(text)) => Ok(text.decoded()),
        Some(_) => Err(KeyError::MemberInvalid {
            member,
            expected: "a string",
        }),
        None => Err(KeyError::MemberMissing(member)),
    }
}

fn octets(member: &'static str, value: Option<Raw<'_>>) -> Result<Vec<u8>, KeyError> {
    let expected = "canonical base64url";
    base64url::decode(text(member, value)?.as_bytes())
        .map_err(|_| KeyError::MemberInvalid { member, expected })
}
