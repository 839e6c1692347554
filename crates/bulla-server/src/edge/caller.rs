//! Who is asking, and from where.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use bulla_core::{
    authentication::KnownVisitor,
    ids::{AccountId, SessionId},
    session::Device,
    time::Timestamp,
};
use bulla_guard::{
    bearer,
    client::{AddressPrefix, ClientAddress, Wariness},
    principal::Principal,
    problem::Code,
    verified::Verified,
};

use super::{
    browser::{Browser, Carrier, Delivery},
    refused::Refused,
};
use crate::issuer::Issuer;

/// The client's device, as the gateway and the client itself describe it.
pub(crate) struct ClientDevice(pub(crate) Device);

/// A signed-in user with a session, proved by the token of this request.
pub(crate) struct Caller {
    /// Claim `sub`.
    pub(crate) account: AccountId,
    /// Claim `sid`.
    pub(crate) session: SessionId,
    /// Where the token was.
    pub(crate) carrier: Carrier,
}

/// A visitor without an account, proved by the token of this request.
pub(crate) struct VisitorCaller {
    pub(crate) visitor: KnownVisitor,
    /// Where the token was.
    pub(crate) carrier: Carrier,
}

/// Where a visitor comes from, as far as a handshake depends on it.
pub(crate) struct Whereabouts {
    /// Empty if no gateway said where.
    pub(crate) prefix: String,
    pub(crate) wariness: Wariness,
}

impl<S: Send + Sync> FromRequestParts<S> for Whereabouts {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let address = parts.extensions.get::<ClientAddress>();
        let wariness = parts.extensions.get::<Wariness>();
        Ok(Self {
            prefix: address.map_or_else(String::new, |address| {
                AddressPrefix::narrowest(address.0).to_string()
            }),
            wariness: wariness.copied().unwrap_or_default(),
        })
    }
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
        let (principal, carrier) = presented(parts, issuer)?;
        // A token of another kind (an anonymous one, a client's) may hold, and still not be a user's.
        let account = AccountId::new(principal.subject.as_str()).ok();
        let session = principal
            .session
            .as_deref()
            .and_then(|id| SessionId::parse(id).ok());
        match (account, session) {
            (Some(account), Some(session)) if !principal.anonymous => Ok(Self {
                account,
                session,
                carrier,
            }),
            _ => Err(Refused::new(
                Code::SignInRequired,
                "this needs a signed-in user",
            )),
        }
    }
}

impl FromRequestParts<Arc<Issuer>> for VisitorCaller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, issuer: &Arc<Issuer>) -> Result<Self, Refused> {
        let (principal, carrier) =
            presented(parts, issuer).map_err(|refused| match refused.code() {
                Code::TokenMissing => refused.inviting(),
                _ => refused,
            })?;
        let known = visitor(&principal).ok_or_else(|| {
            Refused::new(
                Code::AlreadyUpgraded,
                "this token is a user's, not a visitor's",
            )
        })?;
        Ok(Self {
            visitor: known,
            carrier,
        })
    }
}

/// The visitor that an anonymous token of this request speaks for. As on every public path, a token that does not hold
/// counts as none; and so does one in a cookie, unless the new token becomes one too.
pub(crate) fn known_visitor(
    headers: &HeaderMap,
    browser: &Browser,
    delivery: Delivery,
    issuer: &Issuer,
) -> Option<KnownVisitor> {
    let header = bearer::from_authorization(headers).ok()?;
    let token = match (header, delivery) {
        (Some(token), _) => token,
        (None, Delivery::Cookies(..)) => browser.access().ok()??.expose(),
        (None, Delivery::Body) => return None,
    };
    let verified = issuer.verifier().verify_own(token, issuer.unix_time());
    visitor(&*verified.ok()?)
}

fn visitor(principal: &Principal) -> Option<KnownVisitor> {
    let issued_at = principal.issued_at?.as_seconds();
    let issued_at = i64::try_from(issued_at).ok()?.checked_mul(1000)?;
    principal.anonymous.then_some(())?;
    Some(KnownVisitor {
        id: AccountId::new(principal.subject.as_str()).ok()?,
        issued_at: Timestamp::from_millis(issued_at),
    })
}

/// The principal of this request's token, and where that was. A cookie counts only if there is no bearer token, and the
/// request was meant or changes nothing.
///
/// # Errors
/// `token_missing` without one, `token_issuer_mismatch` for another issuer's, every refusal of the verifier, and then
/// `csrf_refused`.
pub(crate) fn presented(parts: &Parts, issuer: &Issuer) -> Result<(Verified, Carrier), Refused> {
    let verify = |token: &str| issuer.verifier().verify_own(token, issuer.unix_time());
    if let Some(token) = bearer::from_authorization(&parts.headers)? {
        return Ok((verify(token)?, Carrier::Other));
    }
    let browser = Browser::of(parts);
    let token = browser.access()?.ok_or_else(|| {
        Refused::new(
            Code::TokenMissing,
            "send a token: `Authorization: Bearer …`",
        )
    })?;
    let principal = verify(token.expose())?;
    if !parts.method.is_safe() {
        browser.meant()?;
    }
    Ok((principal, Carrier::Cookie))
}
