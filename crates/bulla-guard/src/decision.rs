//! Who is it, and may they? All of it in one call, without a proxy.

use bulla_jose::jwt::UnixTime;

use crate::{access::AccessPolicy, refusal::Refusal, verified::Verified, verifier::Verifier};

/// Decides about one request: the principal on whose behalf it goes on (`None`: nobody's), or why
/// it does not.
///
/// On a public route a token that does not hold counts as none.
///
/// # Errors
/// What [`Verifier::verify`] and [`AccessPolicy::authorize`] refuse with; 503 `keys_unavailable`
/// wherever a token is needed and there are no keys to verify one with.
pub fn decide(
    verifier: &Verifier,
    policy: &AccessPolicy,
    credential: Option<&str>,
    now: UnixTime,
) -> Result<Option<Verified>, Refusal> {
    if policy.is_public() {
        return Ok(credential.and_then(|token| verifier.verify(token, now).ok()));
    }
    let principal = identify(verifier, credential, now)?;
    policy.authorize(principal.as_deref())?;
    Ok(principal)
}

/// Who it is, where that matters: [`decide`] without the access policy, for whoever has something to ask in between.
///
/// # Errors
/// What [`Verifier::verify`] refuses with; 503 `keys_unavailable` without a credential too.
pub fn identify(
    verifier: &Verifier,
    credential: Option<&str>,
    now: UnixTime,
) -> Result<Option<Verified>, Refusal> {
    match credential {
        Some(token) => verifier.verify(token, now).map(Some),
        None => verifier.current_keys().map(|_| None),
    }
}
