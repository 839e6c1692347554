use super::{Malformed, Part};
use crate::base64url;

/// The parts of a compact serialisation, still encoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compact<'a> {
    pub(crate) header: &'a str,
    pub(crate) payload: &'a str,
    pub(crate) signature: &'a str,
    /// What the signature is over: header, dot, payload (RFC 7515 section 5.2, step 8).
    pub(crate) signing_input: &'a str,
}

impl<'a> Compact<'a> {
    /// Splits a token of at most `limit` bytes at its two dots.
    pub(crate) fn split(token: &'a str, limit: usize) -> Result<Self, Malformed> {
        if token.len() > limit {
            let found = token.len();
            return Err(Malformed::TooLong { limit, found });
        }
        let mut dots = memchr::memchr_iter(b'.', token.as_bytes());
        let (Some(first), Some(second), None) = (dots.next(), dots.next(), dots.next()) else {
            return Err(not_compact(token));
        };
        Ok(Self {
            header: &token[..first],
            payload: &token[first + 1..second],
            signature: &token[second + 1..],
            signing_input: &token[..second],
        })
    }

    /// The parts behind a header that is known. None if this is not its token, or has more than three parts, which is
    /// found out when the payload is decoded.
    #[inline]
    pub(crate) fn behind(header: &str, token: &'a str) -> Option<Self> {
        let rest = token.strip_prefix(header)?.strip_prefix('.')?;
        let dot = memchr::memrchr(b'.', rest.as_bytes())?;
        Some(Self {
            header: &token[..header.len()],
            payload: &rest[..dot],
            signature: &rest[dot + 1..],
            signing_input: &token[..header.len() + 1 + dot],
        })
    }

    pub(crate) fn decode_header(&self) -> Result<Vec<u8>, Malformed> {
        decode(Part::Header, self.header)
    }

    pub(crate) fn decode_payload(&self) -> Result<Vec<u8>, Malformed> {
        decode(Part::Payload, self.payload)
    }

    pub(crate) fn decode_signature(&self) -> Result<Vec<u8>, Malformed> {
        decode(Part::Signature, self.signature)
    }
}

fn decode(part: Part, text: &str) -> Result<Vec<u8>, Malformed> {
    base64url::decode(text.as_bytes()).map_err(|_| Malformed::Encoding(part))
}

fn not_compact(token: &str) -> Malformed {
    if token.trim_start().starts_with('{') {
        return Malformed::JsonSerialization;
    }
    match token.split('.').count() {
        5 => Malformed::Encrypted,
        found => Malformed::Parts { found },
    }
}
