//! `POST /auth/password/forgot`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    edge::{
        caller::ClientDevice, json_body::JsonBody, problem_document::ProblemDocument,
        refused::Refused,
    },
    issuer::Issuer,
    routes::auth::by_mail::{self, AcceptedAnswer},
};

/// Whose password was forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes::auth) struct ForgotRequest {
    email: String,
}

/// Sends a link by which the password can be replaced, if the address has an account: who asks is not told.
#[utoipa::path(
    post,
    path = "/auth/password/forgot",
    tag = "account",
    request_body = ForgotRequest,
    responses(
        (status = 202, body = AcceptedAnswer, description = "Whether there is such an account or not."),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "`not_found`: no mail is configured"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`"),
        (status = 429, body = ProblemDocument, content_type = "application/problem+json",
            description = "`rate_limited`: too much was asked for from the address"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`overloaded`"),
    ),
)]
pub(in crate::routes::auth) async fn forgot(
    State(issuer): State<Arc<Issuer>>,
    ClientDevice(device): ClientDevice,
    JsonBody(body): JsonBody<ForgotRequest>,
) -> Result<(StatusCode, Json<AcceptedAnswer>), Refused> {
    let (desk, email) = by_mail::wish(&issuer, &body.email, device.address)?;
    if by_mail::admits(&issuer, desk, &email, device.address) {
        let issuer = Arc::clone(&issuer);
        desk.later(async move { issuer.authentication().forgot_password(email).await })?;
    }
    Ok((StatusCode::ACCEPTED, Json(AcceptedAnswer::YES)))
}
