//! What accepts more than a service should. Each function says what it is for.

use serde::de::DeserializeOwned;

use super::{Scratch, TokenError, UnixTime, VerificationPolicy, VerifiedJwt, verify::verify_until};
use crate::jwk::JwkSet;

/// As [`super::verify`], but an expired token is accepted. It is good for ending a session and for nothing else: whoever
/// holds it may have been refused everything for years.
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
