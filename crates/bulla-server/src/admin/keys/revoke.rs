//! `POST /admin/keys/{kid}/revoke`

use std::sync::Arc;

use axum::{Json, extract::State};
use bulla_core::key::service::RevokeKeyError;
use bulla_jose::jwk::KeyId;

use super::{AdminKeys, all};
use crate::{
    admin::permit::AdminPermit,
    edge::{location::PathSegment, problem_document::ProblemDocument, refused::Refused},
    issuer::Issuer,
};

/// The emergency brake: all tokens of a key are refused at every gateway from now on, and it is in no JWK set any more. If it
/// is the one that signs, the next one does at once, however young. Sessions go on: the next refresh brings a good token.
#[utoipa::path(
    post,
    path = "/admin/keys/{kid}/revoke",
    params(("kid" = String, Path, description = "The key's ID")),
    responses(
        (status = 200, body = AdminKeys),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn revoke(
    permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    PathSegment(kid): PathSegment,
) -> Result<Json<AdminKeys>, Refused> {
    // What cannot be an ID is none.
    let kid = KeyId::new(kid).map_err(|_| RevokeKeyError::NotFound)?;
    issuer.keys().revoke(&kid, permit.administrator()).await?;
    Ok(Json(all(&issuer).await?))
}

impl From<RevokeKeyError> for Refused {
    fn from(error: RevokeKeyError) -> Self {
        match error {
            RevokeKeyError::NotFound => Self::not_found("signing key"),
            RevokeKeyError::Keys(error) => error.into(),
        }
    }
}
