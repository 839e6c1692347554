//! `GET` and `DELETE /auth/sessions`, `PATCH` and `DELETE /auth/sessions/{id}`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use bulla_core::{authentication::OwnSessionError, ids::SessionId, session::Session};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cookie_headers::CsrfHeader;
use crate::{
    edge::{
        caller::{Caller, ClientDevice},
        json_body::JsonBody,
        location::PathSegment,
        parse,
        problem_document::ProblemDocument,
        refused::Refused,
        time::rfc3339,
    },
    issuer::Issuer,
};

/// The signed-in user's sessions.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionsAnswer {
    /// Those that have not ended, the newest first.
    sessions: Vec<SessionLine>,
}

/// One sign-in on one device.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionLine {
    /// Claim `sid`.
    id: String,
    /// What its owner calls it, else browser and operating system: `Firefox on Linux`.
    name: Option<String>,
    /// Whether it is the one that asks.
    current: bool,
    user_agent: Option<String>,
    /// Where it was last used.
    #[schema(value_type = Option<String>)]
    address: Option<std::net::IpAddr>,
    /// The sign-in.
    #[schema(format = "date-time")]
    created_at: String,
    /// The last refresh.
    #[schema(format = "date-time")]
    last_used_at: String,
}

impl SessionLine {
    fn new(session: Session, current: SessionId) -> Self {
        Self {
            id: session.id.to_string(),
            name: session.shown_name(),
            current: session.id == current,
            user_agent: session.device.user_agent,
            address: session.device.address,
            created_at: rfc3339(session.created_at),
            last_used_at: rfc3339(session.last_used_at),
        }
    }
}

/// The signed-in user's sessions.
#[utoipa::path(
    get,
    path = "/auth/sessions",
    tag = "account",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = SessionsAnswer),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`token_missing`, `token_…`"),
    ),
)]
pub(super) async fn list(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
) -> Result<Json<SessionsAnswer>, Refused> {
    let sessions = issuer.authentication().sessions(&caller.account).await?;
    let lines = sessions
        .into_iter()
        .map(|session| SessionLine::new(session, caller.session));
    Ok(Json(SessionsAnswer {
        sessions: lines.collect(),
    }))
}

/// What users may change of a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RenameSessionRequest {
    /// What to call it; `null`: by its device.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    name: Option<String>,
}

/// Names one of the signed-in user's sessions.
#[utoipa::path(
    patch,
    path = "/auth/sessions/{id}",
    tag = "account",
    security(("bearer" = []), ("cookie" = [])),
    params(CsrfHeader, ("id" = String, Path, description = "The session")),
    request_body = RenameSessionRequest,
    responses(
        (status = 200, body = SessionLine),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`token_missing`, `token_…`"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json",
            description = "`csrf_refused`"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "`not_found`: no live session of this user"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`"),
    ),
)]
pub(super) async fn rename(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
    ClientDevice(device): ClientDevice,
    PathSegment(id): PathSegment,
    JsonBody(body): JsonBody<RenameSessionRequest>,
) -> Result<Json<SessionLine>, Refused> {
    let id = SessionId::parse(&id).map_err(|_| Refused::not_found("session"))?;
    let name = body.name.as_deref().map(parse::display_name).transpose()?;
    let service = issuer.authentication();
    let renamed = service
        .rename_own_session(&caller.account, id, name, device.address)
        .await?;
    Ok(Json(SessionLine::new(renamed, caller.session)))
}

/// Ends one of the signed-in user's sessions.
#[utoipa::path(
    delete,
    path = "/auth/sessions/{id}",
    tag = "account",
    security(("bearer" = []), ("cookie" = [])),
    params(CsrfHeader, ("id" = String, Path, description = "The session")),
    responses(
        (status = 204, description = "It has ended; its access tokens are refused."),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`token_missing`, `token_…`"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json",
            description = "`csrf_refused`"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "`not_found`: no live session of this user"),
    ),
)]
pub(super) async fn end(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
    ClientDevice(device): ClientDevice,
    PathSegment(id): PathSegment,
) -> Result<StatusCode, Refused> {
    let id = SessionId::parse(&id).map_err(|_| Refused::not_found("session"))?;
    issuer
        .authentication()
        .end_own_session(&caller.account, id, device.address)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all of the signed-in user's sessions but the one that asks.
#[utoipa::path(
    delete,
    path = "/auth/sessions",
    tag = "account",
    security(("bearer" = []), ("cookie" = [])),
    params(CsrfHeader),
    responses(
        (status = 204, description = "They have ended."),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`token_missing`, `token_…`"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json",
            description = "`csrf_refused`"),
    ),
)]
pub(super) async fn end_others(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
    ClientDevice(device): ClientDevice,
) -> Result<StatusCode, Refused> {
    let service = issuer.authentication();
    service
        .end_other_sessions(&caller.account, caller.session, device.address)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<OwnSessionError> for Refused {
    fn from(error: OwnSessionError) -> Self {
        match error {
            OwnSessionError::NotFound => Self::not_found("session"),
            OwnSessionError::Store(error) => error.into(),
        }
    }
}
