//! Who is asking, and from where.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use bulla_core::{
    ids::{AccountId, SessionId},
    session::Device,
};
use bulla_guard::{bearer, client::ClientAddress, problem::Code, verified::Verified};

use super::refused::Refused;
use crate::issuer::Issuer;

/// The client's device, as the gateway and the client itself describe it.
pub(crate) struct ClientDevice(pub(crate) Device);

/// A signed-in user with a session, proved by the bearer token of this request.
pub(crate) struct Caller {
    /// Claim `sub`.
    pub(crate) account: AccountId,
    /// Claim `sid`.
    pub(crate) session: SessionId,
}

impl<S: Send + Sync> FromRequestParts<S> for ClientDevice {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let address = parts
            .extensions
            .get::<ClientAddress>()
            .map(|address| address.0);
        let user_agent = parts.headers.get(header::USER_AGENT);
        let user_agent = user_agent.and_then(|text| text.to_str().ok());
        Ok(Self(Device::new(user_agent, address)))
    }
}

impl FromRequestParts<Arc<Issuer>> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, issuer: &Arc<Issuer>) -> Result<Self, Refused> {
        let principal = verified(&parts.headers, issuer)?;
        // A token of another kind (an anonymous one, a client's) may hold, and still not be a user's.
        let account = AccountId::new(principal.subject.as_str()).ok();
        let session = principal
            .session
            .as_deref()
            .and_then(|id| SessionId::parse(id).ok());
        match (account, session) {
            (Some(account), Some(session)) if !principal.anonymous => Ok(Self { account, session }),
            _ => Err(Refused::new(
                Code::SignInRequired,
                "this needs a signed-in user",
            )),
        }
    }
}

/// The principal of this request's bearer token.
///
/// # Errors
/// `token_missing` without one, `token_issuer_mismatch` for another issuer's, and every refusal of the verifier.
pub(crate) fn verified(headers: &HeaderMap, issuer: &Issuer) -> Result<Verified, Refused> {
    let token = bearer::from_authorization(headers)?.ok_or_else(|| {
        Refused::new(
            Code::TokenMissing,
            "send a token: `Authorization: Bearer …`",
        )
    })?;
    Ok(issuer.verifier().verify_own(token, issuer.unix_time())?)
}
