//! `/admin/sessions` and `/admin/sessions/{id}`

mod end;
mod end_all;
mod session;

use std::sync::Arc;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::{
    end_all::EndedSessions,
    session::{AdminSession, AdminSessions},
};
use crate::issuer::Issuer;

pub(super) fn routes() -> OpenApiRouter<Arc<Issuer>> {
    OpenApiRouter::new()
        .routes(routes!(end_all::end_all))
        .routes(routes!(end::end))
}
