//! `POST /auth/logout`

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use bulla_core::{
    authentication::LogoutError,
    ids::SessionId,
    session::{Device, refresh_token},
};
use bulla_guard::{bearer, problem::Code};
use serde::Deserialize;
use utoipa::ToSchema;

use super::cookie_headers::CsrfHeader;
use crate::{
    edge::{
        browser::Browser, caller::ClientDevice, cookies::SetCookies, json_body::OptionalJsonBody,
        problem_document::ProblemDocument, refused::Refused, secret::SecretText,
    },
    issuer::Issuer,
};

/// A refresh token whose session shall end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LogoutRequest {
    /// `brt_…`; left out if there is an access token in `Authorization`.
    #[schema(value_type = Option<String>)]
    refresh_token: Option<SecretText>,
}

/// Ends the session of an access token (in `Authorization`) or refresh token (in the body), even
/// an expired one; with both, the sessions of both. Without them, those of the cookies, which are cleared. Its access tokens
/// are refused from now on.
#[utoipa::path(
    post,
    path = "/auth/logout",
    tag = "authentication",
    request_body = Option<LogoutRequest>,
    params(CsrfHeader),
    security(("bearer" = []), ("cookie" = []), ("refresh_cookie" = []), ()),
    responses(
        (status = 204, description = "The session has ended, now or before.",
            headers(("Set-Cookie" = String, description = "Both cookies, cleared, if it was by cookie"))),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`token_missing` without any token, `refresh_invalid`, `token_…`"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json",
            description = "`csrf_refused`; `sign_in_required`: the token belongs to no session"),
    ),
)]
pub(super) async fn logout(
    State(issuer): State<Arc<Issuer>>,
    ClientDevice(device): ClientDevice,
    browser: Browser,
    headers: HeaderMap,
    OptionalJsonBody(body): OptionalJsonBody<LogoutRequest>,
) -> Result<(SetCookies, StatusCode), Refused> {
    let from_body = body.and_then(|body| body.refresh_token);
    let from_header = bearer::from_authorization(&headers)?;
    if from_body.is_none() && from_header.is_none() {
        return by_cookie(&issuer, &browser, &device).await;
    }
    match from_header {
        Some(token) if token.starts_with(refresh_token::PREFIX) => {
            end_by_refresh_token(&issuer, token, &device).await?;
        }
        Some(token) => end_by_access_token(&issuer, token, &device).await?,
        None => {}
    }
    if let Some(token) = from_body {
        end_by_refresh_token(&issuer, token.expose(), &device).await?;
    }
    Ok((SetCookies::default(), StatusCode::NO_CONTENT))
}

/// One cookie that holds is enough. Whatever they are, the browser forgets both, unless what failed may be tried again.
async fn by_cookie(
    issuer: &Issuer,
    browser: &Browser,
    device: &Device,
) -> Result<(SetCookies, StatusCode), Refused> {
    let (refresh, access) = (browser.refresh(), browser.access());
    if let (Ok(None), Ok(None)) = (&refresh, &access) {
        let detail = "send the access token as `Authorization: Bearer …`, or `refresh_token`";
        return Err(Refused::new(Code::TokenMissing, detail));
    }
    browser.meant()?;
    let names = issuer.cookie_names();
    let by_refresh = match refresh {
        Ok(Some(token)) => Some(end_by_refresh_token(issuer, token.expose(), device).await),
        Ok(None) => None,
        Err(refusal) => Some(Err(refusal.into())),
    };
    let by_access = match access {
        Ok(Some(token)) => Some(end_by_access_token(issuer, token.expose(), device).await),
        Ok(None) => None,
        Err(refusal) => Some(Err(refusal.into())),
    };
    let outcomes = by_refresh.into_iter().chain(by_access);
    let (ended, mut refused): (Vec<_>, Vec<_>) = outcomes.partition(Result::is_ok);
    // A fault is told before all else: the session may live on.
    refused.sort_by_key(|outcome| !matches!(outcome, Err(refused) if refused.is_fault()));
    match refused.into_iter().next() {
        Some(Err(fault)) if fault.is_fault() => Err(fault),
        Some(Err(refused)) if ended.is_empty() => Err(refused.clearing(names)),
        _ => Ok((SetCookies::cleared(names), StatusCode::NO_CONTENT)),
    }
}

async fn end_by_refresh_token(
    issuer: &Issuer,
    token: &str,
    device: &Device,
) -> Result<(), Refused> {
    let service = issuer.authentication();
    Ok(service.logout_refresh_token(token, device.address).await?)
}

async fn end_by_access_token(issuer: &Issuer, token: &str, device: &Device) -> Result<(), Refused> {
    let session = ended_session(issuer, token)?;
    let service = issuer.authentication();
    let ended = service.logout_session(session, device.address);
    ended.await.map_err(Refused::repeatable)
}

fn ended_session(issuer: &Issuer, token: &str) -> Result<SessionId, Refused> {
    let principal = issuer.verifier().verify_ended(token, issuer.unix_time())?;
    let session = principal
        .session
        .as_deref()
        .and_then(|id| SessionId::parse(id).ok());
    session.ok_or_else(|| Refused::new(Code::SignInRequired, "this token belongs to no session"))
}

impl From<LogoutError> for Refused {
    fn from(error: LogoutError) -> Self {
        match error {
            LogoutError::Invalid => Self::new(Code::RefreshInvalid, error.to_string()),
            LogoutError::Store(error) => Self::repeatable(error),
        }
    }
}
