use std::borrow::Cow;

use base64_simd::URL_SAFE_NO_PAD;

use super::SigningFailed;
use crate::{base64url, jwk::SigningKey};

/// Signs any bytes: the compact serialisation with the header `alg`, `typ` and `kid` (RFC 7515 section 5.1).
///
/// # Errors
/// [`SigningFailed`] if the backend cannot.
///
/// ```
/// use bulla_jose::{jwa::Algorithm, jwk::{JwkSet, SigningKey}, jws};
///
/// let key = SigningKey::generate(Algorithm::Es256)?;
/// let token = jws::sign(&key, "note", b"any bytes")?;
///
/// let keys = JwkSet::new(vec![key.verifying_key().clone()]);
/// let note = jws::verify(&token, &keys, &[Algorithm::Es256])?;
/// assert_eq!(note.payload(), b"any bytes");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sign(key: &SigningKey, typ: &str, payload: &[u8]) -> Result<String, SigningFailed> {
    let header = encoded_header(key, typ);
    let encoded = |bytes| URL_SAFE_NO_PAD.encoded_length(bytes);
    let length = header.len() + encoded(payload.len()) + encoded(key.signature_bytes()) + 2;
    let mut token = String::with_capacity(length);
    token.push_str(&header);
    token.push('.');
    URL_SAFE_NO_PAD.encode_append(payload, &mut token);
    let signature = key.sign(token.as_bytes()).map_err(|_| SigningFailed)?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_append(&signature, &mut token);
    Ok(token)
}

fn encoded_header<'k>(key: &'k SigningKey, typ: &str) -> Cow<'k, str> {
    if let Some(header) = key.known_header(typ) {
        return Cow::Borrowed(header);
    }
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let header = format!(
        r#"{{"typ":{},"alg":"{}","kid":{}}}"#,
        text(typ),
        key.algorithm(),
        text(key.key_id().as_str()),
    );
    let encoded = base64url::encode(header.as_bytes());
    key.keep_header(typ, &encoded);
    Cow::Owned(encoded)
}
