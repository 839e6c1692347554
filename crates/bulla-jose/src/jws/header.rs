use std::borrow::Cow;

use super::{Malformed, Part, SignatureError};
use crate::{
    excerpt::excerpt,
    json::{self, Limits, Names, Raw, Text},
    jwa::Algorithm,
};

/// The header parameters that RFC 7515 section 4.1 defines and that are understood here. Those that carry or fetch a
/// key (`jwk`, `jku`, `x5u`, `x5c`) are never looked at: a token cannot bring its own key.
///
/// A header is what somebody claims until the signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header<'a> {
    pub(crate) algorithm: Cow<'a, str>,
    pub(crate) key_id: Option<Cow<'a, str>>,
    pub(crate) typ: Option<Cow<'a, str>>,
    pub(crate) content_type: Option<Cow<'a, str>>,
    pub(crate) critical: Vec<String>,
    pub(crate) unencoded: bool,
}

/// A header that a key has signed, in its encoded form: a token that begins with it needs no parsing.
#[derive(Debug)]
pub(crate) struct LearntHeader {
    pub(crate) encoded: Box<str>,
    pub(crate) algorithm: Algorithm,
    pub(crate) typ: Option<Box<str>>,
}

impl<'a> Header<'a> {
    /// `alg` (RFC 7515 section 4.1.1), as it was written.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// `kid` (RFC 7515 section 4.1.4).
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// `typ` (RFC 7515 section 4.1.9).
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// `cty` (RFC 7515 section 4.1.10).
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The names in `crit` (RFC 7515 section 4.1.11); empty if there is none.
    #[must_use]
    pub fn critical(&self) -> &[String] {
        &self.critical
    }

    /// Reads the decoded bytes of a header. Grants nothing.
    pub(crate) fn parse(bytes: &'a [u8], names: &mut Names) -> Result<Self, Malformed> {
        let mut raw = RawHeader::default();
        let read = json::members(bytes, Limits::HEADER, names, &mut |name, value| {
            raw.keep(name, value);
        });
        let source = read.map_err(|problem| Malformed::Json {
            part: Part::Header,
            problem,
        })?;
        let text = |name, value| match value {
            None => Ok(None),
            Some(Raw::String(text)) => Ok(Some(text.decoded())),
            Some(_) => Err(malformed(name, "a string")),
        };
        Ok(Self {
            algorithm: text("alg", raw.alg)?.ok_or_else(|| malformed("alg", "there"))?,
            key_id: text("kid", raw.kid)?,
            typ: text("typ", raw.typ)?,
            content_type: text("cty", raw.cty)?,
            critical: match raw.crit {
                None => Vec::new(),
                Some(crit) => critical(crit, |name| names.contains(source, name))?,
            },
            unencoded: match raw.b64 {
                None | Some(Raw::Bool(true)) => false,
                Some(Raw::Bool(false)) => true,
                Some(_) => return Err(malformed("b64", "true or false")),
            },
        })
    }

    pub(crate) fn into_owned(self) -> Header<'static> {
        let own = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        Header {
            algorithm: own(self.algorithm),
            key_id: self.key_id.map(own),
            typ: self.typ.map(own),
            content_type: self.content_type.map(own),
            critical: self.critical,
            unencoded: self.unencoded,
        }
    }

    /// The beginnings of the first names in `crit`, for an error.
    pub(crate) fn critical_shown(&self) -> Vec<String> {
        const SHOWN: usize = 8;
        let names = self.critical.iter().take(SHOWN);
        names.map(|name| excerpt(name)).collect()
    }

    /// Refuses everything that must be understood and is not.
    pub(crate) fn check_extensions(&self) -> Result<(), SignatureError> {
        let mut names = self.critical_shown();
        if self.unencoded && names.is_empty() {
            names.push("b64".to_owned());
        }
        if names.is_empty() {
            return Ok(());
        }
        Err(SignatureError::CriticalUnsupported { names })
    }
}

#[derive(Default)]
struct RawHeader<'a> {
    alg: Option<Raw<'a>>,
    kid: Option<Raw<'a>>,
    typ: Option<Raw<'a>>,
    cty: Option<Raw<'a>>,
    crit: Option<Raw<'a>>,
    b64: Option<Raw<'a>>,
}

impl<'a> RawHeader<'a> {
    fn keep(&mut self, name: Text<'_>, value: Raw<'a>) {
        let places = [
            ("alg", &mut self.alg),
            ("kid", &mut self.kid),
            ("typ", &mut self.typ),
            ("cty", &mut self.cty),
            ("crit", &mut self.crit),
            ("b64", &mut self.b64),
        ];
        for (known, place) in places {
            if name == *known {
                *place = Some(value);
            }
        }
    }
}

/// RFC 7515 section 4.1.11: names, at least one, each once, none of the standard's own, each in the header.
fn critical(crit: Raw<'_>, is_present: impl Fn(&str) -> bool) -> Result<Vec<String>, Malformed> {
    const STANDARD: [&str; 13] = [
        "alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit", "enc",
        "zip",
    ];
    let refused = || malformed("crit", "a list of different extensions in the header");
    let Raw::Array(array) = crit else {
        return Err(refused());
    };
    let texts = json::strings(array).ok_or_else(refused)?;
    // The header has at most 64 members, so more names than that repeat one or name one that is missing.
    if texts.is_empty() || texts.len() > Limits::HEADER.members() {
        return Err(refused());
    }
    let mut names: Vec<String> = Vec::with_capacity(texts.len());
    for text in texts {
        let name = text.decoded().into_owned();
        if STANDARD.contains(&&*name) || names.contains(&name) || !is_present(&name) {
            return Err(refused());
        }
        names.push(name);
    }
    Ok(names)
}

const fn malformed(name: &'static str, expected: &'static str) -> Malformed {
    Malformed::HeaderMember { name, expected }
}
