//! `GET /healthz`

use axum::{Json, http::header, response::IntoResponse};
use serde_json::json;

/// The process answers; what it depends on is `/readyz`' business.
pub(super) async fn show() -> impl IntoResponse {
    (
        [(header::CACHE_CONTROL, "no-store")],
        Json(json!({"status": "ok"})),
    )
}
