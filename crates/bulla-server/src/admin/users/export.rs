//! `GET /admin/users/{who}/export`

use std::sync::Arc;

use axum::{Json, extract::State};

use super::find;
use crate::{
    admin::permit::AdminPermit,
    edge::{location::PathSegment, problem_document::ProblemDocument, refused::Refused},
    export::ExportDocument,
    issuer::Issuer,
};

/// All that is held about an account.
#[utoipa::path(
    get,
    path = "/admin/users/{who}/export",
    params(("who" = String, Path, description = "Identity, email address or user name")),
    responses(
        (status = 200, body = ExportDocument),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn export(
    permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    PathSegment(who): PathSegment,
) -> Result<Json<ExportDocument>, Refused> {
    let account = find(&issuer, &who).await?;
    let export = issuer
        .administration()
        .export(&account.id, permit.administrator())
        .await?;
    let export = export.as_ref().map(ExportDocument::from);
    export.map(Json).ok_or_else(|| Refused::not_found("user"))
}
