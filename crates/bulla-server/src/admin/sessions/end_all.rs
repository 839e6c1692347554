//! `DELETE /admin/sessions`

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{admin::permit::AdminPermit, edge::refused::Refused, issuer::Issuer};

/// What ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EndedSessions {
    /// How many sessions had not ended before.
    pub ended: u64,
}

/// Ends all sessions of all accounts, those of whoever asks too: everybody has to sign in again. Their access tokens are refused,
/// and every refresh token from before is `refresh_invalid` from now on, also one of a session that is not in the database any
/// more or not yet again: this is what to do after a database was restored from a backup.
#[utoipa::path(
    delete,
    path = "/admin/sessions",
    responses((status = 200, body = EndedSessions)),
)]
pub(super) async fn end_all(
    permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
) -> Result<Json<EndedSessions>, Refused> {
    let administration = issuer.administration();
    let ended = administration.end_all_sessions(permit.administrator());
    Ok(Json(EndedSessions {
        ended: ended.await?,
    }))
}
