//! `POST /auth/login/mail` and `POST /auth/login/mail/confirm`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use bulla_core::{authentication::MailedLogin, link::LinkCode};
use bulla_guard::problem::Code;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    edge::{
        browser::{Browser, Carrier, Mode},
        caller::ClientDevice,
        json_body::JsonBody,
        problem_document::ProblemDocument,
        refused::Refused,
        secret::SecretText,
    },
    issuer::Issuer,
    routes::auth::{
        answers::{Delivered, SessionAnswer, opened},
        by_mail,
        cookie_headers::{CsrfHeader, ModeHeader},
    },
};

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes::auth) struct LoginByMailRequest {
    email: String,
}

/// A letter is on its way, if there is such an account.
#[derive(Serialize, ToSchema)]
pub(in crate::routes::auth) struct LoginByMailAnswer {
    /// `link` or `code`.
    mode: &'static str,
    /// What the code belongs to, for `POST /auth/login/mail/confirm`; `null` for a link.
    request: Option<String>,
}

/// A link; or a code, and what it belongs to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes::auth) struct ConfirmLoginRequest {
    /// `blt_…`, from the link.
    #[schema(value_type = Option<String>)]
    token: Option<SecretText>,
    /// From the answer of `POST /auth/login/mail`.
    #[schema(value_type = Option<String>)]
    request: Option<SecretText>,
    /// Eight digits, from the letter.
    #[schema(value_type = Option<String>)]
    code: Option<SecretText>,
    /// A shorter life for the access token, in seconds.
    #[schema(minimum = 1)]
    expires_in: Option<u64>,
    /// How the tokens are handed out.
    mode: Option<Mode>,
}

/// Sends a link or a code to sign in by, if the address has an account: who asks is not told.
#[utoipa::path(
    post,
    path = "/auth/login/mail",
    tag = "authentication",
    request_body = LoginByMailRequest,
    responses(
        (status = 202, body = LoginByMailAnswer, description = "Whether there is such an account or not."),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "`not_found`: this is not configured"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`"),
        (status = 429, body = ProblemDocument, content_type = "application/problem+json",
            description = "`rate_limited`: too much was asked for from the address"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`overloaded`"),
    ),
)]
pub(in crate::routes::auth) async fn ask(
    State(issuer): State<Arc<Issuer>>,
    ClientDevice(device): ClientDevice,
    JsonBody(body): JsonBody<LoginByMailRequest>,
) -> Result<(StatusCode, Json<LoginByMailAnswer>), Refused> {
    let mode = mode(&issuer)?;
    let (desk, email) = by_mail::wish(&issuer, &body.email, device.address)?;
    let admitted = by_mail::admits(&issuer, desk, &email, device.address);
    let service = issuer.authentication().clone();
    let answer = match mode {
        MailedLogin::Link => {
            if admitted {
                desk.later(async move { service.send_login_link(email).await })?;
            }
            LoginByMailAnswer {
                mode: "link",
                request: None,
            }
        }
        MailedLogin::Code => {
            let request = service.new_code_request();
            let answer = LoginByMailAnswer {
                mode: "code",
                request: Some(request.expose().to_owned()),
            };
            if admitted {
                desk.later(async move { service.send_login_code(email, &request).await })?;
            }
            answer
        }
    };
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

/// Opens a session by what came with the mail.
#[utoipa::path(
    post,
    path = "/auth/login/mail/confirm",
    tag = "authentication",
    request_body = ConfirmLoginRequest,
    params(CsrfHeader, ModeHeader),
    responses(
        (status = 200, body = SessionAnswer, headers(("Set-Cookie" = String, description = "The tokens, if they were asked for as cookies"))),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`link_invalid`: used before, expired, for something else, or none; the code is another, or was \
                tried five times"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json",
            description = "`csrf_refused`"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "`not_found`: this is not configured"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`store_unavailable`"),
    ),
)]
pub(in crate::routes::auth) async fn confirm(
    State(issuer): State<Arc<Issuer>>,
    ClientDevice(device): ClientDevice,
    browser: Browser,
    JsonBody(body): JsonBody<ConfirmLoginRequest>,
) -> Result<Delivered<SessionAnswer>, Refused> {
    mode(&issuer)?;
    let delivery = browser.delivery(&issuer, body.mode, Carrier::Other)?;
    let request = browser.session_request(body.expires_in, delivery)?;
    let service = issuer.authentication();
    let issued = match (&body.token, &body.request, &body.code) {
        (Some(token), None, None) => {
            let token = by_mail::token(token)?;
            service
                .login_by_link(&token, device.clone(), request)
                .await?
        }
        (None, Some(asked), Some(code)) => {
            let asked = by_mail::token(asked)?;
            let code = LinkCode::parse(code.expose())
                .ok_or_else(|| Refused::field("code", "is eight digits"))?;
            service
                .login_by_code(&asked, &code, device.clone(), request)
                .await?
        }
        _ => {
            let detail = "either `token`, or `request` and `code` are needed";
            return Err(Refused::new(Code::FieldInvalid, detail));
        }
    };
    opened(&issuer, issued, delivery, &device).await
}

fn mode(issuer: &Issuer) -> Result<MailedLogin, Refused> {
    let mode = issuer.settings().authentication.links.mailed_login;
    mode.ok_or_else(|| Refused::new(Code::NotFound, "nobody signs in by mail here"))
}
