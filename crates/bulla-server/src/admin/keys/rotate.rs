//! `POST /admin/keys/rotate`

use std::sync::Arc;

use axum::{Json, extract::State};
use bulla_core::key::service::RotateError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AdminKeys, all};
use crate::{
    admin::permit::AdminPermit,
    edge::{json_body::OptionalJsonBody, problem_document::ProblemDocument, refused::Refused},
    issuer::Issuer,
};

/// How to rotate.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateKeysRequest {
    /// Whether the next key may sign though it has not been published for `keys.publish_ahead`: who keeps the JWK set and
    /// does not look again for unknown keys refuses its first tokens.
    #[serde(default)]
    pub now: bool,
}

/// Lets the next key sign now, or, where several issuers share a database, in a minute, when all of them know it; and makes
/// another next one. The one that signed stays until its last token has ended.
#[utoipa::path(
    post,
    path = "/admin/keys/rotate",
    request_body = Option<RotateKeysRequest>,
    responses(
        (status = 200, body = AdminKeys),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_invalid`: the next key has not been published for long enough, and `now` is not set"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`overloaded`: too many keys wait for the end of their tokens"),
    ),
)]
pub(super) async fn rotate(
    permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    OptionalJsonBody(body): OptionalJsonBody<RotateKeysRequest>,
) -> Result<Json<AdminKeys>, Refused> {
    let now = body.unwrap_or_default().now;
    issuer.keys().rotate(now, permit.administrator()).await?;
    Ok(Json(all(&issuer).await?))
}

impl From<RotateError> for Refused {
    fn from(error: RotateError) -> Self {
        match error {
            RotateError::Refused(error) => error.into(),
            RotateError::Keys(error) => error.into(),
        }
    }
}
