//! `POST /auth/password`

pub(super) mod forgot;
pub(super) mod reset;

use std::sync::Arc;

use axum::extract::State;
use bulla_core::authentication::{ChangePasswordError, PasswordChange};
use bulla_guard::problem::Code;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answers::{Delivered, SessionAnswer},
    cookie_headers::{CsrfHeader, ModeHeader},
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
    guessing::Account,
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
    let change = PasswordChange {
        account: caller.account,
        session: caller.session,
        current: parse::password("current_password", &body.current_password)?,
        new: parse::password("new_password", &body.new_password)?,
    };
    let account = change.account.clone();
    let account = Account::from(&account);
    let guess = issuer
        .guessing()
        .begin(account, device.address, issuer.moment())?;
    let outcome = issuer
        .authentication()
        .change_password(change, device)
        .await;
    match &outcome {
        Ok(_) => guess.succeeded(),
        Err(ChangePasswordError::CredentialsInvalid) => guess.failed(),
        Err(_) => {}
    }
    Ok(SessionAnswer::delivered(outcome?, delivery)?)
}

impl From<ChangePasswordError> for Refused {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::CredentialsInvalid => {
                Self::new(Code::CredentialsInvalid, error.to_string())
            }
            ChangePasswordError::PasswordRefused(error) => Self::from(error).naming("new_password"),
            ChangePasswordError::Revoked => Self::new(Code::SessionRevoked, error.to_string()),
            ChangePasswordError::Overloaded(error) => error.into(),
            ChangePasswordError::Issue(error) => error.into(),
            ChangePasswordError::Store(error) => error.into(),
        }
    }
}
