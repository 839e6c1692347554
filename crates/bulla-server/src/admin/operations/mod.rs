//! What an operator's monitoring asks for: `/healthz`, `/readyz`, `/metrics`. No token, no secrets.

mod healthz;
mod metrics;
mod readyz;

use std::sync::Arc;

use axum::{Router, routing::get};
use prometheus_client::registry::Registry;

use crate::{edge::frame::framed, issuer::Issuer};

/// `/healthz`: the process answers. `/readyz`: it can do its work. `/metrics`: the registry's
/// metrics as OpenMetrics text.
///
/// It answers unknown paths itself; a router that does so too takes it without that: `reset_fallback`.
pub fn operations_router(issuer: Arc<Issuer>, registry: Arc<Registry>) -> Router {
    let routes = Router::new()
        .route("/healthz", get(healthz::show))
        .route("/readyz", get(readyz::show).with_state(issuer))
        .route("/metrics", get(metrics::show).with_state(registry));
    framed(routes)
}
