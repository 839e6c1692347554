use zeroize::Zeroizing;

use super::{DecryptionError, Header, Malformed, header::malformed, key_derivation::derivation};
use crate::{
    backend::{self, Rejected, Sealed},
    jwa::{ContentEncryption, KeyManagement},
    jwk::{DecryptionKey, DecryptionMaterial, Secret},
};

/// The content encryption key, always of the right length. If it cannot be recovered it is a random one: the content will not open
/// with it, and nobody can tell the one failure from the other (RFC 7516 section 11.5).
pub(super) fn content_encryption_key(
    key: &DecryptionKey,
    header: &Header,
    encryption: ContentEncryption,
    encrypted_key: &[u8],
) -> Result<Secret, DecryptionError> {
    let length = encryption.key_bytes();
    let mut random = Zeroizing::new(vec![0; length]);
    backend::random(&mut random).map_err(|_| DecryptionError::Failed)?;
    let recovered = match key.material() {
        DecryptionMaterial::Secret(secret) => {
            with_secret(key.algorithm(), secret, header, encrypted_key)
        }
        DecryptionMaterial::Rsa(private) => private.decrypt(encrypted_key),
        DecryptionMaterial::Agreement(private) => {
            let (agreed_length, context) = derivation(
                key.algorithm(),
                encryption,
                &header.agreement_party_u,
                &header.agreement_party_v,
            );
            let ephemeral = header.ephemeral.as_ref().ok_or(Rejected);
            let agreed = ephemeral.and_then(|peer| private.agree(peer, &context, agreed_length));
            if key.algorithm() == KeyManagement::EcdhEs {
                agreed
            } else {
                agreed.and_then(|kek| backend::unwrap_key(&kek, encrypted_key))
            }
        }
    };
    Ok(match recovered {
        Ok(key) if key.len() == length => key,
        _ => random,
    })
}

/// Refuses a header that lacks what its key management needs, and an encrypted key where there is none.
pub(super) fn check_parameters(
    algorithm: KeyManagement,
    header: &Header,
    encrypted_key: &[u8],
) -> Result<(), Malformed> {
    if algorithm.is_direct() && !encrypted_key.is_empty() {
        return Err(Malformed::EncryptedKeyPresent);
    }
    if algorithm.is_agreement() && header.ephemeral.is_none() {
        return Err(malformed("epk", "there"));
    }
    if gcm_of(algorithm).is_some() {
        header.iv.as_ref().ok_or_else(|| malformed("iv", "there"))?;
        let tag = header.tag.as_ref();
        tag.ok_or_else(|| malformed("tag", "there"))?;
    }
    Ok(())
}

/// Wrapping with AES-GCM is encrypting with AES-GCM and no additional data (RFC 7518 section 4.7).
pub(super) const fn gcm_of(algorithm: KeyManagement) -> Option<ContentEncryption> {
    match algorithm {
        KeyManagement::A128GcmKw => Some(ContentEncryption::A128Gcm),
        KeyManagement::A256GcmKw => Some(ContentEncryption::A256Gcm),
        _ => None,
    }
}

fn with_secret(
    algorithm: KeyManagement,
    secret: &Secret,
    header: &Header,
    encrypted_key: &[u8],
) -> Result<Secret, Rejected> {
    if algorithm.is_direct() {
        return Ok(secret.clone());
    }
    let Some(gcm) = gcm_of(algorithm) else {
        return backend::unwrap_key(secret, encrypted_key);
    };
    let sealed = Sealed {
        iv: header.iv.clone().ok_or(Rejected)?,
        ciphertext: encrypted_key.to_vec(),
        tag: header.tag.clone().ok_or(Rejected)?,
    };
    backend::open(gcm, secret, &[], sealed)
}
