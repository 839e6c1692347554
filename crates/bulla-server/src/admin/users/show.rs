//! `GET /admin/users/{who}`

use std::sync::Arc;

use axum::{Json, extract::State};

use super::{find, user::AdminUser};
use crate::{
    admin::permit::AdminPermit,
    edge::{location::PathSegment, problem_document::ProblemDocument, refused::Refused},
    issuer::Issuer,
};

/// One account.
#[utoipa::path(
    get,
    path = "/admin/users/{who}",
    params(("who" = String, Path, description = "Identity, email address or user name")),
    responses(
        (status = 200, body = AdminUser),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show(
    _permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    PathSegment(who): PathSegment,
) -> Result<Json<AdminUser>, Refused> {
    Ok(Json(AdminUser::from(&find(&issuer, &who).await?)))
}
