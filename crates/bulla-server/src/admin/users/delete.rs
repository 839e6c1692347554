//! `DELETE /admin/users/{who}`

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};

use super::find;
use crate::{
    admin::permit::AdminPermit,
    edge::{location::PathSegment, problem_document::ProblemDocument, refused::Refused},
    issuer::Issuer,
};

/// Deletes an account with its sessions, and ends all its tokens.
#[utoipa::path(
    delete,
    path = "/admin/users/{who}",
    params(("who" = String, Path, description = "Identity, email address or user name")),
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
    let account = find(&issuer, &who).await?;
    issuer
        .administration()
        .delete(&account.id, permit.administrator())
        .await
        .map_err(|error| Refused::from_removal(error, "user"))?;
    Ok(StatusCode::NO_CONTENT)
}
