//! `POST /auth/register`

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bulla_core::{
    audit::Origin,
    authentication::{KnownVisitor, RegisterError},
    registration::Registration,
    session::Device,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answers::{SessionAnswer, opened},
    by_mail::{self, AcceptedAnswer},
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
    issuer::{Asker, Issuer},
};

/// Somebody who wants an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RegisterRequest {
    /// At least one of `email` and `username`.
    email: Option<String>,
    /// 3 to 64 letters, digits, dots, underscores or hyphens.
    username: Option<String>,
    /// Any characters; not a common password, and not one's own name.
    #[schema(value_type = String, format = "password")]
    password: SecretText,
    /// What to call them.
    name: Option<String>,
    /// A shorter life for the access token, in seconds.
    #[schema(minimum = 1)]
    expires_in: Option<u64>,
    /// How the tokens are handed out.
    mode: Option<Mode>,
}

/// Makes an account without roles, on the plan `free`, and signs it in. Where addresses must be proven, a letter is sent
/// instead, with a link for `POST /auth/verify`; or with word that the address has an account.
#[utoipa::path(
    post,
    path = "/auth/register",
    tag = "authentication",
    request_body = RegisterRequest,
    params(ModeHeader, CsrfHeader),
    responses(
        (status = 201, body = SessionAnswer, headers(("Set-Cookie" = String, description = "The tokens, if they were asked for as cookies"))),
        (status = 202, body = AcceptedAnswer,
            description = "Where addresses must be proven, whether the address has an account or not."),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json",
            description = "`csrf_refused`"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json",
            description = "`email_taken`, `username_taken`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`, `password_refused`"),
        (status = 429, body = ProblemDocument, content_type = "application/problem+json",
            description = "`rate_limited`: too many accounts were made from the address"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`overloaded`, `store_unavailable`"),
    ),
)]
pub(super) async fn register(
    State(issuer): State<Arc<Issuer>>,
    ClientDevice(device): ClientDevice,
    browser: Browser,
    JsonBody(body): JsonBody<RegisterRequest>,
) -> Result<Response, Refused> {
    made(&issuer, body, None, Carrier::Other, device, &browser).await
}

/// The account of whoever asks, a visitor or nobody yet.
pub(super) async fn made(
    issuer: &Issuer,
    body: RegisterRequest,
    visitor: Option<KnownVisitor>,
    carrier: Carrier,
    device: Device,
    browser: &Browser,
) -> Result<Response, Refused> {
    let delivery = browser.delivery(issuer, body.mode, carrier)?;
    let request = browser.session_request(body.expires_in, delivery)?;
    let registration = body.registration()?;
    issuer.guessing().wish(device.address, issuer.moment())?;
    if issuer.settings().authentication.links.verify_email {
        return by_mail(issuer, registration, visitor, device.address).await;
    }
    let issued = issuer
        .authentication()
        .register(registration, visitor, device.clone(), request)
        .await?;
    let delivered = opened(issuer, issued, delivery, &device).await?;
    Ok((StatusCode::CREATED, delivered).into_response())
}

/// Where addresses must be proven.
async fn by_mail(
    issuer: &Issuer,
    registration: Registration,
    visitor: Option<KnownVisitor>,
    from: Origin,
) -> Result<Response, Refused> {
    let desk = by_mail::desk(issuer)?;
    let asker = Asker::Stranger(from);
    if registration
        .email()
        .is_none_or(|email| desk.admits(email, asker, issuer.moment()))
    {
        issuer
            .authentication()
            .register_by_mail(registration, visitor)
            .await?;
    }
    Ok((StatusCode::ACCEPTED, Json(AcceptedAnswer::YES)).into_response())
}

impl RegisterRequest {
    fn registration(&self) -> Result<Registration, Refused> {
        let registration = Registration::new(
            self.email.as_deref().map(parse::email).transpose()?,
            self.username.as_deref().map(parse::username).transpose()?,
            parse::password("password", &self.password)?,
        )?;
        let name = self.name.as_deref().map(parse::display_name).transpose()?;
        Ok(registration.named(name))
    }
}

impl From<RegisterError> for Refused {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Registration(error) => error.into(),
            RegisterError::Store(error) => error.into(),
            RegisterError::Issue(error) => error.into(),
        }
    }
}
