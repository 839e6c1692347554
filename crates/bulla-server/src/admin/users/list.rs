//! `GET /admin/users`

use std::sync::Arc;

use axum::{Json, extract::State};
use bulla_core::{account::NameBeginning, ids::AccountId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::user::AdminUser;
use crate::{
    admin::{page::PageLimit, permit::AdminPermit},
    edge::{location::Parameters, problem_document::ProblemDocument, refused::Refused},
    issuer::Issuer,
};

/// Which part of the list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListUsersQuery {
    /// Only those whose email address or user name begins so, in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// `next` of the part before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// 1 to 1000; left out: 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A part of the list of accounts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AdminUsers {
    /// In the order of their identities.
    pub users: Vec<AdminUser>,
    /// For `after`, if there may be more.
    pub next: Option<String>,
}

/// All accounts, or those that are called so, part by part.
#[utoipa::path(
    get,
    path = "/admin/users",
    params(ListUsersQuery),
    responses(
        (status = 200, body = AdminUsers),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`"),
    ),
)]
pub(super) async fn list(
    _permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    Parameters(query): Parameters<ListUsersQuery>,
) -> Result<Json<AdminUsers>, Refused> {
    let after = query.after.map(AccountId::new).transpose();
    let after = after.map_err(|error| Refused::field("after", error))?;
    let limit = PageLimit::parse(query.limit)?;
    let beginning = query.query.as_deref().map(NameBeginning::parse).transpose();
    let beginning = beginning.map_err(|error| Refused::field("query", error))?;
    let administration = issuer.administration();
    let accounts = administration.list(beginning.as_ref(), after.as_ref(), limit.get());
    let accounts = accounts.await?;
    let users: Vec<_> = accounts.iter().map(AdminUser::from).collect();
    let next = limit.last(&users).map(|last| last.id.clone());
    Ok(Json(AdminUsers { users, next }))
}
