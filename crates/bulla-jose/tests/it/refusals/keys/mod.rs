//! Keys that must not verify anything.

mod encryption;
mod members;
mod points;
mod private;
mod purpose;
mod strength;

use bulla_jose::{
    jwa::Algorithm,
    jwk::{KeyError, VerifyingKey},
};
use serde_json::Value;

use crate::jwt::key_of;

pub(super) fn public(algorithm: Algorithm) -> Value {
    key_of(algorithm)
        .verifying_key()
        .public_jwk()
        .expect("a public key")
}

pub(super) fn read(jwk: &Value) -> Result<VerifyingKey, KeyError> {
    VerifyingKey::from_jwk(jwk.to_string().as_bytes())
}

/// The key with one member replaced, or removed if the value is null.
pub(super) fn with(mut jwk: Value, member: &str, value: impl Into<Value>) -> Value {
    let members = jwk.as_object_mut().expect("an object");
    match value.into() {
        Value::Null => members.remove(member),
        value => members.insert(member.to_owned(), value),
    };
    jwk
}

#[track_caller]
pub(super) fn refused(jwk: &Value, reason: &KeyError) {
    assert_eq!(read(jwk).expect_err("accepted"), *reason);
}
