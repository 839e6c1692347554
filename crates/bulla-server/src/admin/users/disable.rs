//! `POST /admin/users/{who}/disable` and `…/enable`

use std::sync::Arc;

use axum::{Json, extract::State};

use super::{find, user::AdminUser};
use crate::{
    admin::permit::AdminPermit,
    edge::{location::PathSegment, problem_document::ProblemDocument, refused::Refused},
    issuer::Issuer,
};

/// Ends the account's sessions and tokens, and lets it sign in no more.
#[utoipa::path(
    post,
    path = "/admin/users/{who}/disable",
    params(("who" = String, Path, description = "Identity, email address or user name")),
    responses(
        (status = 200, body = AdminUser),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn disable(
    permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    PathSegment(who): PathSegment,
) -> Result<Json<AdminUser>, Refused> {
    let account = find(&issuer, &who).await?;
    let disabled = issuer
        .administration()
        .disable(&account.id, permit.administrator())
        .await?;
    Ok(Json(AdminUser::from(&disabled)))
}

/// Lets a disabled account sign in again.
#[utoipa::path(
    post,
    path = "/admin/users/{who}/enable",
    params(("who" = String, Path, description = "Identity, email address or user name")),
    responses(
        (status = 200, body = AdminUser),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn enable(
    permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    PathSegment(who): PathSegment,
) -> Result<Json<AdminUser>, Refused> {
    let account = find(&issuer, &who).await?;
    let enabled = issuer
        .administration()
        .enable(&account.id, permit.administrator())
        .await?;
    Ok(Json(AdminUser::from(&enabled)))
}
