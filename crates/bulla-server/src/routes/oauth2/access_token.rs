//! Access tokens that a client shows of itself or of others.

use bulla_core::client::Client;
use bulla_guard::verified::Verified;
use bulla_jose::jwt::{Audience, UnverifiedJwt};

use crate::issuer::Issuer;

/// The token, if it holds, is one of ours and is for an audience of the client. So a client learns nothing of tokens that
/// are for others.
pub(super) fn verified(issuer: &Issuer, token: &str, client: &Client) -> Option<Verified> {
    let everybodys = &issuer.settings().authentication.tokens.audience;
    // Only to choose by which audience it is verified.
    let unverified = UnverifiedJwt::decode(token).ok()?;
    let named = unverified.dangerous_audiences_without_verification().ok()?;
    let mut allowed = client.audiences.allowed(everybodys);
    let audience = allowed.find(|audience| named.iter().any(|one| one == audience))?;
    let now = issuer.unix_time();
    let verifier = issuer.verifier();
    if audience == everybodys {
        return verifier.verify_own(token, now).ok();
    }
    let audience = Audience::new(audience).ok()?;
    verifier.own_for(audience).verify_own(token, now).ok()
}
