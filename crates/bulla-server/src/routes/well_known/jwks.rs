//! `GET /.well-known/jwks.json`

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use crate::issuer::Issuer;

/// The public keys of this issuer's tokens (RFC 7517), the next one already among them. Empty
/// while tokens are signed with a shared secret: that never leaves the process.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "metadata",
    responses((status = 200, description = "A JWK set", content_type = "application/jwk-set+json")),
)]
pub(super) async fn show(State(issuer): State<Arc<Issuer>>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/jwk-set+json"),
        (header::CACHE_CONTROL, super::CACHE_CONTROL),
    ];
    let keys = issuer.keys().ring().view();
    (headers, keys.published().to_owned()).into_response()
}
