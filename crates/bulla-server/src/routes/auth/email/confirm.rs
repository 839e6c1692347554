//! `POST /auth/email/confirm`

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    edge::{
        caller::ClientDevice, json_body::JsonBody, problem_document::ProblemDocument,
        refused::Refused, secret::SecretText,
    },
    issuer::Issuer,
    routes::auth::by_mail,
};

/// A link that proves a new address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes::auth) struct ConfirmEmailRequest {
    /// `blt_…`, from the link.
    #[schema(value_type = String)]
    token: SecretText,
}

/// Gives the account the new address. Access tokens with the old one are refused; sessions go on.
#[utoipa::path(
    post,
    path = "/auth/email/confirm",
    tag = "account",
    request_body = ConfirmEmailRequest,
    responses(
        (status = 204, description = "The account has the address."),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`link_invalid`: used before, expired, for something else, or none"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json",
            description = "`email_taken`: another account was faster"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`store_unavailable`"),
    ),
)]
pub(in crate::routes::auth) async fn confirm(
    State(issuer): State<Arc<Issuer>>,
    ClientDevice(device): ClientDevice,
    JsonBody(body): JsonBody<ConfirmEmailRequest>,
) -> Result<StatusCode, Refused> {
    issuer
        .authentication()
        .confirm_email(&by_mail::token(&body.token)?, device.address)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
