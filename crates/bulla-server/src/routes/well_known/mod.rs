//! `/.well-known/…`

mod jwks;
mod oauth_authorization_server;

use std::sync::Arc;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::issuer::Issuer;

/// How long others may keep what is published here: no longer than a key is published ahead.
const CACHE_CONTROL: &str = "public, max-age=300";

pub(super) fn routes() -> OpenApiRouter<Arc<Issuer>> {
    OpenApiRouter::new()
        .routes(routes!(jwks::show))
        .routes(routes!(oauth_authorization_server::show))
}
