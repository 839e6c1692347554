//! `DELETE /admin/sessions/{id}`

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use bulla_core::ids::SessionId;

use crate::{
    admin::permit::AdminPermit,
    edge::{location::PathSegment, problem_document::ProblemDocument, refused::Refused},
    issuer::Issuer,
};

/// Ends a session, whosever it is; its access tokens are refused.
#[utoipa::path(
    delete,
    path = "/admin/sessions/{id}",
    params(("id" = String, Path, description = "The session")),
    responses(
        (status = 204, description = "It has ended."),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "`not_found`: there is no such live session"),
    ),
)]
pub(super) async fn end(
    permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    PathSegment(id): PathSegment,
) -> Result<StatusCode, Refused> {
    let id = SessionId::parse(&id).map_err(|_| Refused::not_found("session"))?;
    issuer
        .administration()
        .end_session(id, permit.administrator())
        .await
        .map_err(|error| Refused::from_removal(error, "session"))?;
    Ok(StatusCode::NO_CONTENT)
}
