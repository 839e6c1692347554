//! `POST /auth/password/reset`

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    edge::{
        caller::ClientDevice, json_body::JsonBody, parse, problem_document::ProblemDocument,
        refused::Refused, secret::SecretText,
    },
    issuer::Issuer,
    routes::auth::by_mail,
};

/// A link, and the password from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes::auth) struct ResetRequest {
    /// `blt_…`, from the link.
    #[schema(value_type = String)]
    token: SecretText,
    #[schema(value_type = String, format = "password")]
    new_password: SecretText,
}

/// Replaces the password. All sessions end and older access tokens are refused; sign in with the new one.
#[utoipa::path(
    post,
    path = "/auth/password/reset",
    tag = "account",
    request_body = ResetRequest,
    responses(
        (status = 204, description = "The password is replaced."),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`link_invalid`: used before, expired, for something else, or none"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`password_refused` (the link is as good as before), `field_unknown`, `field_invalid`"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`overloaded`, `store_unavailable`"),
    ),
)]
pub(in crate::routes::auth) async fn reset(
    State(issuer): State<Arc<Issuer>>,
    ClientDevice(device): ClientDevice,
    JsonBody(body): JsonBody<ResetRequest>,
) -> Result<StatusCode, Refused> {
    let password = parse::password("new_password", &body.new_password)?;
    let account = issuer
        .authentication()
        .reset_password(&by_mail::token(&body.token)?, password, device.address)
        .await?;
    issuer.welcome(&account, device.address);
    Ok(StatusCode::NO_CONTENT)
}
