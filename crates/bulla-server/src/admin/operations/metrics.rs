//! `GET /metrics`

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use bulla_guard::problem::Code;
use prometheus_client::{encoding::text::encode, registry::Registry};

use crate::edge::refused::Refused;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All metrics of the process.
pub(super) async fn show(State(registry): State<Arc<Registry>>) -> Result<Response, Refused> {
    let mut text = String::new();
    encode(&mut text, &registry)
        .map_err(|_| Refused::new(Code::InternalError, "the metrics cannot be written"))?;
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response())
}
