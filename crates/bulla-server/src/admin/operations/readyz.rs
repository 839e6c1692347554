//! `GET /readyz`

use std::sync::Arc;

use axum::{Json, extract::State, http::header, response::IntoResponse};
use bulla_guard::problem::Code;
use serde_json::json;

use crate::{edge::refused::Refused, issuer::Issuer};

/// 200 while the store answers and there are keys, else 503 with the code that says which is missing.
pub(super) async fn show(State(issuer): State<Arc<Issuer>>) -> Result<impl IntoResponse, Refused> {
    if !issuer.check().await? {
        return Err(Refused::new(
            Code::KeysUnavailable,
            "there are no signing keys",
        ));
    }
    Ok((
        [(header::CACHE_CONTROL, "no-store")],
        Json(json!({"status": "ready"})),
    ))
}
