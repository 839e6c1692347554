//! `/admin/users/…`

mod change;
mod create;
mod delete;
mod disable;
mod export;
mod list;
mod sessions;
mod show;
mod user;

use std::sync::Arc;

use bulla_core::account::Account;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::{
    change::EditUserRequest,
    create::{CreateUserRequest, CreatedUser},
    list::{AdminUsers, ListUsersQuery},
    user::AdminUser,
};
use crate::{edge::refused::Refused, issuer::Issuer};

pub(super) fn routes() -> OpenApiRouter<Arc<Issuer>> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(show::show, change::change, delete::delete))
        .routes(routes!(export::export))
        .routes(routes!(disable::disable))
        .routes(routes!(disable::enable))
        .routes(routes!(sessions::list, sessions::end_all))
}

/// The account of this identity, email address or user name.
async fn find(issuer: &Issuer, who: &str) -> Result<Account, Refused> {
    issuer
        .administration()
        .find(who)
        .await?
        .ok_or_else(|| Refused::not_found("user"))
}
