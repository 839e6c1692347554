//! `GET /admin/export`

use std::sync::Arc;

use axum::{Json, extract::State};
use bulla_core::ids::AccountId;
use bulla_guard::problem::Code;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::PortableUser;
use crate::{
    admin::permit::AdminPermit,
    edge::{location::Parameters, problem_document::ProblemDocument, refused::Refused},
    issuer::Issuer,
};

/// How many accounts a part has: all of them are recorded as exported.
const AT_ONCE: u32 = 200;

/// Which part of the accounts.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PortableUsersQuery {
    /// `next` of the part before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A part of the accounts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PortableUsers {
    /// In the order of their identities.
    pub users: Vec<PortableUser>,
    /// For `after`, if there may be more.
    pub next: Option<String>,
}

/// All accounts with the hashes of their passwords, part by part, as `POST /admin/import` takes them. Only on the socket
/// in the data folder: no token is enough for it.
#[utoipa::path(
    get,
    path = "/admin/export",
    params(PortableUsersQuery),
    responses(
        (status = 200, body = PortableUsers),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn export(
    permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    Parameters(query): Parameters<PortableUsersQuery>,
) -> Result<Json<PortableUsers>, Refused> {
    if permit.administrator().account.is_some() {
        let detail = "hashes of passwords are only for whoever may open the data folder";
        return Err(Refused::new(Code::RoleRequired, detail));
    }
    let after = query.after.map(AccountId::new).transpose();
    let after = after.map_err(|error| Refused::field("after", error))?;
    let accounts = issuer
        .administration()
        .export_hashes(after.as_ref(), AT_ONCE, permit.administrator())
        .await?;
    let full = accounts.len() == AT_ONCE as usize;
    let next = accounts.last().filter(|_| full);
    Ok(Json(PortableUsers {
        next: next.map(|account| account.id.to_string()),
        users: accounts.iter().map(PortableUser::of).collect(),
    }))
}
