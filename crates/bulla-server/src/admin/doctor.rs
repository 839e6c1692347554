//! `POST /admin/doctor`

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::permit::AdminPermit;
use crate::{
    doctor::{Doctor, Report},
    edge::{
        json_body::OptionalJsonBody, parse, problem_document::ProblemDocument, refused::Refused,
    },
};

/// What to try besides.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExamineRequest {
    /// An address that a letter is sent to, to try mail out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letter_to: Option<String>,
}

pub(super) fn routes<S: Clone + Send + Sync + 'static>(
    doctor: Option<Arc<dyn Doctor>>,
) -> OpenApiRouter<S> {
    OpenApiRouter::new()
        .routes(routes!(examine))
        .with_state(doctor)
}

/// Looks at what is wrong, or could go wrong: configuration, listeners, proxies, certificate, files, disk, store, keys, clock and mail of
/// this server. It changes nothing, takes a few seconds, and connects to `public_url` and to the mail server.
#[utoipa::path(
    post,
    path = "/admin/doctor",
    request_body = Option<ExamineRequest>,
    responses(
        (status = 200, body = Report),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "`not_found`: no server runs here"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`"),
    ),
)]
async fn examine(
    _permit: AdminPermit,
    State(doctor): State<Option<Arc<dyn Doctor>>>,
    OptionalJsonBody(request): OptionalJsonBody<ExamineRequest>,
) -> Result<Json<Report>, Refused> {
    let doctor = doctor.ok_or_else(|| Refused::not_found("server"))?;
    let letter_to = request.and_then(|request| request.letter_to);
    let letter_to = letter_to.as_deref().map(parse::email).transpose()?;
    Ok(Json(doctor.examine(letter_to).await))
}
