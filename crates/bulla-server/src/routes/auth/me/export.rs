//! `GET /auth/me/export`

use std::sync::Arc;

use axum::{Json, extract::State};

use super::account_gone;
use crate::{
    edge::{
        caller::{Caller, ClientDevice},
        problem_document::ProblemDocument,
        refused::Refused,
    },
    export::ExportDocument,
    issuer::Issuer,
};

/// All that is held about the signed-in user.
#[utoipa::path(
    get,
    path = "/auth/me/export",
    tag = "account",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = ExportDocument),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`token_missing`, `token_…`"),
    ),
)]
pub(in crate::routes::auth) async fn export(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
    ClientDevice(device): ClientDevice,
) -> Result<Json<ExportDocument>, Refused> {
    let export = issuer
        .authentication()
        .export(&caller.account, caller.session, device.address)
        .await?;
    let export = export.as_ref().map(ExportDocument::from);
    export.map(Json).ok_or_else(account_gone)
}
