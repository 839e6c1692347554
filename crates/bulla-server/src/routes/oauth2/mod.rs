//! `/oauth2/…`: RFC 6749 and what belongs to it.

mod client;
mod form;
mod refused;
mod token;

use std::sync::Arc;

use axum::middleware;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::never_stored;
use crate::issuer::Issuer;

/// The ways to a token that there are here.
pub(super) const GRANT_TYPES: [&str; 2] = ["client_credentials", "refresh_token"];

/// How clients say who they are, most of them with a proof.
pub(super) const CLIENT_AUTHENTICATION_METHODS: [&str; 3] =
    ["client_secret_basic", "client_secret_post", "none"];

pub(super) fn routes() -> OpenApiRouter<Arc<Issuer>> {
    OpenApiRouter::new()
        .routes(routes!(token::token))
        .layer(middleware::map_response(never_stored))
}
