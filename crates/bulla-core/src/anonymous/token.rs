//! What the access token of a visitor without an account says, and what it is made from.

use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use bulla_jose::base64url;
use serde::Serialize;

use super::{Challenge, plan};
use crate::{
    ids::AccountId,
    token::{BUILT_IN_CLIENT, TokenSettings},
};

/// The claims of an anonymous access token (RFC 9068, and `anon`). It belongs to no session, so `sid` and `gen` are missing.
#[derive(Debug, Serialize)]
pub(super) struct AnonymousTokenClaims<'a> {
    #[serde(rename = "iss")]
    issuer: &'a str,
    #[serde(rename = "sub")]
    subject: &'a str,
    #[serde(rename = "aud")]
    audience: &'a str,
    client_id: &'static str,
    #[serde(rename = "iat")]
    issued_at: i64,
    #[serde(rename = "exp")]
    pub(super) expires_at: i64,
    #[serde(rename = "jti")]
    token_id: String,
    #[serde(rename = "anon")]
    anonymous: bool,
    /// Below that of the account into which the visitor may turn: so an upgrade ends it.
    epoch: u64,
    scope: &'static str,
    roles: [&'static str; 0],
    plan: &'static str,
}

impl<'a> AnonymousTokenClaims<'a> {
    /// All but `sub` comes from the challenge: whoever redeems it, wherever and how often, gets one token's worth.
    pub(super) fn new(
        settings: &'a TokenSettings,
        challenge: &Challenge,
        visitor: &'a AccountId,
    ) -> Self {
        let issued_at = challenge.issued_at.as_seconds();
        let lifetime = settings
            .access_lifetime
            .max(Duration::from_secs(1))
            .as_secs();
        Self {
            issuer: &settings.issuer,
            subject: visitor.as_str(),
            audience: &settings.audience,
            client_id: BUILT_IN_CLIENT,
            issued_at,
            expires_at: issued_at.saturating_add_unsigned(lifetime),
            token_id: base64url::encode(&derived(b"bulla anonymous jti v1", challenge)),
            anonymous: true,
            epoch: 0,
            scope: "",
            roles: [],
            plan: plan(challenge.work),
        }
    }
}

/// Who redeems the challenge, unless a visitor is known already.
pub(super) fn new_visitor(challenge: &Challenge) -> AccountId {
    AccountId::of_visitor(derived(b"bulla anonymous sub v1", challenge))
}

/// 16 bytes of SHA-256 over the challenge's id, different for each purpose.
fn derived(purpose: &[u8], challenge: &Challenge) -> [u8; 16] {
    let mut hash = Context::new(&SHA256);
    hash.update(purpose);
    hash.update(&challenge.id);
    let digest = hash.finish();
    digest.as_ref().first_chunk().copied().unwrap_or_default()
}
