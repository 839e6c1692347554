//! What an operator's monitoring asks for: `/healthz`, `/readyz`, `/metrics`. No token, no secrets.

mod healthz;
mod metrics;
mod readiness;
mod readyz;

use std::sync::Arc;

use axum::{Router, routing::get};
use prometheus_client::registry::Registry;

pub use self::readiness::{NotReady, Readiness};
use crate::edge::frame::framed;

/// `/healthz`: the process answers. `/readyz`: it can do its work. `/metrics`: the registry's
/// metrics as OpenMetrics text.
///
/// It answers unknown paths itself; a router that does so too takes it without that: `reset_fallback`.
pub fn operations_router<R: Readiness>(readiness: Arc<R>, registry: Arc<Registry>) -> Router {
    let routes = Router::new()
        .route("/healthz", get(healthz::show))
        .route("/readyz", get(readyz::show::<R>).with_state(readiness))
        .route("/metrics", get(metrics::show).with_state(registry));
    framed(routes)
}
