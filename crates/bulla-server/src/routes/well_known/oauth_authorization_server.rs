//! `GET /.well-known/oauth-authorization-server`

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderName, header},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::issuer::Issuer;

/// Authorization server metadata (RFC 8414). What does not work yet is not in it.
#[derive(Serialize, ToSchema)]
pub(super) struct Metadata {
    /// Claim `iss` of every token.
    issuer: String,
    /// Where the public keys are.
    jwks_uri: String,
    /// No authorization endpoint, so no response types.
    response_types_supported: Vec<String>,
    /// No token endpoint, so no grants.
    grant_types_supported: Vec<String>,
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
        response_types_supported: Vec::new(),
        grant_types_supported: Vec::new(),
        service_documentation: format!("{base}/openapi.json"),
    };
    (
        [(header::CACHE_CONTROL, super::CACHE_CONTROL)],
        Json(metadata),
    )
}
