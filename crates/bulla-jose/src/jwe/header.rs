use super::{DecryptionError, Malformed};
use crate::{
    backend::curve_of,
    base64url,
    json::{self, Limits, Names, Raw, Text},
    jwk::{KeyMaterial, Members, PublicKey},
    jws,
};

/// The header of an encrypted token (RFC 7516 section 4.1). Those members that carry or fetch a key (`jwk`, `jku`, `x5u`,
/// `x5c`) are never looked at: a token cannot bring its own key.
///
/// A header is what somebody claims until the token is decrypted. Even then it does not say who encrypted it, if the key
/// is a public one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    shared: jws::Header<'static>,
    encryption: String,
    compressed: bool,
    pub(super) ephemeral: Option<PublicKey>,
    pub(super) agreement_party_u: Vec<u8>,
    pub(super) agreement_party_v: Vec<u8>,
    pub(super) iv: Option<Vec<u8>>,
    pub(super) tag: Option<Vec<u8>>,
}

impl Header {
    /// `alg` (RFC 7516 section 4.1.1), as it was written.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        self.shared.algorithm()
    }

    /// `enc` (RFC 7516 section 4.1.2), as it was written.
    #[must_use]
    pub fn encryption(&self) -> &str {
        &self.encryption
    }

    /// `kid` (RFC 7516 section 4.1.6).
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.shared.key_id()
    }

    /// `typ` (RFC 7516 section 4.1.11).
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.shared.typ()
    }

    /// `cty` (RFC 7516 section 4.1.12).
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.shared.content_type()
    }

    /// Reads the decoded bytes of a header. Grants nothing.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut names = Names::default();
        let shared = jws::Header::parse(bytes, &mut names).map_err(Malformed::Header)?;
        let mut raw = RawHeader::default();
        let read = json::members(bytes, Limits::HEADER, &mut names, &mut |name, value| {
            raw.keep(name, value);
        });
        read.map_err(|_| malformed("enc", "there"))?;
        let encryption = match raw.enc {
            None => return Err(malformed("enc", "there")),
            Some(Raw::String(text)) => text.decoded().into_owned(),
            Some(_) => return Err(malformed("enc", "a string")),
        };
        Ok(Self {
            shared: shared.into_owned(),
            encryption,
            compressed: raw.zip.is_some(),
            ephemeral: raw.epk.map(ephemeral).transpose()?,
            agreement_party_u: octets("apu", raw.apu)?.unwrap_or_default(),
            agreement_party_v: octets("apv", raw.apv)?.unwrap_or_default(),
            iv: octets("iv", raw.iv)?,
            tag: octets("tag", raw.tag)?,
        })
    }

    /// Refuses everything that must be understood and is not.
    pub(super) fn check_extensions(&self) -> Result<(), DecryptionError> {
        if self.compressed {
            return Err(DecryptionError::CompressionRefused);
        }
        let names = self.shared.critical_shown();
        if names.is_empty() {
            return Ok(());
        }
        Err(DecryptionError::CriticalUnsupported { names })
    }
}

#[derive(Default)]
struct RawHeader<'a> {
    enc: Option<Raw<'a>>,
    zip: Option<Raw<'a>>,
    epk: Option<Raw<'a>>,
    apu: Option<Raw<'a>>,
    apv: Option<Raw<'a>>,
    iv: Option<Raw<'a>>,
    tag: Option<Raw<'a>>,
}

impl<'a> RawHeader<'a> {
    fn keep(&mut self, name: Text<'_>, value: Raw<'a>) {
        let places = [
            ("enc", &mut self.enc),
            ("zip", &mut self.zip),
            ("epk", &mut self.epk),
            ("apu", &mut self.apu),
            ("apv", &mut self.apv),
            ("iv", &mut self.iv),
            ("tag", &mut self.tag),
        ];
        for (known, place) in places {
            if name == *known {
                *place = Some(value);
            }
        }
    }
}

/// RFC 7518 section 4.6.1.1: a public key to agree with, and nothing private. Whether it is a point, and on the curve of
/// the recipient's key, is found out when it is agreed with.
fn ephemeral(epk: Raw<'_>) -> Result<PublicKey, Malformed> {
    let refused = || malformed("epk", "a public key to agree with");
    let Raw::Object(jwk) = epk else {
        return Err(refused());
    };
    let members = Members::read(jwk.as_bytes()).map_err(|_| refused())?;
    match members.material() {
        Ok(KeyMaterial::Public(public))
            if curve_of(&public).is_some() && !members.has_secrets() =>
        {
            Ok(public)
        }
        _ => Err(refused()),
    }
}

fn octets(name: &'static str, value: Option<Raw<'_>>) -> Result<Option<Vec<u8>>, Malformed> {
    let refused = || malformed(name, "canonical base64url");
    match value {
        None => Ok(None),
        Some(Raw::String(text)) => base64url::decode(text.decoded().as_bytes())
            .map(Some)
            .map_err(|_| refused()),
        Some(_) => Err(refused()),
    }
}

pub(super) const fn malformed(name: &'static str, expected: &'static str) -> Malformed {
    Malformed::HeaderMember { name, expected }
}
