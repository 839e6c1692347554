//! `GET`, `PATCH` and `DELETE /auth/me`

pub(super) mod export;

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use bulla_guard::problem::Code;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{answers::UserAnswer, cookie_headers::CsrfHeader, proof};
use crate::{
    edge::{
        browser::Carrier,
        caller::{Caller, ClientDevice},
        cookies::SetCookies,
        json_body::JsonBody,
        parse,
        problem_document::ProblemDocument,
        refused::Refused,
        secret::SecretText,
    },
    issuer::Issuer,
};

/// What users may change of themselves.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RenameRequest {
    /// What to call them; `null` forgets it.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    name: Option<String>,
}

/// What it takes to delete one's account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeleteRequest {
    #[schema(value_type = String, format = "password")]
    current_password: SecretText,
}

/// The signed-in user's account.
#[utoipa::path(
    get,
    path = "/auth/me",
    tag = "account",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = UserAnswer),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`token_missing`, `token_…`"),
    ),
)]
pub(super) async fn show(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
) -> Result<Json<UserAnswer>, Refused> {
    let account = issuer.authentication().account(&caller.account).await?;
    account
        .as_ref()
        .map(|account| Json(account.into()))
        .ok_or_else(account_gone)
}

/// Changes what to call the signed-in user.
#[utoipa::path(
    patch,
    path = "/auth/me",
    tag = "account",
    security(("bearer" = []), ("cookie" = [])),
    request_body = RenameRequest,
    params(CsrfHeader),
    responses(
        (status = 200, body = UserAnswer),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`token_missing`, `token_…`"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json",
            description = "`csrf_refused`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`"),
    ),
)]
pub(super) async fn rename(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
    ClientDevice(device): ClientDevice,
    JsonBody(body): JsonBody<RenameRequest>,
) -> Result<Json<UserAnswer>, Refused> {
    let name = body.name.as_deref().map(parse::display_name).transpose()?;
    let renamed = issuer
        .authentication()
        .rename(&caller.account, name, device.address)
        .await?;
    let renamed = renamed.as_ref().map(UserAnswer::from);
    renamed.map(Json).ok_or_else(account_gone)
}

/// Deletes the signed-in user's account with its sessions, and ends all its tokens. There is no way back.
#[utoipa::path(
    delete,
    path = "/auth/me",
    tag = "account",
    security(("bearer" = []), ("cookie" = [])),
    request_body = DeleteRequest,
    params(CsrfHeader),
    responses(
        (status = 204, description = "It is gone.",
            headers(("Set-Cookie" = String, description = "Both cookies, cleared, if it was by cookie"))),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`credentials_invalid` (the current password is another), `session_revoked`, `token_…`"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json",
            description = "`csrf_refused`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`"),
        (status = 429, body = ProblemDocument, content_type = "application/problem+json",
            description = "`rate_limited`: too many wrong passwords"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`overloaded`, `store_unavailable`"),
    ),
)]
pub(super) async fn delete(
    State(issuer): State<Arc<Issuer>>,
    caller: Caller,
    ClientDevice(device): ClientDevice,
    JsonBody(body): JsonBody<DeleteRequest>,
) -> Result<(SetCookies, StatusCode), Refused> {
    let said = proof::said(&caller, &body.current_password, device.address)?;
    let deletion = issuer.authentication().delete_own_account(said);
    proof::counted(&issuer, &caller, device.address, deletion).await?;
    let cookies = match caller.carrier {
        Carrier::Cookie => SetCookies::cleared(issuer.cookie_names()),
        Carrier::Other => SetCookies::default(),
    };
    Ok((cookies, StatusCode::NO_CONTENT))
}

/// Only between the deletion of an account and the moment its tokens end.
fn account_gone() -> Refused {
    Refused::new(Code::TokenRevoked, "the account is gone")
}
