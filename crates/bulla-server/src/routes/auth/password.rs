//! `POST /auth/password`

pub(super) mod forgot;
pub(super) mod reset;

use std::sync::Arc;

use axum::extract::State;
use bulla_core::authentication::ChangePasswordError;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answers::{Delivered, SessionAnswer},
    cookie_headers::{CsrfHeader, ModeHeader},
    proof,
};
use crate::{
    edge::{
        browser::{Browser, Mode},
        caller::{Caller, ClientDevice},
        json_body::JsonBody,
        parse,
        problem_document::ProblemDocument,
        refused::Refused,
        secret::SecretText,
    },
    issuer::Issuer,
};

/// A wish for another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordRequest {
    #[schema(value_type = String, format = "password")]
    current_password: SecretText,
    #[schema(value_type = String, format = "password")]
    new_password: SecretText,
    /// How the tokens are handed out.
    mode: Option<Mode>,
}

/// Changes the password. This session goes on with new tokens, all others end, and older access
/// tokens are refused.
#[utoipa::path(
    post,
    path = "/auth/password",
    tag = "account",
    security(("bearer" = []), ("cookie" = [])),
    request_body = PasswordRequest,
    params(ModeHeader, CsrfHeader),
    responses(
        (status = 200, body = SessionAnswer, headers(("Set-Cookie" = String, description = "The tokens, if they were asked for as cookies, or the caller's was one"))),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`credentials_invalid` (the current password is another), `session_revoked`, `token_…`"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json",
            description = "`csrf_refused`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`password_refused`, `field_unknown`, `field_invalid`"),
        (status = 429, body = ProblemDocument, content_type = "application/problem+json",
            description = "`rate_limited`: too many wrong passwords"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`overloaded`, `store_unavailable`"),
    ),
)]
pub(super) async fn change(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
    ClientDevice(device): ClientDevice,
    browser: Browser,
    JsonBody(body): JsonBody<PasswordRequest>,
) -> Result<Delivered<SessionAnswer>, Refused> {
    let delivery = browser.delivery(&issuer, body.mode, caller.carrier)?;
    let proof = proof::said(&caller, &body.current_password, device.address)?;
    let new = parse::password("new_password", &body.new_password)?;
    let from = device.address;
    let change = issuer.authentication().change_password(proof, new, device);
    let issued = proof::counted(&issuer, &caller, from, change).await?;
    Ok(SessionAnswer::delivered(issued, delivery)?)
}

impl From<ChangePasswordError> for Refused {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::Proof(error) => error.into(),
            ChangePasswordError::NewPassword(error) => Self::new_password(error, "new_password"),
            ChangePasswordError::Issue(error) => error.into(),
            ChangePasswordError::Store(error) => error.into(),
        }
    }
}
