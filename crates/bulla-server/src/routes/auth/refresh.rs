//! `POST /auth/refresh`

use std::sync::Arc;

use axum::extract::State;
use bulla_core::{
    authentication::{RefreshError, SessionRequest},
    session::Device,
};
use bulla_guard::{client::CookieToken, problem::Code};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answers::{Delivered, SessionAnswer},
    cookie_headers::{CsrfHeader, ModeHeader},
};
use crate::{
    edge::{
        browser::{Browser, Carrier, Mode},
        caller::ClientDevice,
        json_body::OptionalJsonBody,
        parse,
        problem_document::ProblemDocument,
        refused::Refused,
        secret::SecretText,
    },
    issuer::Issuer,
};

/// A refresh token to exchange.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RefreshRequest {
    /// `brt_…`; left out if it is in its cookie.
    #[schema(value_type = Option<String>)]
    refresh_token: Option<SecretText>,
    /// A shorter life for the access token, in seconds.
    #[schema(minimum = 1)]
    expires_in: Option<u64>,
    /// How the tokens are handed out.
    mode: Option<Mode>,
}

/// Exchanges a refresh token for new tokens; roles, plan and claims are read anew. Retrying is
/// safe: a repeated request gets the same session's newest refresh token. By cookie it is answered by cookie, and a refusal
/// that is final (401) clears both cookies.
#[utoipa::path(
    post,
    path = "/auth/refresh",
    tag = "authentication",
    request_body = Option<RefreshRequest>,
    params(ModeHeader, CsrfHeader),
    security(("refresh_cookie" = []), ()),
    responses(
        (status = 200, body = SessionAnswer, headers(("Set-Cookie" = String, description = "The tokens, if they were asked for as cookies, or the refresh token was one"))),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`refresh_invalid`, `refresh_reused`, `session_expired`, `session_revoked`; `token_missing`: \
                nothing was sent, and no cookie"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json",
            description = "`csrf_refused`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`store_unavailable`: try the same refresh token again"),
    ),
)]
pub(super) async fn refresh(
    State(issuer): State<Arc<Issuer>>,
    ClientDevice(device): ClientDevice,
    browser: Browser,
    OptionalJsonBody(body): OptionalJsonBody<RefreshRequest>,
) -> Result<Delivered<SessionAnswer>, Refused> {
    let was_sent = body.is_some();
    let body = body.unwrap_or_default();
    match &body.refresh_token {
        Some(token) => {
            let delivery = browser.delivery(&issuer, body.mode, Carrier::Other)?;
            let request = browser.session_request(body.expires_in, delivery)?;
            let service = issuer.authentication();
            let issued = service.refresh(token.expose(), device, request).await?;
            Ok(SessionAnswer::delivered(issued, delivery)?)
        }
        None if let Ok(None) = browser.refresh() => {
            let by_cookie = body.mode == Some(Mode::Cookie) || browser.asks_for_cookies();
            Err(nothing_to_refresh(was_sent && !by_cookie))
        }
        None => by_cookie(&issuer, &browser, body, device).await,
    }
}

async fn by_cookie(
    issuer: &Issuer,
    browser: &Browser,
    body: RefreshRequest,
    device: Device,
) -> Result<Delivered<SessionAnswer>, Refused> {
    let delivery = browser.delivery(issuer, body.mode, Carrier::Cookie)?;
    let request = SessionRequest {
        expires_in: parse::expires_in(body.expires_in)?,
        replaces: None,
    };
    let names = issuer.cookie_names();
    // Of two cookies nobody knows which is whose: the browser keeps both.
    let token = browser.refresh()?.map_or("", CookieToken::expose);
    let refreshed = issuer.authentication().refresh(token, device, request);
    let issued = refreshed.await.map_err(|error| {
        let is_final = error.is_final();
        let refused = Refused::from(error);
        match is_final {
            true => refused.clearing(names),
            false => refused,
        }
    })?;
    Ok(SessionAnswer::delivered(issued, delivery)?)
}

/// A body without the token is a mistake; a browser without the cookie is not signed in.
fn nothing_to_refresh(body_lacks_it: bool) -> Refused {
    if body_lacks_it {
        return Refused::field("refresh_token", "is missing");
    }
    let detail = "there is no refresh token, and no cookie with one";
    Refused::new(Code::TokenMissing, detail)
}

impl From<RefreshError> for Refused {
    fn from(error: RefreshError) -> Self {
        let code = match error {
            RefreshError::Invalid => Code::RefreshInvalid,
            RefreshError::Reused => Code::RefreshReused,
            RefreshError::Expired => Code::SessionExpired,
            // Who is asked for this has to sign in too, and the detail says why.
            RefreshError::Revoked | RefreshError::Elsewhere => Code::SessionRevoked,
            RefreshError::Issue(error) => return error.into(),
            RefreshError::Store(error) => return Self::repeatable(error),
        };
        Self::new(code, error.to_string())
    }
}
