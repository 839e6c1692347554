//! `POST /auth/refresh`

use std::sync::Arc;

use axum::{Json, extract::State};
use bulla_core::authentication::{RefreshError, SessionRequest};
use bulla_guard::problem::Code;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answers::SessionAnswer;
use crate::{
    edge::{
        caller::ClientDevice, json_body::JsonBody, parse, problem_document::ProblemDocument,
        refused::Refused, secret::SecretText,
    },
    issuer::Issuer,
};

/// A refresh token to exchange.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RefreshRequest {
    /// `brt_…`
    #[schema(value_type = String)]
    refresh_token: SecretText,
    /// A shorter life for the access token, in seconds.
    #[schema(minimum = 1)]
    expires_in: Option<u64>,
}

/// Exchanges a refresh token for new tokens; roles, plan and claims are read anew. Retrying is
/// safe: a repeated request gets the same session's newest refresh token.
#[utoipa::path(
    post,
    path = "/auth/refresh",
    tag = "authentication",
    request_body = RefreshRequest,
    responses(
        (status = 200, body = SessionAnswer),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`refresh_invalid`, `refresh_reused`, `session_expired`, `session_revoked`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`store_unavailable`: try the same refresh token again"),
    ),
)]
pub(super) async fn refresh(
    State(issuer): State<Arc<Issuer>>,
    ClientDevice(device): ClientDevice,
    JsonBody(body): JsonBody<RefreshRequest>,
) -> Result<Json<SessionAnswer>, Refused> {
    let request = SessionRequest {
        expires_in: parse::expires_in(body.expires_in)?,
    };
    let token = body.refresh_token.expose();
    let issued = issuer
        .authentication()
        .refresh(token, device, request)
        .await?;
    Ok(Json(issued.into()))
}

impl From<RefreshError> for Refused {
    fn from(error: RefreshError) -> Self {
        let code = match error {
            RefreshError::Invalid => Code::RefreshInvalid,
            RefreshError::Reused => Code::RefreshReused,
            RefreshError::Expired => Code::SessionExpired,
            RefreshError::Revoked => Code::SessionRevoked,
            RefreshError::Issue(error) => return error.into(),
            RefreshError::Store(error) => return Self::repeatable(error),
        };
        Self::new(code, error.to_string())
    }
}
