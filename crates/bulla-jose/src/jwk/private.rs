use zeroize::Zeroizing;

use super::{KeyError, PublicKey, members::octets};
use crate::json::Raw;

/// A number or a seed that must not be seen.
pub(crate) type Secret = Zeroizing<Vec<u8>>;

/// The private half of a key, as its JWK spells it.
pub(crate) enum PrivateKey {
    /// `d` of EC and OKP, `priv` of AKP.
    One(Secret),
    Rsa(Box<RsaNumbers>),
}

/// RFC 7518 section 6.3.2. Without the factors a key is slow and open to timing, so they are required.
pub(crate) struct RsaNumbers {
    pub(crate) d: Secret,
    pub(crate) p: Secret,
    pub(crate) q: Secret,
    pub(crate) dp: Secret,
    pub(crate) dq: Secret,
    pub(crate) qi: Secret,
}

/// The members that only a private JWK has, as they stand in its text.
#[derive(Default)]
pub(super) struct PrivateMembers<'a> {
    d: Option<Raw<'a>>,
    p: Option<Raw<'a>>,
    q: Option<Raw<'a>>,
    dp: Option<Raw<'a>>,
    dq: Option<Raw<'a>>,
    qi: Option<Raw<'a>>,
    oth: Option<Raw<'a>>,
    seed: Option<Raw<'a>>,
}

impl<'a> PrivateMembers<'a> {
    /// Where a member of this name is kept; none if it is not a private one.
    pub(super) fn place(&mut self, name: &str) -> Option<&mut Option<Raw<'a>>> {
        Some(match name {
            "d" => &mut self.d,
            "p" => &mut self.p,
            "q" => &mut self.q,
            "dp" => &mut self.dp,
            "dq" => &mut self.dq,
            "qi" => &mut self.qi,
            "oth" => &mut self.oth,
            "priv" => &mut self.seed,
            _ => return None,
        })
    }

    /// Whether there is one of them.
    pub(super) fn is_any(&self) -> bool {
        let Self {
            d,
            p,
            q,
            dp,
            dq,
            qi,
            oth,
            seed,
        } = self;
        let all = [d, p, q, dp, dq, qi, oth, seed];
        all.iter().any(|member| member.is_some())
    }

    /// The private half of this public one. Whether they fit together is for the backend to find out.
    pub(super) fn half_of(&self, public: &PublicKey) -> Result<PrivateKey, KeyError> {
        match public {
            PublicKey::Ec { curve, .. } => one("d", self.d, curve.coordinate_bytes()),
            PublicKey::Ed25519 { .. } | PublicKey::X25519 { .. } => one("d", self.d, 32),
            PublicKey::MlDsa { .. } => one("priv", self.seed, 32),
            PublicKey::Rsa { .. } => {
                self.d.ok_or(KeyError::PrivateHalfMissing)?;
                if self.oth.is_some() {
                    let (member, expected) = ("oth", "absent: keys have two prime factors");
                    return Err(KeyError::MemberInvalid { member, expected });
                }
                Ok(PrivateKey::Rsa(Box::new(RsaNumbers {
                    d: octets("d", self.d)?.into(),
                    p: octets("p", self.p)?.into(),
                    q: octets("q", self.q)?.into(),
                    dp: octets("dp", self.dp)?.into(),
                    dq: octets("dq", self.dq)?.into(),
                    qi: octets("qi", self.qi)?.into(),
                })))
            }
        }
    }
}

fn one(
    member: &'static str,
    value: Option<Raw<'_>>,
    length: usize,
) -> Result<PrivateKey, KeyError> {
    value.ok_or(KeyError::PrivateHalfMissing)?;
    let secret = Secret::new(octets(member, value)?);
    let expected = "a private number or seed of the key's full size";
    let fits = secret.len() == length;
    fits.then_some(PrivateKey::One(secret))
        .ok_or(KeyError::MemberInvalid { member, expected })
}
