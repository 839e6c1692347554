//! The administrators' API, and what an operator's monitoring asks for.
//!
//! Every message of the API is a type here that serde reads and writes, so that a client in Rust
//! shares them with the server. Every handler asks for an `AdminPermit`: a route that was put
//! behind neither a token nor a file mode refuses everything.

mod bans;
mod operations;
mod permit;
mod sessions;
mod users;

use std::sync::Arc;

use axum::{Router, middleware};
use bulla_guard::abuse::{AbuseLedger, Spared};
use utoipa_axum::router::OpenApiRouter;

pub use self::{
    bans::{AddBanRequest, AdminBan, AdminBans, RemovedBans},
    operations::{NotReady, Readiness, operations_router},
    sessions::{AdminSession, AdminSessions},
    users::{
        AdminUser, AdminUsers, CreateUserRequest, CreatedUser, EditUserRequest, ListUsersQuery,
    },
};
pub use crate::edge::{problem_document::ProblemDocument, secret::SecretText};
use crate::{
    bans::Bans,
    edge::frame::framed,
    issuer::{Issuer, SystemClock},
    routes::openapi::to_json,
};

/// `/admin/…` for a network listener: every request needs a bearer token with the role `admin`.
pub fn router(issuer: Arc<Issuer>, bans: Arc<Bans>) -> Router {
    let by_role = middleware::from_fn_with_state(Arc::clone(&issuer), permit::by_role);
    framed(Router::from(described(bans)).route_layer(by_role)).with_state(issuer)
}

/// `/admin/…` without a token: for the socket in the data folder, whose file mode is the
/// permission, and in process.
pub fn local_router(issuer: Arc<Issuer>, bans: Arc<Bans>) -> Router {
    let by_file_mode = middleware::from_fn(permit::by_file_mode);
    framed(Router::from(described(bans)).route_layer(by_file_mode)).with_state(issuer)
}

/// The description of the administrators' API: OpenAPI 3.1, as JSON.
#[must_use]
pub fn openapi_document() -> String {
    let nobody = Arc::new(AbuseLedger::new(Spared::default()));
    to_json(&described(Bans::in_memory(nobody, Arc::new(SystemClock))).into_openapi())
}

fn described(bans: Arc<Bans>) -> OpenApiRouter<Arc<Issuer>> {
    let mut frame = crate::routes::openapi::frame();
    frame.info.title = "Bulla: administration".to_owned();
    frame.tags = None;
    OpenApiRouter::with_openapi(frame)
        .merge(users::routes())
        .merge(sessions::routes())
        .merge(bans::routes(bans))
}
