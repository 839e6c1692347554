//! `GET /.well-known/oauth-authorization-server`

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderName, header},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{issuer::Issuer, routes::oauth2};

/// Authorization server metadata (RFC 8414). What does not work yet is not in it.
#[derive(Serialize, ToSchema)]
pub(super) struct Metadata {
    /// Claim `iss` of every token.
    issuer: String,
    /// Where the public keys are.
    jwks_uri: String,
    /// Where clients get tokens.
    token_endpoint: String,
    /// How clients prove there who they are; `none`: the public client `bulla`.
    token_endpoint_auth_methods_supported: [&'static str; 4],
    /// What they may sign with, if they prove it by `private_key_jwt`.
    token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    /// Where clients ask what a token is worth (RFC 7662).
    introspection_endpoint: String,
    /// How they prove there who they are.
    introspection_endpoint_auth_methods_supported: [&'static str; 3],
    /// What they may sign with there.
    introspection_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    /// Where tokens end (RFC 7009).
    revocation_endpoint: String,
    /// How clients prove there who they are; `none`: the public client `bulla`.
    revocation_endpoint_auth_methods_supported: [&'static str; 4],
    /// What they may sign with there.
    revocation_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    /// No authorization endpoint, so no response types.
    response_types_supported: [&'static str; 0],
    /// The ways to a token.
    grant_types_supported: [&'static str; 2],
    /// Where a person finds the API's description.
    service_documentation: String,
}

/// What clients and gateways need to know of this issuer.
#[utoipa::path(
    get,
    path = "/.well-known/oauth-authorization-server",
    tag = "metadata",
    responses((status = 200, body = Metadata)),
)]
pub(super) async fn show(
    State(issuer): State<Arc<Issuer>>,
) -> ([(HeaderName, &'static str); 1], Json<Metadata>) {
    let settings = issuer.settings();
    let base = settings.public_url.as_str();
    let metadata = Metadata {
        issuer: settings.authentication.tokens.issuer.clone(),
        jwks_uri: format!("{base}/.well-known/jwks.json"),
        token_endpoint: oauth2::token_endpoint(&issuer),
        token_endpoint_auth_methods_supported: oauth2::CLIENT_PROOFS_OR_NONE,
        token_endpoint_auth_signing_alg_values_supported: oauth2::assertion_algorithms(),
        introspection_endpoint: format!("{base}/oauth2/introspect"),
        introspection_endpoint_auth_methods_supported: oauth2::CLIENT_PROOFS,
        introspection_endpoint_auth_signing_alg_values_supported: oauth2::assertion_algorithms(),
        revocation_endpoint: format!("{base}/oauth2/revoke"),
        revocation_endpoint_auth_methods_supported: oauth2::CLIENT_PROOFS_OR_NONE,
        revocation_endpoint_auth_signing_alg_values_supported: oauth2::assertion_algorithms(),
        response_types_supported: [],
        grant_types_supported: oauth2::GRANT_TYPES,
        service_documentation: format!("{base}/openapi.json"),
    };
    (
        [(header::CACHE_CONTROL, super::CACHE_CONTROL)],
        Json(metadata),
    )
}
