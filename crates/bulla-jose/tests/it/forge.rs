//! Tokens that no honest signer makes: any header over any payload, with an HMAC that holds.

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use bulla_jose::{
    base64url::encode,
    jwa::Algorithm,
    jwk::{JwkSet, KeyId, VerifyingKey},
    jwt::{self, Audience, Issuer, TokenError, UnixTime, VerificationPolicy, VerifiedJwt},
};
use serde_json::Value;

pub(crate) const SECRET: &[u8; 32] = b"0123456789abcdef0123456789abcdef";
pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const HEADER: &str = r#"{"alg":"HS256","typ":"at+jwt","kid":"k1"}"#;
pub(crate) const CLAIMS: &str = r#"{"iss":"bulla","aud":"api","sub":"usr_1","exp":1800000900}"#;

/// Header and payload in base64url, signed.
pub(crate) fn token(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    signed(&encode(header.as_ref()), &encode(payload.as_ref()))
}

/// A token with this header and good claims.
pub(crate) fn with_header(header: impl AsRef<[u8]>) -> String {
    token(header, CLAIMS)
}

/// A token with a good header and this payload.
pub(crate) fn with_claims(payload: impl AsRef<[u8]>) -> String {
    token(HEADER, payload)
}

/// A token with good claims and one more member, as it is written.
pub(crate) fn with_claim(member: &str) -> String {
    with_claims(format!("{},{member}}}", &CLAIMS[..CLAIMS.len() - 1]))
}

/// Two encoded parts as they are, and the signature over them.
pub(crate) fn signed(header: &str, payload: &str) -> String {
    signed_with(SECRET, header, payload)
}

/// As [`signed`], by somebody who has another secret.
pub(crate) fn signed_with(secret: &[u8], header: &str, payload: &str) -> String {
    let mut token = format!("{header}.{payload}");
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let tag = hmac::sign(&key, token.as_bytes());
    write!(token, ".{}", encode(tag.as_ref())).expect("a String takes everything");
    token
}

/// The same token with another signature of the same length.
pub(crate) fn altered(token: &str) -> String {
    let (start, signature) = token.rsplit_once('.').expect("three parts");
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{start}.{first}{}", &signature[1..])
}

pub(crate) fn keys() -> JwkSet {
    let id = KeyId::new("k1").expect("a key ID");
    let key = VerifyingKey::from_secret(Algorithm::Hs256, Some(id), SECRET).expect("a key");
    JwkSet::new(vec![key])
}

pub(crate) fn policy() -> VerificationPolicy {
    VerificationPolicy::new(
        Issuer::new("bulla").expect("a name"),
        Audience::new("api").expect("a name"),
        &["at+jwt", "JWT"],
        &[Algorithm::Hs256],
    )
}

pub(crate) fn verify(token: &str) -> Result<VerifiedJwt<Value>, TokenError> {
    verify_at(token, &policy(), NOW)
}

pub(crate) fn verify_at(
    token: &str,
    policy: &VerificationPolicy,
    now: u64,
) -> Result<VerifiedJwt<Value>, TokenError> {
    jwt::verify(token, &keys(), policy, UnixTime::from_seconds(now))
}

#[track_caller]
pub(crate) fn accepted(token: &str) {
    verify(token).expect("the control is accepted");
}

#[track_caller]
pub(crate) fn refused(token: &str, code: &str) {
    refused_for(token, code, "");
}

/// Refused with this code, for a reason that says these words.
#[track_caller]
pub(crate) fn refused_for(token: &str, code: &str, words: &str) {
    let error = verify(token).expect_err("the attack is refused");
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}
