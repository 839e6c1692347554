//! `GET` and `DELETE /admin/users/{who}/sessions`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};

use super::find;
use crate::{
    admin::{
        permit::AdminPermit,
        sessions::{AdminSession, AdminSessions},
    },
    edge::{location::PathSegment, problem_document::ProblemDocument, refused::Refused},
    issuer::Issuer,
};

/// The account's newest 100 sessions, ended ones too, and whatever else of them is live; the newest
/// first.
#[utoipa::path(
    get,
    path = "/admin/users/{who}/sessions",
    params(("who" = String, Path, description = "Identity, email address or user name")),
    responses(
        (status = 200, body = AdminSessions),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list(
    _permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    PathSegment(who): PathSegment,
) -> Result<Json<AdminSessions>, Refused> {
    let account = find(&issuer, &who).await?;
    let sessions = issuer.administration().sessions(&account.id).await?;
    let sessions = sessions.iter().map(AdminSession::from).collect();
    Ok(Json(AdminSessions { sessions }))
}

/// Ends all of the account's sessions; their access tokens are refused.
#[utoipa::path(
    delete,
    path = "/admin/users/{who}/sessions",
    params(("who" = String, Path, description = "Identity, email address or user name")),
    responses(
        (status = 204, description = "They have ended."),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn end_all(
    permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    PathSegment(who): PathSegment,
) -> Result<StatusCode, Refused> {
    let account = find(&issuer, &who).await?;
    issuer
        .administration()
        .end_sessions(&account.id, permit.administrator())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
