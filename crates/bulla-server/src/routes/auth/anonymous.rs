//! `POST /auth/anonymous`

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap};
use bulla_core::anonymous::{AnonymousToken, Visitor};
use bulla_guard::problem::Code;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answers::{AnonymousAnswer, Delivered},
    challenge::welcoming,
    cookie_headers::{CsrfHeader, ModeHeader},
};
use crate::{
    edge::{
        browser::{Browser, Carrier, Mode},
        caller::{Whereabouts, known_visitor},
        json_body::JsonBody,
        parse,
        problem_document::ProblemDocument,
        refused::Refused,
    },
    issuer::Issuer,
};

/// A challenge and its solution.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RedeemRequest {
    /// As it came.
    challenge: String,
    /// For each puzzle the number that solves it, in their order: whole numbers from 0 to 2^53.
    #[schema(max_items = 16)]
    nonces: Vec<u64>,
    /// How the token is handed out.
    mode: Option<Mode>,
}

/// A token for a visitor without an account who solved a challenge. The same challenge gives the same token (`jti`, `iat`,
/// `exp`) each time; with an anonymous token that holds, the visitor stays who it was (`sub`).
#[utoipa::path(
    post,
    path = "/auth/anonymous",
    tag = "anonymous",
    security(("bearer" = []), ("cookie" = []), ()),
    request_body = RedeemRequest,
    params(ModeHeader, CsrfHeader),
    responses(
        (status = 200, body = AnonymousAnswer, headers(("Set-Cookie" = String, description = "The token, if it was asked for as a cookie"))),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`challenge_invalid`: which check failed is said; get a new one at `challenge`"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json",
            description = "`csrf_refused`"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "`not_found`: anonymous visitors are not welcome"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`"),
    ),
)]
pub(super) async fn redeem(
    State(issuer): State<Arc<Issuer>>,
    whereabouts: Whereabouts,
    browser: Browser,
    headers: HeaderMap,
    JsonBody(body): JsonBody<RedeemRequest>,
) -> Result<Delivered<AnonymousAnswer>, Refused> {
    let service = welcoming(&issuer)?;
    let delivery = browser.delivery(&issuer, body.mode, Carrier::Other)?;
    let nonces = parse::nonces(&body.nonces)?;
    let visitor = Visitor {
        client_key: None,
        prefix: &whereabouts.prefix,
    };
    let known = known_visitor(&headers, &browser, delivery, &issuer);
    let known = known.map(|visitor| visitor.id);
    let token = service.redeem(&body.challenge, &nonces, visitor, known)?;
    check_not_upgraded(&issuer, &token)?;
    Ok(AnonymousAnswer::delivered(token, delivery)?)
}

/// A challenge that comes again after its visitor became a user would give a token that nobody accepts.
fn check_not_upgraded(issuer: &Issuer, token: &AnonymousToken) -> Result<(), Refused> {
    if issuer.revocations().hits_subject(token.visitor.as_str(), 0) {
        let detail = "the visitor of this challenge has become a user: sign in";
        return Err(Refused::new(Code::ChallengeInvalid, detail)
            .inviting()
            .blameless());
    }
    Ok(())
}
