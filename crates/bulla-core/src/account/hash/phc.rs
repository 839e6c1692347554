//! The text form of most hashes: `$id[$v=version]$name=value[,name=value…]$salt$output`, base64 without padding
//! (the PHC string format).

use std::{fmt::Write, str::FromStr};

use base64_simd::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use super::{HashRefused, digest::Digest};

/// The longest text that is looked at.
const MAX_BYTES: usize = 1024;

/// A text taken apart. Whoever has taken all parameters [finishes](Self::digest) it.
pub(super) struct Phc<'a> {
    version: Option<&'a str>,
    parameters: Vec<(&'a str, &'a str)>,
    salt: &'a str,
    output: &'a str,
}

impl<'a> Phc<'a> {
    /// What follows `$id$`.
    pub(super) fn read(rest: &'a str) -> Result<Self, HashRefused> {
        if rest.len() > MAX_BYTES {
            return Err(HashRefused::Malformed);
        }
        let mut fields = rest.split('$').peekable();
        let version = fields.next_if(|field| field.starts_with("v=") && !field.contains(','));
        let (Some(parameters), Some(salt), Some(output), None) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(HashRefused::Malformed);
        };
        let parameters = parameters.split(',').map(|pair| pair.split_once('='));
        Ok(Self {
            version: version.map(|field| &field["v=".len()..]),
            parameters: parameters
                .collect::<Option<_>>()
                .ok_or(HashRefused::Malformed)?,
            salt,
            output,
        })
    }

    pub(super) const fn take_version(&mut self) -> Option<&'a str> {
        self.version.take()
    }

    /// Takes a parameter that may be missing.
    pub(super) fn take(&mut self, name: &str) -> Option<&'a str> {
        let place = self.parameters.iter().position(|(other, _)| *other == name);
        Some(self.parameters.swap_remove(place?).1)
    }

    /// Takes a number.
    pub(super) fn number<T: FromStr>(&mut self, name: &str) -> Result<T, HashRefused> {
        let text = self.take(name).ok_or(HashRefused::Malformed)?;
        number(text)
    }

    /// Takes bytes.
    pub(super) fn bytes(&mut self, name: &str) -> Result<Zeroizing<Vec<u8>>, HashRefused> {
        decode(self.take(name).ok_or(HashRefused::Malformed)?)
    }

    /// Salt and output, if nothing was left that nobody has understood.
    pub(super) fn digest(self) -> Result<Digest, HashRefused> {
        if !self.parameters.is_empty() || self.version.is_some() {
            return Err(HashRefused::Malformed);
        }
        Digest::new(&decode(self.salt)?, &decode(self.output)?)
    }
}

/// Puts a text together; `parameters` begin with the version, if there is one.
pub(super) fn write(id: &str, parameters: &str, digest: &Digest) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(MAX_BYTES));
    let (salt, output) = (encode(&digest.salt), encode(digest.output()));
    // Writing to a `String` cannot fail.
    let _ = write!(text, "${id}${parameters}${}${}", *salt, *output);
    text
}

/// Digits alone: `+1` and `01` would be second spellings.
pub(super) fn number<T: FromStr>(text: &str) -> Result<T, HashRefused> {
    let plain = text == "0" || (!text.starts_with('0') && !text.starts_with('+'));
    let number = text.parse().ok().filter(|_| plain);
    number.ok_or(HashRefused::Malformed)
}

pub(super) fn encode(bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(STANDARD_NO_PAD.encode_to_string(bytes))
}

fn decode(text: &str) -> Result<Zeroizing<Vec<u8>>, HashRefused> {
    let bytes = STANDARD_NO_PAD.decode_to_vec(text);
    bytes
        .map(Zeroizing::new)
        .map_err(|_| HashRefused::Malformed)
}
