//! Access tokens that a client shows of itself or of others.

use bulla_core::client::Client;
use bulla_guard::verified::Verified;
use bulla_jose::jwt::{Audience, UnverifiedJwt};
use serde::Deserialize;

use crate::issuer::Issuer;

/// The token, if it holds, is one of ours and is for an audience of the client. So a client learns nothing of tokens that
/// are for others.
pub(super) fn verified(issuer: &Issuer, token: &str, client: &Client) -> Option<Verified> {
    let everybodys = &issuer.settings().authentication.tokens.audience;
    let named = named(token)?;
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

/// Whom the token says that it is for: only to choose by which audience it is verified.
fn named(token: &str) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    struct Claims {
        #[serde(rename = "aud")]
        audience: OneOrMore,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMore {
        One(String),
        More(Vec<String>),
    }
    let unverified = UnverifiedJwt::decode(token).ok()?;
    let claims: Claims = unverified.dangerous_claims_without_verification().ok()?;
    Some(match claims.audience {
        OneOrMore::One(audience) => vec![audience],
        OneOrMore::More(audiences) => audiences,
    })
}
