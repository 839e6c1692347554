//! `GET /admin/clients/{who}`

use std::sync::Arc;

use axum::{Json, extract::State};

use super::{client::AdminClient, find};
use crate::{
    admin::permit::AdminPermit,
    edge::{location::PathSegment, problem_document::ProblemDocument, refused::Refused},
    issuer::Issuer,
};

/// One client.
#[utoipa::path(
    get,
    path = "/admin/clients/{who}",
    params(("who" = String, Path, description = "Identity or name")),
    responses(
        (status = 200, body = AdminClient),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show(
    _permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    PathSegment(who): PathSegment,
) -> Result<Json<AdminClient>, Refused> {
    let client = find(&issuer, &who).await?;
    Ok(Json(AdminClient::of(&client, issuer.now())))
}
