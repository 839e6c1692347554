use std::{borrow::Cow, fmt};

use base64_simd::{AsOut, URL_SAFE_NO_PAD};

use super::{Compact, Header, LearntHeader, MAX_TOKEN_BYTES, Malformed, Part, SignatureError};
use crate::{
    excerpt::excerpt,
    json::Names,
    jwa::Algorithm,
    jwk::{JwkSet, VerifyingKey},
};

/// A token that names no key is tried with at most so many.
const MAX_CANDIDATES: usize = 16;

/// Bytes whose signature holds.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedJws {
    header: Header<'static>,
    payload: Vec<u8>,
}

impl VerifiedJws {
    /// The header, which is signed too.
    #[must_use]
    pub const fn header(&self) -> &Header<'static> {
        &self.header
    }

    /// What was signed.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }
}

impl fmt::Debug for VerifiedJws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedJws")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// Verifies a compact serialisation of at most 16 KiB with a key of the set and one of `algorithms` (RFC 7515
/// section 5.2).
///
/// # Errors
/// [`SignatureError`].
pub fn verify(
    token: &str,
    keys: &JwkSet,
    algorithms: &[Algorithm],
) -> Result<VerifiedJws, SignatureError> {
    let mut scratch = Scratch::default();
    let accepted = verify_compact(token, MAX_TOKEN_BYTES, keys, algorithms, &mut scratch)?;
    let Scratch { bytes, mut names } = scratch;
    let payload = bytes[..accepted.payload_bytes].to_vec();
    let header = Compact::split(token, MAX_TOKEN_BYTES)?.decode_header()?;
    let header = Header::parse(&header, &mut names)?.into_owned();
    Ok(VerifiedJws { header, payload })
}

/// Memory that verifying uses again and again, so that it need not allocate.
#[derive(Default)]
pub(crate) struct Scratch {
    pub(crate) bytes: Vec<u8>,
    pub(crate) names: Names,
}

/// What a good signature says.
pub(crate) struct Accepted<'k> {
    /// The key that made it.
    pub(crate) key: &'k VerifyingKey,
    /// `alg`.
    pub(crate) algorithm: Algorithm,
    /// `typ`.
    pub(crate) typ: Option<Cow<'k, str>>,
    /// The decoded payload is so many bytes at the beginning of the memory.
    pub(crate) payload_bytes: usize,
}

/// Checks the signature of a token of at most `limit` bytes. A header that one of the keys has signed before is
/// recognised by its bytes; any other is parsed.
pub(crate) fn verify_compact<'k>(
    token: &str,
    limit: usize,
    keys: &'k JwkSet,
    algorithms: &[Algorithm],
    Scratch { bytes, names }: &mut Scratch,
) -> Result<Accepted<'k>, SignatureError> {
    let tried = match recognise(token, limit, keys, algorithms, bytes) {
        Recognised::Accepted(accepted) => return Ok(accepted),
        Recognised::NotSignedBy(key) => Some(key),
        Recognised::Nothing => None,
    };
    let compact = Compact::split(token, limit)?;
    let header = compact.decode_header()?;
    let header = Header::parse(&header, names)?;
    let algorithm = accepted_algorithm(&header, algorithms)?;
    header.check_extensions()?;
    let candidates = candidates(&header, algorithm, keys)?;
    let decoded = Decoded::new(&compact, bytes)?;
    let key = candidates.iter().copied().find(|key| {
        tried.is_none_or(|tried| !key.is(tried))
            && key.verifies(compact.signing_input.as_bytes(), decoded.signature)
    });
    let Some(key) = key else {
        let only = if candidates.len() == 1 {
            candidates[0].key_id().cloned()
        } else {
            None
        };
        return Err(SignatureError::SignatureInvalid { key_id: only });
    };
    key.learn(|| LearntHeader {
        encoded: compact.header.into(),
        algorithm,
        typ: header.typ.as_deref().map(Into::into),
    });
    Ok(Accepted {
        key,
        algorithm,
        typ: header.typ.map(|typ| Cow::Owned(typ.into_owned())),
        payload_bytes: decoded.payload_bytes,
    })
}

/// What the beginning of a token says.
enum Recognised<'k> {
    /// It is a good one, with a header that its key has signed before.
    Accepted(Accepted<'k>),
    /// This key has signed the header before, but not this token.
    NotSignedBy(&'k VerifyingKey),
    /// The long way says.
    Nothing,
}

/// Looks for the header among those that were learnt: of the keys that [`candidates`] would surely choose from, so that
/// the answer does not depend on what was learnt before.
#[inline]
fn recognise<'k>(
    token: &str,
    limit: usize,
    keys: &'k JwkSet,
    algorithms: &[Algorithm],
    bytes: &mut Vec<u8>,
) -> Recognised<'k> {
    if token.len() > limit {
        return Recognised::Nothing;
    }
    let of_key = |key: &'k VerifyingKey| {
        let learnt = key.learnt()?;
        let compact = Compact::behind(&learnt.encoded, token)?;
        let accepted = algorithms.contains(&learnt.algorithm);
        accepted.then_some((key, learnt, compact))
    };
    let mut likely = keys.keys().iter().take(MAX_CANDIDATES);
    let Some((key, learnt, compact)) = likely.find_map(of_key) else {
        return Recognised::Nothing;
    };
    let Ok(decoded) = Decoded::new(&compact, bytes) else {
        return Recognised::Nothing;
    };
    if !key.verifies(compact.signing_input.as_bytes(), decoded.signature) {
        return Recognised::NotSignedBy(key);
    }
    Recognised::Accepted(Accepted {
        key,
        algorithm: learnt.algorithm,
        typ: learnt.typ.as_deref().map(Cow::Borrowed),
        payload_bytes: decoded.payload_bytes,
    })
}

fn accepted_algorithm(
    header: &Header<'_>,
    accepted: &[Algorithm],
) -> Result<Algorithm, SignatureError> {
    let named = header.algorithm.parse().ok();
    named
        .filter(|algorithm| accepted.contains(algorithm))
        .ok_or_else(|| SignatureError::AlgorithmRefused {
            expected: accepted.to_vec(),
            found: excerpt(&header.algorithm),
        })
}

/// The keys that could have signed: those with the header's `kid` and those without one, if they are of its algorithm.
fn candidates<'k>(
    header: &Header<'_>,
    algorithm: Algorithm,
    keys: &'k JwkSet,
) -> Result<Vec<&'k VerifyingKey>, SignatureError> {
    let named = |key: &&VerifyingKey| match (header.key_id(), key.key_id()) {
        (Some(wanted), Some(known)) => wanted == known.as_str(),
        _ => true,
    };
    let fitting = keys.keys().iter().filter(named);
    let candidates: Vec<_> = fitting
        .clone()
        .filter(|key| key.algorithm().same_operation(algorithm))
        .take(MAX_CANDIDATES)
        .collect();
    if !candidates.is_empty() {
        return Ok(candidates);
    }
    let of_named_key: Vec<_> = fitting
        .filter(|key| header.key_id.is_some() && key.key_id().is_some())
        .map(VerifyingKey::algorithm)
        .collect();
    if of_named_key.is_empty() {
        let key_id = header.key_id().map(excerpt);
        return Err(SignatureError::KeyUnknown { key_id });
    }
    Err(SignatureError::AlgorithmRefused {
        expected: of_named_key,
        found: excerpt(&header.algorithm),
    })
}

/// The decoded payload, which stays in the memory, and the decoded signature behind it.
struct Decoded<'b> {
    payload_bytes: usize,
    signature: &'b [u8],
}

impl<'b> Decoded<'b> {
    fn new(compact: &Compact<'_>, bytes: &'b mut Vec<u8>) -> Result<Self, Malformed> {
        let length = |part, text: &str| {
            let length = URL_SAFE_NO_PAD.decoded_length(text.as_bytes());
            length.map_err(|_| Malformed::Encoding(part))
        };
        let payload_bytes = length(Part::Payload, compact.payload)?;
        let signature_bytes = length(Part::Signature, compact.signature)?;
        if bytes.len() < payload_bytes + signature_bytes {
            bytes.resize(payload_bytes + signature_bytes, 0);
        }
        let (payload, rest) = bytes.split_at_mut(payload_bytes);
        let signature = &mut rest[..signature_bytes];
        URL_SAFE_NO_PAD
            .decode(compact.payload.as_bytes(), payload.as_out())
            .map_err(|_| Malformed::Encoding(Part::Payload))?;
        URL_SAFE_NO_PAD
            .decode(compact.signature.as_bytes(), signature.as_out())
            .map_err(|_| Malformed::Encoding(Part::Signature))?;
        Ok(Self {
            payload_bytes,
            signature,
        })
    }
}
