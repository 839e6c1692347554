//! `GET /admin/bans`

use std::sync::Arc;

use axum::{Json, extract::State};

use super::{AdminBan, AdminBans};
use crate::{admin::permit::AdminPermit, bans::Bans};

/// The bans in force.
#[utoipa::path(get, path = "/admin/bans", responses((status = 200, body = AdminBans)))]
pub(super) async fn list(_permit: AdminPermit, State(bans): State<Arc<Bans>>) -> Json<AdminBans> {
    let bans = bans.list().iter().map(AdminBan::from).collect();
    Json(AdminBans { bans })
}
