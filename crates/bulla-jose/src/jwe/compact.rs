use super::{Malformed, Part};
use crate::{backend::Sealed, base64url};

/// The parts of a compact serialisation, still encoded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compact<'a> {
    pub(super) header: &'a str,
    encrypted_key: &'a str,
    iv: &'a str,
    ciphertext: &'a str,
    tag: &'a str,
}

impl<'a> Compact<'a> {
    /// Splits a token of at most `limit` bytes at its four dots.
    pub(super) fn split(token: &'a str, limit: usize) -> Result<Self, Malformed> {
        if token.len() > limit {
            let found = token.len();
            return Err(Malformed::TooLong { limit, found });
        }
        if token.trim_start().starts_with('{') {
            return Err(Malformed::JsonSerialization);
        }
        let mut parts = token.split('.');
        let mut next = || parts.next();
        match (next(), next(), next(), next(), next(), next()) {
            (Some(header), Some(encrypted_key), Some(iv), Some(ciphertext), Some(tag), None) => {
                Ok(Self {
                    header,
                    encrypted_key,
                    iv,
                    ciphertext,
                    tag,
                })
            }
            _ => match token.split('.').count() {
                3 => Err(Malformed::NotEncrypted),
                found => Err(Malformed::Parts { found }),
            },
        }
    }

    pub(super) fn decode_header(&self) -> Result<Vec<u8>, Malformed> {
        decode(Part::Header, self.header)
    }

    pub(super) fn decode_encrypted_key(&self) -> Result<Vec<u8>, Malformed> {
        decode(Part::EncryptedKey, self.encrypted_key)
    }

    pub(super) fn decode_content(&self) -> Result<Sealed, Malformed> {
        Ok(Sealed {
            iv: decode(Part::InitializationVector, self.iv)?,
            ciphertext: decode(Part::Ciphertext, self.ciphertext)?,
            tag: decode(Part::AuthenticationTag, self.tag)?,
        })
    }
}

fn decode(part: Part, text: &str) -> Result<Vec<u8>, Malformed> {
    base64url::decode(text.as_bytes()).map_err(|_| Malformed::Encoding(part))
}
