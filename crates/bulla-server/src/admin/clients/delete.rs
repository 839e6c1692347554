//! `DELETE /admin/clients/{who}`

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};

use super::find;
use crate::{
    admin::permit::AdminPermit,
    edge::{location::PathSegment, problem_document::ProblemDocument, refused::Refused},
    issuer::Issuer,
};

/// Removes a client, and ends all its tokens.
#[utoipa::path(
    delete,
    path = "/admin/clients/{who}",
    params(("who" = String, Path, description = "Identity or name")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete(
    permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    PathSegment(who): PathSegment,
) -> Result<StatusCode, Refused> {
    let client = find(&issuer, &who).await?;
    issuer
        .administration()
        .remove_client(&client.id, permit.administrator())
        .await
        .map_err(|error| Refused::from_removal(error, "client"))?;
    Ok(StatusCode::NO_CONTENT)
}
