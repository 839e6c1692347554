//! `POST /admin/doctor`

use std::sync::Arc;

use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::permit::AdminPermit;
use crate::{
    doctor::{Doctor, Report},
    edge::{problem_document::ProblemDocument, refused::Refused},
};

pub(super) fn routes<S: Clone + Send + Sync + 'static>(
    doctor: Option<Arc<dyn Doctor>>,
) -> OpenApiRouter<S> {
    OpenApiRouter::new()
        .routes(routes!(examine))
        .with_state(doctor)
}

/// Looks at what is wrong, or could go wrong: the configuration, files, disk, store and keys of this server. It changes nothing, takes a
/// few seconds, and connects to what the configuration names.
#[utoipa::path(
    post,
    path = "/admin/doctor",
    responses(
        (status = 200, body = Report),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "`not_found`: no server runs here"),
    ),
)]
async fn examine(
    _permit: AdminPermit,
    State(doctor): State<Option<Arc<dyn Doctor>>>,
) -> Result<Json<Report>, Refused> {
    let doctor = doctor.ok_or_else(|| Refused::not_found("server"))?;
    Ok(Json(doctor.examine().await))
}
