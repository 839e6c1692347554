//! The administrators' API, and what an operator's monitoring asks for.
//!
//! Every message of the API is a type here that serde reads and writes, so that a client in Rust
//! shares them with the server. Every handler asks for an `AdminPermit`: a route that was put
//! behind neither a token nor a file mode refuses everything.

mod audit;
mod bans;
mod clients;
mod dev_mailbox;
mod doctor;
mod keys;
mod operations;
mod page;
mod permit;
mod portable;
mod sessions;
mod users;

use std::sync::{Arc, LazyLock};

use axum::{Router, http::header, middleware, response::IntoResponse, routing::get};
use bulla_guard::abuse::{AbuseLedger, Spared};
use utoipa_axum::router::OpenApiRouter;

pub use self::{
    audit::{AuditEvents, AuditLine, ListAuditQuery},
    bans::{AddBanRequest, AdminBan, AdminBans, RemovedBans},
    clients::{
        AdminClient, AdminClients, CreateClientRequest, CreatedClient, EditClientRequest,
        ListClientsQuery, RotateSecretRequest,
    },
    dev_mailbox::dev_mailbox_router,
    doctor::ExamineRequest,
    keys::{AdminKey, AdminKeys, ImportKeyRequest, RotateKeysRequest},
    operations::{NotReady, Readiness, operations_router},
    portable::{
        ImportOutcome, ImportRequest, ImportResult, ImportResults, PortableUser, PortableUsers,
        PortableUsersQuery, SkipReason,
    },
    sessions::{AdminSession, AdminSessions, EndedSessions},
    users::{
        AdminUser, AdminUsers, CreateUserRequest, CreatedUser, EditUserRequest, ListUsersQuery,
    },
};
use crate::{
    bans::Bans,
    doctor::Doctor,
    edge::frame::framed,
    issuer::{Issuer, SystemClock},
    routes::openapi::to_json,
};
pub use crate::{
    edge::{problem_document::ProblemDocument, secret::SecretText},
    export::{ExportDocument, ExportedEvent, ExportedLink},
};

const DESCRIPTION: &str = "Accounts, their sessions, clients, signing keys, bans, and the audit log, for the role `admin`. The same listener answers \
    `POST /auth/login`, `/auth/refresh` and `/auth/logout`. Every refusal is application/problem+json (RFC 9457) with a \
    stable `code`; unknown fields in a request are refused.";

/// `/admin/…` for a network listener: every request needs a bearer token with the role `admin`. To get
/// one, an administrator signs in here as anywhere; and the description is for everybody.
///
/// The request extension [`ClientAddress`](bulla_guard::client::ClientAddress) is what the audit log
/// says an act came from. `doctor` looks at the server that answers, if one does.
pub fn router(issuer: Arc<Issuer>, bans: Arc<Bans>, doctor: Option<Arc<dyn Doctor>>) -> Router {
    let by_role = middleware::from_fn_with_state(Arc::clone(&issuer), permit::by_role);
    let routes = Router::from(described(bans, doctor))
        .route_layer(by_role)
        .merge(crate::routes::sign_in_and_out())
        .route("/admin/openapi.json", get(show_openapi));
    framed(routes).with_state(issuer)
}

/// `/admin/…` without a token: for the socket in the data folder, whose file mode is the
/// permission, and in process.
pub fn local_router(
    issuer: Arc<Issuer>,
    bans: Arc<Bans>,
    doctor: Option<Arc<dyn Doctor>>,
) -> Router {
    let by_file_mode = middleware::from_fn(permit::by_file_mode);
    framed(Router::from(described(bans, doctor)).route_layer(by_file_mode)).with_state(issuer)
}

/// The description of the administrators' API: OpenAPI 3.1, as JSON.
#[must_use]
pub fn openapi_document() -> String {
    let nobody = Arc::new(AbuseLedger::new(Spared::default()));
    let bans = Bans::in_memory(nobody, Arc::new(SystemClock));
    to_json(&described(bans, None).into_openapi())
}

fn described(bans: Arc<Bans>, doctor: Option<Arc<dyn Doctor>>) -> OpenApiRouter<Arc<Issuer>> {
    let mut frame = crate::routes::openapi::frame();
    frame.info.title = "Bulla: administration".to_owned();
    frame.info.description = Some(DESCRIPTION.to_owned());
    frame.tags = None;
    OpenApiRouter::with_openapi(frame)
        .merge(users::routes())
        .merge(portable::routes())
        .merge(sessions::routes())
        .merge(clients::routes())
        .merge(keys::routes())
        .merge(bans::routes(bans))
        .merge(audit::routes())
        .merge(doctor::routes(doctor))
}

/// `GET /admin/openapi.json`
async fn show_openapi() -> impl IntoResponse {
    static DOCUMENT: LazyLock<String> = LazyLock::new(openapi_document);
    (
        [(header::CONTENT_TYPE, "application/json")],
        DOCUMENT.as_str(),
    )
}
