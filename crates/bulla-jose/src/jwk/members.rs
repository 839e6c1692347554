use std::borrow::Cow;

use zeroize::Zeroizing;

use super::{Curve, KeyError, KeyId, PrivateKey, PublicKey, private::PrivateMembers};
use crate::{
    base64url,
    excerpt::excerpt,
    json::{self, Limits, Names, Raw},
    jwa::{Algorithm, KeyManagement},
};

/// The standard defines eight values of `key_ops`; each is compared with each.
const MOST_OPERATIONS: usize = 16;

/// The members of a JWK that matter here, as they stand in its text. Others are ignored (RFC 7517 section 4).
#[derive(Default)]
pub(crate) struct Members<'a> {
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
    private: PrivateMembers<'a>,
}

/// What a JWK verifies or encrypts with.
pub(crate) enum KeyMaterial {
    Public(PublicKey),
    Secret(Zeroizing<Vec<u8>>),
}

impl<'a> Members<'a> {
    /// Reads a strict JSON object.
    pub(crate) fn read(jwk: &'a [u8]) -> Result<Self, KeyError> {
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
                    other => match members.private.place(other) {
                        Some(place) => place,
                        None => return,
                    },
                };
                *place = Some(value);
            },
        )?;
        Ok(members)
    }

    /// Whether it holds a secret or a private half.
    pub(crate) fn has_secrets(&self) -> bool {
        self.private.is_any() || self.k.is_some()
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

    /// Refuses a key that says it is for another `use`, or for none of the `operations` (RFC 7517 sections 4.2 and 4.3).
    pub(super) fn check_purpose(
        &self,
        wanted: &str,
        wanted_operations: &[&'static str],
    ) -> Result<(), KeyError> {
        if self.usage.is_some() {
            let usage = text("use", self.usage)?;
            if usage != wanted {
                return Err(KeyError::UseRefused(excerpt(&usage)));
            }
        }
        let Some(operations) = self.key_ops else {
            return Ok(());
        };
        let invalid = KeyError::MemberInvalid {
            member: "key_ops",
            expected: "an array of at most 16 different strings",
        };
        let Raw::Array(operations) = operations else {
            return Err(invalid);
        };
        let operations: Vec<Cow<'_, str>> = json::strings(operations)
            .filter(|operations| operations.len() <= MOST_OPERATIONS)
            .ok_or_else(|| invalid.clone())?
            .iter()
            .map(json::Text::decoded)
            .collect();
        let repeated = (1..operations.len()).any(|at| operations[..at].contains(&operations[at]));
        if repeated {
            return Err(invalid);
        }
        let allowed = |wanted: &&str| operations.iter().any(|known| known == wanted);
        match wanted_operations {
            [first, ..] if !wanted_operations.iter().any(allowed) => {
                Err(KeyError::OperationRefused(first))
            }
            _ => Ok(()),
        }
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

    /// Refuses a key whose `alg` is another than the one it should do. A key for `dir` may say so by either name.
    pub(super) fn check_key_management(&self, algorithm: KeyManagement) -> Result<(), KeyError> {
        if self.alg.is_none() {
            return Ok(());
        }
        let name = text("alg", self.alg)?;
        let same = name == algorithm.jwk_name() || name == algorithm.as_str();
        same.then_some(())
            .ok_or(KeyError::KeyManagementMismatch(algorithm))
    }

    /// The key management that `alg` names, which it must.
    pub(super) fn key_management(&self) -> Result<KeyManagement, KeyError> {
        let name = text("alg", self.alg)?;
        KeyManagement::from_jwk_name(&name)
            .ok_or_else(|| KeyError::AlgorithmUnsupported(excerpt(&name)))
    }

    /// The private half that belongs to a public one.
    pub(super) fn private_half(&self, public: &PublicKey) -> Result<PrivateKey, KeyError> {
        self.private.half_of(public)
    }

    /// What `kty` and its own members say (RFC 7518 section 6, RFC 8037 section 2, RFC 9964 section 3).
    pub(crate) fn material(&self) -> Result<KeyMaterial, KeyError> {
        let public = match &*text("kty", self.kty)? {
            "RSA" => PublicKey::rsa(octets("n", self.n)?, octets("e", self.e)?)?,
            "EC" => {
                let name = text("crv", self.crv)?;
                let curve = Curve::parse(&name)
                    .ok_or_else(|| KeyError::CurveUnsupported(excerpt(&name)))?;
                PublicKey::ec(curve, octets("x", self.x)?, octets("y", self.y)?)?
            }
            "OKP" => {
                let name = text("crv", self.crv)?;
                let x = || {
                    let (member, expected) = ("x", "32 bytes");
                    let x = octets("x", self.x)?.try_into();
                    x.map_err(|_| KeyError::MemberInvalid { member, expected })
                };
                match &*name {
                    "Ed25519" => PublicKey::ed25519(x()?)?,
                    "X25519" => PublicKey::X25519 { x: x()? },
                    other => return Err(KeyError::CurveUnsupported(excerpt(other))),
                }
            }
            "AKP" => {
                let parameters = self.algorithm()?.ok_or(KeyError::MemberMissing("alg"))?;
                PublicKey::ml_dsa(parameters, octets("pub", self.public)?)?
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

pub(super) fn octets(member: &'static str, value: Option<Raw<'_>>) -> Result<Vec<u8>, KeyError> {
    let expected = "canonical base64url";
    base64url::decode(text(member, value)?.as_bytes())
        .map_err(|_| KeyError::MemberInvalid { member, expected })
}
