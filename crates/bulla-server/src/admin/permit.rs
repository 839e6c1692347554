//! The permission to administrate: a value that a handler holds, not a question it may forget.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::request::Parts,
    middleware::Next,
    response::{IntoResponse, Response},
};
use bulla_core::{administration::Administrator, ids::AccountId};
use bulla_guard::{client::ClientAddress, problem::Code};

use crate::{
    edge::{caller::presented, refused::Refused},
    issuer::Issuer,
};

/// The role that may use the API over the network.
const ROLE: &str = "admin";

/// Proof that the request may administrate: who does, and from where. It can only be made in this
/// module.
#[derive(Debug, Clone)]
pub(super) struct AdminPermit(Administrator);

impl AdminPermit {
    /// Whom the audit log will name.
    pub(super) const fn administrator(&self) -> &Administrator {
        &self.0
    }

    fn put_into(request: &mut Request, account: Option<AccountId>) {
        let address = request.extensions().get::<ClientAddress>();
        let address = address.map(|address| address.0);
        let permit = Self(Administrator { account, address });
        request.extensions_mut().insert(permit);
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AdminPermit {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refused> {
        let missing = || Refused::new(Code::TokenMissing, "this is for administrators");
        parts.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}

/// Whoever can open the socket may administrate.
pub(super) async fn by_file_mode(mut request: Request, next: Next) -> Response {
    AdminPermit::put_into(&mut request, None);
    next.run(request).await
}

/// A token of this issuer with the role `admin`.
pub(super) async fn by_role(
    State(issuer): State<Arc<Issuer>>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let principal = match presented(&parts, &issuer) {
        Ok((principal, _)) => principal,
        Err(refused) => return refused.into_response(),
    };
    if !principal.roles.iter().any(|role| role == ROLE) {
        return Refused::new(Code::RoleRequired, "the role `admin` is needed").into_response();
    }
    let Ok(account) = AccountId::new(principal.subject.as_str()) else {
        let detail = "this needs a signed-in user";
        return Refused::new(Code::SignInRequired, detail).into_response();
    };
    let mut request = Request::from_parts(parts, body);
    AdminPermit::put_into(&mut request, Some(account));
    next.run(request).await
}
