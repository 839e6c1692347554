//! `POST /auth/email`

pub(super) mod confirm;

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    by_mail::{self, AcceptedAnswer},
    cookie_headers::CsrfHeader,
    proof,
};
use crate::{
    edge::{
        caller::{Caller, ClientDevice},
        json_body::JsonBody,
        problem_document::ProblemDocument,
        refused::Refused,
        secret::SecretText,
    },
    issuer::{Asker, Issuer},
};

/// A wish for another address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EmailRequest {
    /// The new address.
    email: String,
    #[schema(value_type = String, format = "password")]
    current_password: SecretText,
}

/// Sends a link to the new address, and word of it to the old one. Whether another account has the new one is not said.
#[utoipa::path(
    post,
    path = "/auth/email",
    tag = "account",
    security(("bearer" = []), ("cookie" = [])),
    request_body = EmailRequest,
    params(CsrfHeader),
    responses(
        (status = 202, body = AcceptedAnswer),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`credentials_invalid` (the current password is another), `session_revoked`, `token_…`"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json",
            description = "`csrf_refused`"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "`not_found`: no mail is configured"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`"),
        (status = 429, body = ProblemDocument, content_type = "application/problem+json",
            description = "`rate_limited`: too many wrong passwords, or too much was asked for from the address"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`overloaded`, `store_unavailable`"),
    ),
)]
pub(super) async fn ask(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
    ClientDevice(device): ClientDevice,
    JsonBody(body): JsonBody<EmailRequest>,
) -> Result<(StatusCode, Json<AcceptedAnswer>), Refused> {
    let (desk, email) = by_mail::wish(&issuer, &body.email, device.address)?;
    let said = proof::said(&caller, &body.current_password, device.address)?;
    let wish = issuer.authentication().wish_for_email(said, email.clone());
    let wish = proof::counted(&issuer, &caller, device.address, wish).await?;
    let asker = Asker::Stranger(device.address);
    let now = issuer.moment();
    if desk.admits_change(&caller.account, now) && desk.admits(&email, asker, now) {
        let issuer = Arc::clone(&issuer);
        desk.later(async move { issuer.authentication().send_email_wish(wish).await })?;
    }
    Ok((StatusCode::ACCEPTED, Json(AcceptedAnswer::YES)))
}
