//! `POST /auth/login`

pub(super) mod mail;

use std::sync::Arc;

use axum::extract::State;
use bulla_core::authentication::LoginError;
use bulla_guard::problem::Code;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answers::{Delivered, SessionAnswer, opened},
    cookie_headers::{CsrfHeader, ModeHeader},
};
use crate::{
    edge::{
        browser::{Browser, Carrier, Mode},
        caller::ClientDevice,
        json_body::JsonBody,
        parse,
        problem_document::ProblemDocument,
        refused::Refused,
        secret::SecretText,
    },
    guessing::Account,
    issuer::Issuer,
};

/// A name and its password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginRequest {
    /// Exactly one of `email` and `username`.
    email: Option<String>,
    /// Exactly one of `email` and `username`.
    username: Option<String>,
    #[schema(value_type = String, format = "password")]
    password: SecretText,
    /// A shorter life for the access token, in seconds.
    #[schema(minimum = 1)]
    expires_in: Option<u64>,
    /// How the tokens are handed out.
    mode: Option<Mode>,
}

/// Opens a session.
#[utoipa::path(
    post,
    path = "/auth/login",
    tag = "authentication",
    request_body = LoginRequest,
    params(ModeHeader, CsrfHeader),
    responses(
        (status = 200, body = SessionAnswer, headers(("Set-Cookie" = String, description = "The tokens, if they were asked for as cookies"))),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`credentials_invalid`: which of the two is wrong is not said"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json",
            description = "`csrf_refused`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`"),
        (status = 429, body = ProblemDocument, content_type = "application/problem+json",
            description = "`rate_limited`: too many wrong passwords"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`overloaded`, `store_unavailable`"),
    ),
)]
pub(super) async fn login(
    State(issuer): State<Arc<Issuer>>,
    ClientDevice(device): ClientDevice,
    browser: Browser,
    JsonBody(body): JsonBody<LoginRequest>,
) -> Result<Delivered<SessionAnswer>, Refused> {
    let delivery = browser.delivery(&issuer, body.mode, Carrier::Other)?;
    let name = parse::login_name(body.email.as_deref(), body.username.as_deref())?;
    let password = parse::password("password", &body.password)?;
    let request = browser.session_request(body.expires_in, delivery)?;
    let account = Account::from(&name);
    let guess = issuer
        .guessing()
        .begin(account, device.address, issuer.moment())?;
    let outcome = issuer
        .authentication()
        .login(name.clone(), password, device.clone(), request)
        .await;
    guess.came_to(&outcome);
    opened(&issuer, outcome?, delivery, &device).await
}

impl From<LoginError> for Refused {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::CredentialsInvalid => {
                Self::new(Code::CredentialsInvalid, error.to_string())
            }
            LoginError::Overloaded(error) => error.into(),
            LoginError::Issue(error) => error.into(),
            LoginError::Store(error) => Self::repeatable(error),
        }
    }
}
