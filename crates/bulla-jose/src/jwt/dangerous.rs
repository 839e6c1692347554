//! What accepts more than a service should. Each function says what it is for.

use serde::de::DeserializeOwned;

use super::{Scratch, TokenError, UnixTime, VerificationPolicy, VerifiedJwt, verify::verify_until};
use crate::jwk::JwkSet;

/// As [`super::verify`], but an expired token is accepted. It is good for ending a session and for nothing else: whoever
/// holds it may have been refused everything for years.
///
/// ```
/// use bulla_jose::{
///     jwa::Algorithm,
///     jwk::{JwkSet, SigningKey},
///     jwt::{self, Audience, Issuer, UnixTime, VerificationPolicy},
/// };
/// use serde_json::{Value, json};
///
/// let key = SigningKey::generate(Algorithm::Es256)?;
/// let claims = json!({ "iss": "i", "aud": "api", "sub": "usr_1", "sid": "s", "exp": 2 });
/// let token = jwt::sign(&key, "at+jwt", &claims)?;
/// let keys = JwkSet::new(vec![key.verifying_key().clone()]);
/// let (issuer, audience) = (Issuer::new("i")?, Audience::new("api")?);
/// let policy = VerificationPolicy::new(issuer, audience, &["at+jwt"], &[Algorithm::Es256]);
///
/// let late = UnixTime::from_seconds(1_000);
/// assert!(jwt::verify::<Value>(&token, &keys, &policy, late).is_err());
/// let ended = jwt::dangerous::verify_ended::<Value>(&token, &keys, &policy, late)?;
/// assert_eq!(ended.claims()["sid"], "s");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`super::verify`], except [`TokenError::Expired`].
pub fn verify_ended<C: DeserializeOwned>(
    token: &str,
    keys: &JwkSet,
    policy: &VerificationPolicy,
    now: UnixTime,
) -> Result<VerifiedJwt<C>, TokenError> {
    verify_until(token, keys, policy, now, &mut Scratch::default(), false)
}
