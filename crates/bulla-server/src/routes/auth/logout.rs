//! `POST /auth/logout`

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use bulla_core::{authentication::LogoutError, ids::SessionId, session::refresh_token};
use bulla_guard::{bearer, problem::Code};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    edge::{
        caller::ClientDevice, json_body::OptionalJsonBody, problem_document::ProblemDocument,
        refused::Refused, secret::SecretText,
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
/// an expired one; with both, the sessions of both. Its access tokens are refused from now on.
#[utoipa::path(
    post,
    path = "/auth/logout",
    tag = "authentication",
    request_body = Option<LogoutRequest>,
    security(("bearer" = []), ()),
    responses(
        (status = 204, description = "The session has ended, now or before."),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`token_missing` without any token, `refresh_invalid`, `token_…`"),
    ),
)]
pub(super) async fn logout(
    State(issuer): State<Arc<Issuer>>,
    ClientDevice(device): ClientDevice,
    headers: HeaderMap,
    OptionalJsonBody(body): OptionalJsonBody<LogoutRequest>,
) -> Result<StatusCode, Refused> {
    let from_body = body.and_then(|body| body.refresh_token);
    let from_header = bearer::from_authorization(&headers)?;
    if from_body.is_none() && from_header.is_none() {
        let detail = "send the access token as `Authorization: Bearer …`, or `refresh_token`";
        return Err(Refused::new(Code::TokenMissing, detail));
    }
    let service = issuer.authentication();
    match from_header {
        Some(token) if token.starts_with(refresh_token::PREFIX) => {
            service.logout_refresh_token(token, device.address).await?;
        }
        Some(token) => {
            let session = ended_session(&issuer, token)?;
            service
                .logout_session(session, device.address)
                .await
                .map_err(Refused::repeatable)?;
        }
        None => {}
    }
    if let Some(token) = from_body {
        service
            .logout_refresh_token(token.expose(), device.address)
            .await?;
    }
    Ok(StatusCode::NO_CONTENT)
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
