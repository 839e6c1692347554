//! `POST /auth/upgrade`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};

use super::{answers::SessionAnswer, challenge::welcoming, register::RegisterRequest};
use crate::{
    edge::{
        caller::{ClientDevice, VisitorCaller},
        json_body::JsonBody,
        problem_document::ProblemDocument,
        refused::Refused,
    },
    issuer::Issuer,
};

/// Makes the visitor of an anonymous bearer token a user under the same `sub`, on the plan `free`, and signs it in. Its
/// anonymous tokens are refused from now on, so it happens once.
#[utoipa::path(
    post,
    path = "/auth/upgrade",
    tag = "anonymous",
    security(("bearer" = [])),
    request_body = RegisterRequest,
    responses(
        (status = 201, body = SessionAnswer),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`token_missing`, `token_…`; `token_revoked`: it happened before"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "`not_found`: anonymous visitors are not welcome"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json",
            description = "`already_upgraded`: it happened at the same time, or the token is a user's; `email_taken`, \
                `username_taken`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`, `password_refused`"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`overloaded`, `store_unavailable`"),
    ),
)]
pub(super) async fn upgrade(
    State(issuer): State<Arc<Issuer>>,
    VisitorCaller(visitor): VisitorCaller,
    ClientDevice(device): ClientDevice,
    JsonBody(body): JsonBody<RegisterRequest>,
) -> Result<(StatusCode, Json<SessionAnswer>), Refused> {
    welcoming(&issuer)?;
    let (registration, request) = body.parsed()?;
    let issued = issuer
        .authentication()
        .upgrade(visitor, registration, device, request)
        .await?;
    Ok((StatusCode::CREATED, Json(issued.into())))
}
