//! `POST /oauth2/introspect`

use std::sync::Arc;

use axum::{Json, extract::State, http::HeaderMap};
use bulla_core::{
    authentication::LiveRefreshToken, client::Client, session::refresh_token,
    token::BUILT_IN_CLIENT,
};
use bulla_guard::verified::Verified;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{
    access_token,
    client::{Asking, ClientForm},
    form::Form,
    refused::{OAuthProblem, OAuthRefused},
};
use crate::{
    edge::{caller::ClientDevice, problem_document::ProblemDocument, secret::SecretText},
    issuer::Issuer,
};

/// What is asked about.
#[derive(Deserialize, ToSchema)]
pub(super) struct IntrospectForm {
    /// An access or a refresh token; which of them is seen by itself, whatever `token_type_hint` says.
    #[schema(value_type = String)]
    token: Option<SecretText>,
    #[serde(flatten)]
    client: ClientForm,
}

/// What a token is worth (RFC 7662 section 2.2). Only `active` is always there: of a token that is not, nothing else is told.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "it describes what is made of the token's own claims"
)]
pub(super) struct IntrospectAnswer {
    /// Whether it holds now, and is for an audience of the client that asks.
    active: bool,
    /// `Bearer`, of an access token.
    token_type: Option<String>,
    /// What it may be used for.
    scope: Option<String>,
    /// Whose token it is.
    client_id: Option<String>,
    /// Whom it speaks for.
    sub: Option<String>,
    /// When it ends, in seconds since 1970.
    exp: Option<i64>,
}

/// What a token is worth now (RFC 7662): all claims of an access token that holds and is for an audience of the client that
/// asks; `{"active":false}` for everything else. A refresh token is not used by that.
#[utoipa::path(
    post,
    path = "/oauth2/introspect",
    tag = "oauth2",
    request_body(content = IntrospectForm, content_type = "application/x-www-form-urlencoded"),
    security(("client" = []), ()),
    responses(
        (status = 200, body = IntrospectAnswer),
        (status = 400, body = OAuthProblem, description = "`invalid_request`"),
        (status = 401, body = OAuthProblem, description = "`invalid_client`",
            headers(("WWW-Authenticate" = String, description = "`Basic`, unless the client has proven itself in the form"))),
        (status = 429, body = ProblemDocument, content_type = "application/problem+json",
            description = "`rate_limited`: too many secrets were wrong"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`store_unavailable`"),
    ),
)]
pub(super) async fn introspect(
    State(issuer): State<Arc<Issuer>>,
    ClientDevice(device): ClientDevice,
    headers: HeaderMap,
    Form(form): Form<IntrospectForm>,
) -> Result<Json<Value>, OAuthRefused> {
    let asking = Asking::of(&issuer, &headers, form.client, device.address).await?;
    let client = asking.proven()?.client();
    let token = form.token.ok_or_else(|| OAuthRefused::missing("token"))?;
    let token = token.expose();
    let active = if token.starts_with(refresh_token::PREFIX) {
        refresh(&issuer, token, client).await?
    } else {
        access_token::verified(&issuer, token, client).map(|token| access(&token))
    };
    Ok(Json(active.unwrap_or_else(|| json!({"active": false}))))
}

/// What the token itself says, scopes only if there are any (RFC 6749 section 3.3).
fn access(token: &Verified) -> Value {
    let mut told: Map<String, Value> = token.claims.clone();
    if token.scopes.is_empty() {
        told.remove("scope");
    }
    // A custom claim may be called so.
    told.insert("active".to_owned(), json!(true));
    told.insert("token_type".to_owned(), json!("Bearer"));
    Value::Object(told)
}

/// The tokens of a session are for everybody's audience.
async fn refresh(
    issuer: &Issuer,
    token: &str,
    client: &Client,
) -> Result<Option<Value>, OAuthRefused> {
    let everybodys = &issuer.settings().authentication.tokens.audience;
    if client
        .audiences
        .choose(Some(everybodys), everybodys)
        .is_none()
    {
        return Ok(None);
    }
    let service = issuer.authentication();
    let live = service.inspect_refresh_token(token).await?;
    Ok(live.map(|live: LiveRefreshToken| {
        json!({
            "active": true,
            "client_id": BUILT_IN_CLIENT,
            "sub": live.account.as_str(),
            "sid": live.session.to_string(),
            "exp": live.expires_at.as_seconds(),
        })
    }))
}
