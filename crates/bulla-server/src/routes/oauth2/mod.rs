//! `/oauth2/…`: RFC 6749 and what belongs to it.

mod access_token;
mod client;
mod form;
mod introspect;
mod refused;
mod revoke;
mod token;

use std::sync::Arc;

use axum::middleware;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::never_stored;
use crate::issuer::Issuer;

/// The ways to a token that there are here.
pub(super) const GRANT_TYPES: [&str; 2] = ["client_credentials", "refresh_token"];

/// How clients prove who they are.
pub(super) const CLIENT_PROOFS: [&str; 2] = ["client_secret_basic", "client_secret_post"];

/// The same, and the one of the public client: none.
pub(super) const CLIENT_PROOFS_OR_NONE: [&str; 3] = [CLIENT_PROOFS[0], CLIENT_PROOFS[1], "none"];

pub(super) fn routes() -> OpenApiRouter<Arc<Issuer>> {
    OpenApiRouter::new()
        .routes(routes!(token::token))
        .routes(routes!(introspect::introspect))
        .routes(routes!(revoke::revoke))
        .layer(middleware::map_response(never_stored))
}
