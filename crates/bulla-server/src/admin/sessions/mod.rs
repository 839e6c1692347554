//! `/admin/sessions/{id}`

mod end;
mod session;

use std::sync::Arc;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::session::{AdminSession, AdminSessions};
use crate::issuer::Issuer;

pub(super) fn routes() -> OpenApiRouter<Arc<Issuer>> {
    OpenApiRouter::new().routes(routes!(end::end))
}
