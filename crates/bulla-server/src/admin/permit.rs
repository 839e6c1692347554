//! The permission to administrate: a value that a handler holds, not a question it may forget.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::request::Parts,
    middleware::Next,
    response::{IntoResponse, Response},
};
use bulla_guard::problem::Code;

use crate::{
    edge::{caller::verified, refused::Refused},
    issuer::Issuer,
};

/// The role that may use the API over the network.
const ROLE: &str = "admin";

/// Proof that the request may administrate. It can only be made in this module.
#[derive(Debug, Clone, Copy)]
pub(super) struct AdminPermit(());

impl<S: Send + Sync> FromRequestParts<S> for AdminPermit {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refused> {
        let missing = || Refused::new(Code::TokenMissing, "this is for administrators");
        parts.extensions.get::<Self>().copied().ok_or_else(missing)
    }
}

/// Whoever can open the socket may administrate.
pub(super) async fn by_file_mode(mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(AdminPermit(()));
    next.run(request).await
}

/// A token of this issuer with the role `admin`.
pub(super) async fn by_role(
    State(issuer): State<Arc<Issuer>>,
    mut request: Request,
    next: Next,
) -> Response {
    let principal = match verified(request.headers(), &issuer) {
        Ok(principal) => principal,
        Err(refused) => return refused.into_response(),
    };
    if !principal.roles.iter().any(|role| role == ROLE) {
        return Refused::new(Code::RoleRequired, "the role `admin` is needed").into_response();
    }
    request.extensions_mut().insert(AdminPermit(()));
    next.run(request).await
}
