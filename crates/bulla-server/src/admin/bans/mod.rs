//! `/admin/bans` and `/admin/bans/{prefix}`

mod add;
mod ban;
mod list;
mod remove;

use std::sync::Arc;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::{
    add::AddBanRequest,
    ban::{AdminBan, AdminBans},
    remove::RemovedBans,
};
use crate::{
    bans::{Bans, NotKept},
    edge::refused::Refused,
};

pub(super) fn routes<S: Clone + Send + Sync + 'static>(bans: Arc<Bans>) -> OpenApiRouter<S> {
    OpenApiRouter::new()
        .routes(routes!(list::list, add::add))
        .routes(routes!(remove::remove))
        .with_state(bans)
}

impl From<NotKept> for Refused {
    fn from(error: NotKept) -> Self {
        let detail = match &error {
            NotKept::File(_) => "the change is in force, but a restart would undo it",
            NotKept::Audit(_) => "the change is in force, but the audit log does not tell of it",
        };
        Self::store_failed(detail, error)
    }
}
