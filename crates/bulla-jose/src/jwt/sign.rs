use serde::Serialize;

use super::SignError;
use crate::{
    json::{self, Limits, Names},
    jwk::SigningKey,
    jws::{self, MAX_TOKEN_BYTES},
};

/// Signs claims as a token of type `typ` (`at+jwt`, RFC 9068; `JWT` if there is no better one). What is signed is
/// strict JSON of a size that verifiers read: a custom claim that repeats another's name, or one too large, is an error
/// here, not a token that nobody accepts. Which claims there are, and that they are of their types, is for the caller to
/// see to. For a longer token there is [`jws::sign`].
///
/// # Errors
/// [`SignError`].
pub fn sign<C: Serialize + ?Sized>(
    key: &SigningKey,
    typ: &str,
    claims: &C,
) -> Result<String, SignError> {
    let payload = match json::write_object(claims, Limits::CLAIMS) {
        Some(payload) => payload.into_bytes(),
        None => in_the_long_way(claims)?,
    };
    let token = jws::sign(key, typ, &payload)?;
    if token.len() > MAX_TOKEN_BYTES {
        let found = token.len();
        return Err(SignError::TooLong { found });
    }
    Ok(token)
}

/// By `serde_json`, then checked: what the writer declines it may still be able to write, and the check says what is wrong.
fn in_the_long_way<C: Serialize + ?Sized>(claims: &C) -> Result<Vec<u8>, SignError> {
    let payload = serde_json::to_vec(claims).map_err(|_| SignError::NotSerializable)?;
    let mut names = Names::default();
    json::members(&payload, Limits::CLAIMS, &mut names, &mut |_, _| {})
        .map_err(SignError::Claims)?;
    Ok(payload)
}
