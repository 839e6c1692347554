//! `GET /readyz`

use std::sync::Arc;

use axum::{Json, extract::State, http::header, response::IntoResponse};
use bulla_guard::problem::Code;
use serde_json::json;

use super::{NotReady, Readiness};
use crate::edge::refused::Refused;

/// 200 while everything that is needed is there, else 503 with the code that says what is missing.
pub(super) async fn show<R: Readiness>(
    State(readiness): State<Arc<R>>,
) -> Result<impl IntoResponse, Refused> {
    readiness.check().await.map_err(|missing| match missing {
        NotReady::NoKeys => Refused::new(Code::KeysUnavailable, missing.to_string()),
        NotReady::Store(error) => error.into(),
    })?;
    Ok((
        [(header::CACHE_CONTROL, "no-store")],
        Json(json!({"status": "ready"})),
    ))
}
