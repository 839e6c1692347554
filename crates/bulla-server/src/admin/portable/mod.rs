//! Accounts that move in, and out: `/admin/import`, `/admin/export`

mod export;
mod import;
mod user;

use std::sync::Arc;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::{
    export::{PortableUsers, PortableUsersQuery},
    import::{ImportOutcome, ImportRequest, ImportResult, ImportResults, SkipReason},
    user::PortableUser,
};
use crate::issuer::Issuer;

pub(super) fn routes() -> OpenApiRouter<Arc<Issuer>> {
    OpenApiRouter::new()
        .routes(routes!(import::import))
        .routes(routes!(export::export))
}
