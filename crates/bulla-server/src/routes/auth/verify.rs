//! `POST /auth/verify`

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answers::{Delivered, SessionAnswer, opened},
    by_mail,
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
    issuer::Issuer,
};

/// A link that proves an address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerifyRequest {
    /// `blt_…`, from the link.
    #[schema(value_type = String)]
    token: SecretText,
    /// The password from now on, in the place of the one that was registered with: whoever that was, they know it.
    #[schema(value_type = Option<String>, format = "password")]
    password: Option<SecretText>,
    /// A shorter life for the access token, in seconds.
    #[schema(minimum = 1)]
    expires_in: Option<u64>,
    /// How the tokens are handed out.
    mode: Option<Mode>,
}

/// Makes the account of whoever registered and proves the address, and signs it in.
#[utoipa::path(
    post,
    path = "/auth/verify",
    tag = "authentication",
    request_body = VerifyRequest,
    params(CsrfHeader, ModeHeader),
    responses(
        (status = 200, body = SessionAnswer, headers(("Set-Cookie" = String, description = "The tokens, if they were asked for as cookies"))),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`link_invalid`: used before, expired, for something else, or none"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json",
            description = "`csrf_refused`"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json",
            description = "`email_taken`, `username_taken`: somebody else was faster"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`password_refused` (the link is as good as before), `field_unknown`, `field_invalid`"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`overloaded`, `store_unavailable`"),
    ),
)]
pub(super) async fn verify(
    State(issuer): State<Arc<Issuer>>,
    ClientDevice(device): ClientDevice,
    browser: Browser,
    JsonBody(body): JsonBody<VerifyRequest>,
) -> Result<Delivered<SessionAnswer>, Refused> {
    let delivery = browser.delivery(&issuer, body.mode, Carrier::Other)?;
    let request = browser.session_request(body.expires_in, delivery)?;
    let password = body.password.as_ref();
    let password = password.map(|text| parse::password("password", text));
    let password = password.transpose()?;
    let issued = issuer
        .authentication()
        .confirm_registration(
            &by_mail::token(&body.token)?,
            password,
            device.clone(),
            request,
        )
        .await?;
    opened(&issuer, issued, delivery, &device).await
}
