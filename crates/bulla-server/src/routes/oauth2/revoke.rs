//! `POST /oauth2/revoke`

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use bulla_core::{
    audit::Origin,
    authentication::LogoutError,
    client::AuthenticatedClient,
    ids::{SessionId, TokenId},
    session::refresh_token,
    token::BUILT_IN_CLIENT,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    access_token,
    client::{Asking, ClientForm},
    form::Form,
    refused::{OAuthCode, OAuthProblem, OAuthRefused},
};
use crate::{
    edge::{caller::ClientDevice, problem_document::ProblemDocument, secret::SecretText},
    issuer::Issuer,
};

/// What shall end.
#[derive(Deserialize, ToSchema)]
pub(super) struct RevokeForm {
    /// An access or a refresh token; which of them is seen by itself, whatever `token_type_hint` says.
    #[schema(value_type = String)]
    token: Option<SecretText>,
    #[serde(flatten)]
    client: ClientForm,
}

/// Ends a token (RFC 7009). A client's own access token ends alone. With a token of a session, which belongs to the public
/// client `bulla`, the session ends, as by `/auth/logout`. What is no token, or is over, is answered alike.
#[utoipa::path(
    post,
    path = "/oauth2/revoke",
    tag = "oauth2",
    request_body(content = RevokeForm, content_type = "application/x-www-form-urlencoded"),
    security(("client" = []), ()),
    responses(
        (status = 200, description = "It has ended, now or before, or never was a token."),
        (status = 400, body = OAuthProblem, description = "`invalid_request`, `unauthorized_client`: it is another client's; \
            `unsupported_token_type`: a visitor's token, which belongs to no session"),
        (status = 401, body = OAuthProblem, description = "`invalid_client`",
            headers(("WWW-Authenticate" = String, description = "`Basic`, unless the client has proven itself in the form"))),
        (status = 429, body = ProblemDocument, content_type = "application/problem+json",
            description = "`rate_limited`: too many secrets were wrong"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`store_unavailable`"),
    ),
)]
pub(super) async fn revoke(
    State(issuer): State<Arc<Issuer>>,
    ClientDevice(device): ClientDevice,
    headers: HeaderMap,
    Form(form): Form<RevokeForm>,
) -> Result<StatusCode, OAuthRefused> {
    let asking = Asking::of(&issuer, &headers, form.client, device.address).await?;
    let token = form.token.ok_or_else(|| OAuthRefused::missing("token"))?;
    let (token, origin) = (token.expose(), device.address);
    let is_refresh = token.starts_with(refresh_token::PREFIX);
    match (asking, is_refresh) {
        (Asking::BuiltIn, true) => end_by_refresh_token(&issuer, token, origin).await?,
        (Asking::BuiltIn, false) => end_by_access_token(&issuer, token, origin).await?,
        (Asking::Client(_), true) => check_dead(&issuer, token).await?,
        (Asking::Client(client), false) => end_own(&issuer, token, &client, origin).await?,
    }
    Ok(StatusCode::OK)
}

async fn end_by_refresh_token(
    issuer: &Issuer,
    token: &str,
    origin: Origin,
) -> Result<(), OAuthRefused> {
    let service = issuer.authentication();
    match service.logout_refresh_token(token, origin).await {
        Ok(()) | Err(LogoutError::Invalid) => Ok(()),
        Err(LogoutError::Store(error)) => Err(error.into()),
    }
}

/// Even an expired one: whoever ends a session need not refresh before.
async fn end_by_access_token(
    issuer: &Issuer,
    token: &str,
    origin: Origin,
) -> Result<(), OAuthRefused> {
    let verified = issuer.verifier().verify_ended(token, issuer.unix_time());
    let Ok(principal) = verified else {
        return Ok(());
    };
    if principal.client_id.as_deref() != Some(BUILT_IN_CLIENT) {
        return Err(another_clients());
    }
    let session = principal.session.as_deref();
    let Some(session) = session.and_then(|id| SessionId::parse(id).ok()) else {
        let description = "a visitor without an account has no session that could end";
        return Err(OAuthRefused::new(
            OAuthCode::UnsupportedTokenType,
            description,
        ));
    };
    Ok(issuer
        .authentication()
        .logout_session(session, origin)
        .await?)
}

/// A refresh token belongs to the built-in client.
async fn check_dead(issuer: &Issuer, token: &str) -> Result<(), OAuthRefused> {
    let service = issuer.authentication();
    match service.inspect_refresh_token(token).await? {
        Some(_) => Err(another_clients()),
        None => Ok(()),
    }
}

/// What is over, or is for somebody else, is as good as none.
async fn end_own(
    issuer: &Issuer,
    token: &str,
    client: &AuthenticatedClient,
    origin: Origin,
) -> Result<(), OAuthRefused> {
    let own = client.client();
    let Some(verified) = access_token::verified(issuer, token, own) else {
        return Ok(());
    };
    if verified.client_id.as_deref() != Some(own.id.as_str()) {
        return Err(another_clients());
    }
    let id = verified.token_id.as_deref();
    let Some(id) = id.and_then(|id| TokenId::new(id).ok()) else {
        return Ok(());
    };
    Ok(issuer.clients().revoke_token(client, &id, origin).await?)
}

fn another_clients() -> OAuthRefused {
    let description = "the token belongs to another client";
    OAuthRefused::new(OAuthCode::UnauthorizedClient, description)
}
