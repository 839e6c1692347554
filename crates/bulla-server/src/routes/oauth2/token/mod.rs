//! `POST /oauth2/token`

mod client_credentials;
mod refresh_token;

use std::sync::Arc;

use axum::{Json, extract::State, http::HeaderMap};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    client::{Asking, ClientForm},
    form::Form,
    refused::{OAuthCode, OAuthProblem, OAuthRefused},
};
use crate::{
    edge::{caller::ClientDevice, problem_document::ProblemDocument, secret::SecretText},
    issuer::Issuer,
};

/// What is asked for. Unknown parameters are passed over, and none may be there twice.
#[derive(Deserialize, ToSchema)]
pub(super) struct TokenForm {
    /// `client_credentials` or `refresh_token`.
    grant_type: Option<String>,
    /// `client_credentials`: scopes with a space between each two; left out: all that the client has.
    scope: Option<String>,
    /// `client_credentials`: one of the client's audiences; left out: its first.
    audience: Option<String>,
    /// The same, as RFC 8707 calls it.
    resource: Option<String>,
    /// `refresh_token`: what is to be exchanged.
    #[schema(value_type = Option<String>)]
    refresh_token: Option<SecretText>,
    #[serde(flatten)]
    client: ClientForm,
}

/// A token (RFC 6749 section 5.1).
#[derive(Serialize, ToSchema)]
pub(super) struct TokenAnswer {
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    /// Only for `refresh_token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    refresh_token: Option<SecretText>,
    /// What the token may be used for; left out: nothing in particular.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

/// A token for a service in its own name, or for a refresh token (RFC 6749). The client `bulla`, to which the sessions of
/// `/auth/…` belong, is public: it proves nothing, and exchanges refresh tokens as `/auth/refresh` does.
#[utoipa::path(
    post,
    path = "/oauth2/token",
    tag = "oauth2",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    security(("client" = []), ()),
    responses(
        (status = 200, body = TokenAnswer),
        (status = 400, body = OAuthProblem, description = "`invalid_request`, `invalid_grant`, `invalid_scope`, \
            `invalid_target`, `unsupported_grant_type`, `unauthorized_client`: the public client has no tokens of its own"),
        (status = 401, body = OAuthProblem, description = "`invalid_client`",
            headers(("WWW-Authenticate" = String, description = "`Basic`, unless the client has proven itself in the form"))),
        (status = 429, body = ProblemDocument, content_type = "application/problem+json",
            description = "`rate_limited`: too many secrets were wrong"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`store_unavailable`"),
    ),
)]
pub(super) async fn token(
    State(issuer): State<Arc<Issuer>>,
    ClientDevice(device): ClientDevice,
    headers: HeaderMap,
    Form(form): Form<TokenForm>,
) -> Result<Json<TokenAnswer>, OAuthRefused> {
    let asking = Asking::of(&issuer, &headers, form.client, device.address).await?;
    let answer = match form.grant_type.as_deref() {
        Some("client_credentials") => {
            let asked =
                client_credentials::asked(form.scope.as_deref(), form.audience, form.resource)?;
            client_credentials::issue(&issuer, &asking, &asked)?
        }
        Some("refresh_token") => {
            let token = form
                .refresh_token
                .ok_or_else(|| OAuthRefused::missing("refresh_token"))?;
            refresh_token::exchange(&issuer, &asking, &token, form.scope.as_deref(), device).await?
        }
        Some(_) => {
            let description = "grant_type is client_credentials or refresh_token";
            return Err(OAuthRefused::new(
                OAuthCode::UnsupportedGrantType,
                description,
            ));
        }
        None => return Err(OAuthRefused::missing("grant_type")),
    };
    Ok(Json(answer))
}
