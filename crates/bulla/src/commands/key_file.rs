//! Files with one private key: a PEM text, or a private JWK.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::{Context, bail};
use bulla_jose::{
    base64url,
    jwa::Algorithm,
    jwk::{KeyId, SigningKey},
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::small_file;

/// Reads a key, for the algorithm and with the ID that it states itself, or else these. A PEM text that states no algorithm
/// is for the first that fits.
///
/// # Errors
/// The file cannot be read, or holds no key that can sign with the algorithm.
pub(super) fn read(
    path: &Path,
    algorithm: Option<Algorithm>,
    key_id: Option<KeyId>,
) -> anyhow::Result<SigningKey> {
    let shown = path.display();
    let bytes = small_file::read(path)?;
    let key = SigningKey::from_text(&bytes, algorithm, key_id);
    let key = key.with_context(|| format!("{shown} holds no key to sign with"))?;
    if let Some(algorithm) = algorithm.filter(|&algorithm| algorithm != key.algorithm()) {
        bail!(
            "{shown} is a key for {}, not for {algorithm}",
            key.algorithm()
        );
    }
    Ok(key)
}

/// What a file with this key holds: a PKCS#8 PEM text (RFC 7468 section 10), or a JWK for a secret, which has no PEM. Where
/// another algorithm would be taken from the PEM alone, a line before it says which (RFC 7468 section 5.2 allows it).
///
/// # Errors
/// The key cannot be exported.
pub(super) fn text(key: &SigningKey) -> anyhow::Result<Zeroizing<String>> {
    if key.algorithm().is_symmetric() {
        let jwk = secret_jwk(key, &key.private_bytes()?);
        let jwk = Zeroizing::new(jwk.to_string());
        return Ok(Zeroizing::new(format!("{}\n", *jwk)));
    }
    let pem = key.to_pem()?;
    if SigningKey::from_text(pem.as_bytes(), None, None)?.algorithm() == key.algorithm() {
        return Ok(pem);
    }
    let line = format!("{}{}\n", SigningKey::PEM_ALGORITHM_LINE, key.algorithm());
    Ok(Zeroizing::new([&line, pem.as_str()].concat()))
}

/// The JWK set that verifies what this key signs. Of an HMAC key it holds the secret itself.
///
/// # Errors
/// The key cannot be exported.
pub(super) fn jwk_set(key: &SigningKey) -> anyhow::Result<Zeroizing<String>> {
    let jwk = match key.verifying_key().public_jwk() {
        Some(jwk) => jwk,
        None => secret_jwk(key, &key.private_bytes()?),
    };
    Ok(Zeroizing::new(format!("{}\n", json!({ "keys": [jwk] }))))
}

/// Writes a file that only its owner can read, and never over another one.
///
/// # Errors
/// There is one already, or it cannot be written.
pub(super) fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    let shown = path.display();
    let opened = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let mut file = match opened {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            bail!("{shown} exists already and stays as it is")
        }
        opened => opened.with_context(|| format!("{shown} cannot be written"))?,
    };
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("{shown} cannot be written"))
}

fn secret_jwk(key: &SigningKey, secret: &[u8]) -> Value {
    json!({
        "kty": "oct", "use": "sig", "alg": key.algorithm(), "kid": key.key_id(),
        "k": base64url::encode(secret),
    })
}
