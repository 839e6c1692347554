//! `DELETE /admin/bans/{prefix}`

use std::sync::Arc;

use axum::{Json, extract::State};
use bulla_guard::{abuse::Lifted, client::Cidr};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AdminBan;
use crate::{
    admin::permit::AdminPermit,
    bans::Bans,
    edge::{location::PathSegment, parse, problem_document::ProblemDocument, refused::Refused},
};

/// What was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RemovedBans {
    /// Bans, also those that were over and only remembered.
    pub bans: Vec<AdminBan>,
    /// Prefixes that are no longer challenged.
    pub challenged: Vec<String>,
}

/// Ends the bans on a prefix and within it, and forgets what counted against it. For a single address, what the ladder put on
/// a wider IPv6 prefix that it is in ends too.
#[utoipa::path(
    delete,
    path = "/admin/bans/{prefix}",
    params(("prefix" = String, Path, description = "An address or a range; its slash is written %2F")),
    responses(
        (status = 200, body = RemovedBans),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "`not_found`: nothing was on it"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_invalid`: it is no prefix"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`store_unavailable`: it is removed, and a restart may bring it back, or it is not in the audit log"),
    ),
)]
pub(super) async fn remove(
    permit: AdminPermit,
    State(bans): State<Arc<Bans>>,
    PathSegment(prefix): PathSegment,
) -> Result<Json<RemovedBans>, Refused> {
    let prefix = parse::prefix(&prefix)?;
    let lifted = bans.remove(prefix, permit.administrator()).await?;
    if lifted == Lifted::default() {
        return Err(Refused::not_found("ban"));
    }
    let challenged = lifted.challenged.into_iter();
    Ok(Json(RemovedBans {
        bans: lifted.bans.iter().map(AdminBan::from).collect(),
        challenged: challenged
            .map(|prefix| Cidr::from(prefix).to_string())
            .collect(),
    }))
}
