//! `POST /admin/bans`

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AdminBan;
use crate::{
    admin::permit::AdminPermit,
    bans::{AddBanError, Bans},
    edge::{json_body::JsonBody, parse, problem_document::ProblemDocument, refused::Refused},
};

/// A prefix to be refused.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddBanRequest {
    /// An address, or a range such as `203.0.113.0/24`.
    pub prefix: String,
    /// For how many seconds; left out: until it is removed. From four hours on, connections are dropped instead of answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub seconds: Option<u64>,
    /// Why, for other administrators: up to 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Refuses what comes from a prefix, from now on and after a restart. Replaces an earlier ban that was added for it.
#[utoipa::path(
    post,
    path = "/admin/bans",
    request_body = AddBanRequest,
    responses(
        (status = 201, body = AdminBan),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`: it is no prefix, or exempt"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`store_unavailable`: it is in force, and not kept over a restart, or not in the audit log"),
    ),
)]
pub(super) async fn add(
    permit: AdminPermit,
    State(bans): State<Arc<Bans>>,
    JsonBody(body): JsonBody<AddBanRequest>,
) -> Result<(StatusCode, Json<AdminBan>), Refused> {
    let prefix = parse::prefix(&body.prefix)?;
    let length = length(body.seconds)?;
    let reason = body.reason.map(reason).transpose()?;
    let ban = bans
        .add(prefix, length, reason, permit.administrator())
        .await?;
    Ok((StatusCode::CREATED, Json(AdminBan::from(&ban))))
}

fn length(seconds: Option<u64>) -> Result<Option<Duration>, Refused> {
    const TEN_YEARS: u64 = 10 * 365 * 24 * 60 * 60;
    match seconds {
        Some(seconds) if !(1..=TEN_YEARS).contains(&seconds) => Err(Refused::field(
            "seconds",
            "is at least 1, and ten years at most",
        )),
        seconds => Ok(seconds.map(Duration::from_secs)),
    }
}

/// It is shown on terminals.
fn reason(text: String) -> Result<String, Refused> {
    const MAX: usize = 200;
    if text.chars().count() > MAX || text.chars().any(char::is_control) {
        let expected = format!("has up to {MAX} characters, none of which is a control character");
        return Err(Refused::field("reason", expected));
    }
    Ok(text)
}

impl From<AddBanError> for Refused {
    fn from(error: AddBanError) -> Self {
        match error {
            AddBanError::Refused(error) => Self::field("prefix", error),
            AddBanError::NotKept(error) => error.into(),
        }
    }
}
