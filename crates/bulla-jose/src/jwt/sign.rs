use serde::Serialize;

use super::SignError;
use crate::{
    json::{self, Limits, Names},
    jwk::SigningKey,
    jws,
};

/// Signs claims as a token of type `typ` (`at+jwt`, RFC 9068; `JWT` if there is no better one). What is signed is
/// strict: a custom claim that repeats another's name is an error here, not a token that nobody accepts.
///
/// # Errors
/// [`SignError`].
pub fn sign<C: Serialize + ?Sized>(
    key: &SigningKey,
    typ: &str,
    claims: &C,
) -> Result<String, SignError> {
    if let Some(payload) = json::write_object(claims, Limits::CLAIMS) {
        return Ok(jws::sign(key, typ, payload.as_bytes())?);
    }
    let payload = serde_json::to_vec(claims).map_err(|_| SignError::NotSerializable)?;
    json::members(
        &payload,
        Limits::CLAIMS,
        &mut Names::default(),
        &mut |_, _| {},
    )
    .map_err(SignError::Claims)?;
    Ok(jws::sign(key, typ, &payload)?)
}
