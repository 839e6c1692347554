use std::fmt;

use zeroize::Zeroizing;

use super::{
    DecryptionError, DecryptionPolicy, Header,
    compact::Compact,
    recover::{check_parameters, content_encryption_key},
};
use crate::{
    backend,
    excerpt::excerpt,
    jwa::{ContentEncryption, KeyManagement},
    jwk::{DecryptionKey, KeyId},
};

/// A token that names no key is tried with at most so many.
const MAX_CANDIDATES: usize = 8;

/// What was encrypted to one of the keys. With a shared secret it comes from somebody who has the secret; with a public
/// key it may come from anybody, so what is in there has to prove itself ([`super::nested`]).
#[derive(Clone, PartialEq, Eq)]
pub struct DecryptedJwe {
    header: Header,
    plaintext: Zeroizing<Vec<u8>>,
    key_id: Option<KeyId>,
}

impl DecryptedJwe {
    /// The header, which was not encrypted, and not altered either.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// What was encrypted.
    #[must_use]
    pub fn plaintext(&self) -> &[u8] {
        &self.plaintext
    }

    /// The ID of the key that decrypted it, as the key has it.
    #[must_use]
    pub const fn key_id(&self) -> Option<&KeyId> {
        self.key_id.as_ref()
    }
}

impl fmt::Debug for DecryptedJwe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptedJwe")
            .field("header", &self.header)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// Decrypts a compact serialisation with one of the keys (RFC 7516 section 5.2).
///
/// # Errors
/// [`DecryptionError`].
pub fn decrypt(
    token: &str,
    keys: &[DecryptionKey],
    policy: &DecryptionPolicy,
) -> Result<DecryptedJwe, DecryptionError> {
    let compact = Compact::split(token, policy.max_token_bytes)?;
    let header = Header::parse(&compact.decode_header()?)?;
    let encryption = accepted_encryption(&header, policy)?;
    header.check_extensions()?;
    let (algorithm, candidates) = candidates(&header, encryption, keys)?;
    let encrypted_key = compact.decode_encrypted_key()?;
    check_parameters(algorithm, &header, &encrypted_key)?;
    for key in candidates {
        // Anew for each, as opening consumes it; hardly ever is there a second.
        let content = compact.decode_content()?;
        let secret = content_encryption_key(key, &header, encryption, &encrypted_key)?;
        let authenticated = compact.header.as_bytes();
        let opened = backend::open(encryption, &secret, authenticated, content);
        if let Ok(plaintext) = opened {
            return Ok(DecryptedJwe {
                header,
                plaintext,
                key_id: key.key_id().cloned(),
            });
        }
    }
    Err(DecryptionError::Failed)
}

fn accepted_encryption(
    header: &Header,
    policy: &DecryptionPolicy,
) -> Result<ContentEncryption, DecryptionError> {
    let named = header.encryption().parse().ok();
    named
        .filter(|encryption| policy.encryptions.contains(encryption))
        .ok_or_else(|| DecryptionError::ContentEncryptionRefused {
            expected: policy.encryptions.clone(),
            found: excerpt(header.encryption()),
        })
}

/// The keys that it could be encrypted to: those with the header's `kid` and those without one, if they are for its `alg`.
fn candidates<'k>(
    header: &Header,
    encryption: ContentEncryption,
    keys: &'k [DecryptionKey],
) -> Result<(KeyManagement, Vec<&'k DecryptionKey>), DecryptionError> {
    let refused = |keys: &[&DecryptionKey]| {
        let mut expected = Vec::new();
        for algorithm in keys.iter().map(|key| key.algorithm()) {
            if !expected.contains(&algorithm) {
                expected.push(algorithm);
            }
        }
        let found = excerpt(header.algorithm());
        DecryptionError::AlgorithmRefused { expected, found }
    };
    let named = |key: &&DecryptionKey| match (header.key_id(), key.key_id()) {
        (Some(wanted), Some(known)) => wanted == known.as_str(),
        _ => true,
    };
    let fitting: Vec<_> = keys.iter().filter(named).collect();
    let Some(algorithm) = KeyManagement::from_header(header.algorithm(), encryption) else {
        return Err(refused(&fitting));
    };
    let candidates: Vec<_> = fitting
        .iter()
        .copied()
        .filter(|key| key.algorithm() == algorithm)
        .take(MAX_CANDIDATES)
        .collect();
    if !candidates.is_empty() {
        return Ok((algorithm, candidates));
    }
    let of_named_key: Vec<_> = fitting
        .iter()
        .copied()
        .filter(|key| header.key_id().is_some() && key.key_id().is_some())
        .collect();
    if of_named_key.is_empty() {
        let key_id = header.key_id().map(excerpt);
        return Err(DecryptionError::KeyUnknown { key_id });
    }
    Err(refused(&of_named_key))
}
