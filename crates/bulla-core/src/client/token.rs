//! What the access token of a client says.

use std::time::Duration;

use bulla_jose::base64url;
use serde::Serialize;

use super::Client;
use crate::{time::Timestamp, token::TokenSettings};

/// The claims of a token that speaks for the client itself (RFC 9068). It belongs to no session and to no account, so `sid`,
/// `gen`, `roles` and `plan` are missing.
#[derive(Debug, Serialize)]
pub(super) struct ClientTokenClaims<'a> {
    #[serde(rename = "iss")]
    issuer: &'a str,
    #[serde(rename = "sub")]
    subject: &'a str,
    #[serde(rename = "aud")]
    audience: &'a str,
    client_id: &'a str,
    #[serde(rename = "iat")]
    issued_at: i64,
    #[serde(rename = "exp")]
    expires_at: i64,
    #[serde(rename = "jti")]
    token_id: String,
    epoch: u64,
    scope: &'a str,
}

/// What is a token's own.
pub(super) struct ClientTokenGrant<'a> {
    /// Claim `aud`.
    pub(super) audience: &'a str,
    /// Claim `scope`.
    pub(super) scope: &'a str,
    /// Claim `jti`.
    pub(super) token_id: [u8; 16],
    /// Claim `iat`.
    pub(super) issued_at: Timestamp,
    /// `exp` less `iat`.
    pub(super) lifetime: Duration,
}

impl<'a> ClientTokenClaims<'a> {
    pub(super) fn new(
        settings: &'a TokenSettings,
        client: &'a Client,
        grant: &ClientTokenGrant<'a>,
    ) -> Self {
        let issued_at = grant.issued_at.as_seconds();
        Self {
            issuer: &settings.issuer,
            subject: client.id.as_str(),
            audience: grant.audience,
            client_id: client.id.as_str(),
            issued_at,
            expires_at: issued_at.saturating_add_unsigned(grant.lifetime.as_secs()),
            token_id: base64url::encode(&grant.token_id),
            epoch: client.epoch,
            scope: grant.scope,
        }
    }
}
