//! `POST /auth/upgrade`

use std::sync::Arc;

use axum::{extract::State, response::Response};

use super::{
    answers::SessionAnswer,
    by_mail::AcceptedAnswer,
    challenge::welcoming,
    cookie_headers::{CsrfHeader, ModeHeader},
    register::{RegisterRequest, made},
};
use crate::{
    edge::{
        browser::Browser,
        caller::{ClientDevice, VisitorCaller},
        json_body::JsonBody,
        problem_document::ProblemDocument,
        refused::Refused,
    },
    issuer::Issuer,
};

/// Makes the visitor of an anonymous bearer token a user under the same `sub`, on the plan `free`, and signs it in. Its
/// anonymous tokens are refused from now on, so it happens once.
#[utoipa::path(
    post,
    path = "/auth/upgrade",
    tag = "anonymous",
    security(("bearer" = []), ("cookie" = [])),
    request_body = RegisterRequest,
    params(ModeHeader, CsrfHeader),
    responses(
        (status = 201, body = SessionAnswer, headers(("Set-Cookie" = String, description = "The tokens, if they were asked for as cookies, or the visitor's was one"))),
        (status = 202, body = AcceptedAnswer,
            description = "Where addresses must be proven: the link in the letter does it."),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`token_missing`, `token_…`; `token_revoked`: it happened before"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json",
            description = "`csrf_refused`"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "`not_found`: anonymous visitors are not welcome"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json",
            description = "`already_upgraded`: it happened at the same time, or the token is a user's; `email_taken`, \
                `username_taken`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`, `password_refused`"),
        (status = 429, body = ProblemDocument, content_type = "application/problem+json",
            description = "`rate_limited`: too many accounts were made from the address"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`overloaded`, `store_unavailable`"),
    ),
)]
pub(super) async fn upgrade(
    State(issuer): State<Arc<Issuer>>,
    caller: VisitorCaller,
    ClientDevice(device): ClientDevice,
    browser: Browser,
    JsonBody(body): JsonBody<RegisterRequest>,
) -> Result<Response, Refused> {
    welcoming(&issuer)?;
    let (visitor, carrier) = (Some(caller.visitor), caller.carrier);
    made(&issuer, body, visitor, carrier, device, &browser).await
}
