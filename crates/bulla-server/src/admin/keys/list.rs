//! `GET /admin/keys`

use std::sync::Arc;

use axum::{Json, extract::State};

use super::{AdminKeys, all};
use crate::{admin::permit::AdminPermit, edge::refused::Refused, issuer::Issuer};

/// The signing keys, those that are no more too.
#[utoipa::path(get, path = "/admin/keys", responses((status = 200, body = AdminKeys)))]
pub(super) async fn list(
    _permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
) -> Result<Json<AdminKeys>, Refused> {
    Ok(Json(all(&issuer).await?))
}
