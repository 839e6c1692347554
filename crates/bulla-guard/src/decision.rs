//! Who is it, and may they? All of it in one call, without a proxy.

use bulla_jose::jwt::UnixTime;

use crate::{
    access::AccessPolicy,
    refusal::Refusal,
    verified::Verified,
    verifier::{Verifier, own},
};

/// Whose tokens count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// Those of every issuer that the verifier trusts.
    EveryIssuer,
    /// Those of its own: where subjects and sessions are taken for those of our accounts.
    OwnIssuer,
}

/// Decides about one request: the principal on whose behalf it goes on (`None`: nobody's), or why
/// it does not.
///
/// On a public route a token that does not hold counts as none. Where only those of the own issuer count,
/// another one's does not hold.
///
/// # Errors
/// What [`Verifier::verify`], [`Verifier::verify_own`] and [`AccessPolicy::authorize`] refuse with; 503 `keys_unavailable`
/// wherever a token is needed and there are no keys to verify one with.
pub fn decide(
    verifier: &Verifier,
    accepted: Accepted,
    policy: &AccessPolicy,
    credential: Option<&str>,
    now: UnixTime,
) -> Result<Option<Verified>, Refusal> {
    if policy.is_public() {
        let identified = |token| identify(verifier, accepted, Some(token), now, || Ok(())).ok();
        return Ok(credential.and_then(identified).flatten());
    }
    let principal = identify(verifier, accepted, credential, now, || Ok(()))?;
    policy.authorize(principal.as_deref())?;
    Ok(principal)
}

/// Who it is, where that matters: [`decide`] without the access policy, for whoever has something to ask in between, and
/// `before` a signature is checked, as in [`Verifier::verify_after`].
///
/// # Errors
/// What [`Verifier::verify`] or [`Verifier::verify_own`] refuses with, or `before`; 503 `keys_unavailable` without a
/// credential too.
pub fn identify(
    verifier: &Verifier,
    accepted: Accepted,
    credential: Option<&str>,
    now: UnixTime,
    before: impl FnOnce() -> Result<(), Refusal>,
) -> Result<Option<Verified>, Refusal> {
    let Some(token) = credential else {
        return verifier.check_keys().map(|()| None);
    };
    let verified = verifier.verify_after(token, now, before)?;
    Ok(Some(match accepted {
        Accepted::EveryIssuer => verified,
        Accepted::OwnIssuer => own(verified)?,
    }))
}
