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
use bulla_jose::jwa::Algorithm;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::never_stored;
use crate::issuer::Issuer;

/// The ways to a token that there are here.
pub(super) const GRANT_TYPES: [&str; 2] = ["client_credentials", "refresh_token"];

/// How clients prove who they are.
pub(super) const CLIENT_PROOFS: [&str; 3] = [
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
];

/// The same, and the one of the public client: none.
pub(super) const CLIENT_PROOFS_OR_NONE: [&str; 4] =
    [CLIENT_PROOFS[0], CLIENT_PROOFS[1], CLIENT_PROOFS[2], "none"];

/// What a client may sign with that proves itself by `private_key_jwt`: all but secrets.
pub(super) fn assertion_algorithms() -> Vec<&'static str> {
    let algorithms = Algorithm::ALL.iter();
    let asymmetric = algorithms.filter(|algorithm| !algorithm.is_symmetric());
    asymmetric.map(|algorithm| algorithm.as_str()).collect()
}

/// Where clients get tokens.
pub(super) fn token_endpoint(issuer: &Issuer) -> String {
    format!("{}/oauth2/token", issuer.settings().public_url)
}

pub(super) fn routes() -> OpenApiRouter<Arc<Issuer>> {
    OpenApiRouter::new()
        .routes(routes!(token::token))
        .routes(routes!(introspect::introspect))
        .routes(routes!(revoke::revoke))
        .layer(middleware::map_response(never_stored))
}
