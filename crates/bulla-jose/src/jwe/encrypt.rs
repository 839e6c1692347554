use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{EncryptionError, key_derivation::derivation, recover::gcm_of};
use crate::{
    backend::{self, AgreementKey, Rejected},
    base64url,
    jwa::{ContentEncryption, KeyManagement},
    jwk::{EncryptionKey, EncryptionMaterial},
};

/// Encrypts any bytes: the compact serialisation (RFC 7516 section 5.1), with `content_type` as `cty`. Each token has a
/// content encryption key of its own, except with `dir`. The IVs of GCM are random: one secret may encrypt at most 2^32
/// tokens with `dir` in GCM mode, A128GCMKW or A256GCMKW (RFC 7518 section 8.4, NIST SP 800-38D section 8.3).
///
/// Whoever has a public key can encrypt to it. To say who says it, sign: [`super::nested::sign`].
///
/// # Errors
/// [`EncryptionError`].
pub fn encrypt(
    key: &EncryptionKey,
    encryption: ContentEncryption,
    content_type: Option<&str>,
    plaintext: &[u8],
) -> Result<String, EncryptionError> {
    if let KeyManagement::Direct(expected) = key.algorithm()
        && expected != encryption
    {
        let found = encryption;
        return Err(EncryptionError::ContentEncryptionMismatch { expected, found });
    }
    let failed = |_| EncryptionError::Failed;
    let protected = protect(key, encryption).map_err(failed)?;
    let header = header(key, encryption, content_type, protected.parameters);
    let mut token = base64url::encode(header.as_bytes());
    let sealed = backend::seal(
        encryption,
        &protected.content_encryption_key,
        token.as_bytes(),
        plaintext,
    );
    let sealed = sealed.map_err(failed)?;
    for part in [
        protected.encrypted_key,
        sealed.iv,
        sealed.ciphertext,
        sealed.tag,
    ] {
        token.push('.');
        token.push_str(&base64url::encode(&part));
    }
    Ok(token)
}

/// A content encryption key, and how the recipient will come by it.
struct Protected {
    content_encryption_key: Zeroizing<Vec<u8>>,
    encrypted_key: Vec<u8>,
    parameters: Map<String, Value>,
}

fn protect(key: &EncryptionKey, encryption: ContentEncryption) -> Result<Protected, Rejected> {
    let algorithm = key.algorithm();
    let mut parameters = Map::new();
    let agreed_or_secret = match key.material() {
        EncryptionMaterial::Secret(secret) => secret.clone(),
        EncryptionMaterial::Rsa(public) => {
            let content_encryption_key = new_content_encryption_key(encryption)?;
            return Ok(Protected {
                encrypted_key: public.encrypt(&content_encryption_key)?,
                content_encryption_key,
                parameters,
            });
        }
        EncryptionMaterial::Agreement(public) => {
            let curve = backend::curve_of(public).ok_or(Rejected)?;
            let ephemeral = AgreementKey::generate(curve)?;
            parameters.insert("epk".into(), ephemeral.public()?.to_jwk().into());
            let (length, context) = derivation(algorithm, encryption, &[], &[]);
            ephemeral.agree(public, &context, length)?
        }
    };
    if algorithm.is_direct() {
        return Ok(Protected {
            content_encryption_key: agreed_or_secret,
            encrypted_key: Vec::new(),
            parameters,
        });
    }
    let content_encryption_key = new_content_encryption_key(encryption)?;
    let encrypted_key = match gcm_of(algorithm) {
        None => backend::wrap_key(&agreed_or_secret, &content_encryption_key)?,
        Some(gcm) => {
            let sealed = backend::seal(gcm, &agreed_or_secret, &[], &content_encryption_key)?;
            parameters.insert("iv".into(), base64url::encode(&sealed.iv).into());
            parameters.insert("tag".into(), base64url::encode(&sealed.tag).into());
            sealed.ciphertext
        }
    };
    Ok(Protected {
        content_encryption_key,
        encrypted_key,
        parameters,
    })
}

fn new_content_encryption_key(
    encryption: ContentEncryption,
) -> Result<Zeroizing<Vec<u8>>, Rejected> {
    let mut key = Zeroizing::new(vec![0; encryption.key_bytes()]);
    backend::random(&mut key)?;
    Ok(key)
}

fn header(
    key: &EncryptionKey,
    encryption: ContentEncryption,
    content_type: Option<&str>,
    mut header: Map<String, Value>,
) -> String {
    header.insert("alg".into(), key.algorithm().as_str().into());
    header.insert("enc".into(), encryption.as_str().into());
    if let Some(key_id) = key.key_id() {
        header.insert("kid".into(), key_id.as_str().into());
    }
    if let Some(content_type) = content_type {
        header.insert("cty".into(), content_type.into());
    }
    Value::Object(header).to_string()
}
