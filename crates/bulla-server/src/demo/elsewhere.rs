//! `POST /demo/elsewhere`: a genuine token that is not for this API, to see it refused.

use axum::{Json, extract::State};
use bulla_core::token::{ACCESS_TOKEN_TYPE, BUILT_IN_CLIENT};
use serde::Serialize;
use serde_json::json;

use super::{Demo, visitor::Visitor};
use crate::{edge::refused::Refused, issuer::Issuer};

const SECONDS: i64 = 60;

#[derive(Serialize)]
pub(super) struct TokenAnswer {
    token_type: &'static str,
    access_token: String,
    expires_in: i64,
}

/// Seals a token for the caller that is good for a minute, and for nobody: its audience is what this API's is not.
pub(super) async fn issue(
    State(demo): State<Demo>,
    visitor: Visitor,
) -> Result<Json<TokenAnswer>, Refused> {
    let access_token = seal(&demo.issuer, &visitor.subject)?;
    Ok(Json(TokenAnswer {
        token_type: "Bearer",
        access_token,
        expires_in: SECONDS,
    }))
}

fn seal(issuer: &Issuer, subject: &str) -> Result<String, Refused> {
    let tokens = &issuer.settings().authentication.tokens;
    let now = issuer.now().as_seconds();
    let claims = json!({
        "iss": tokens.issuer,
        "sub": subject,
        "aud": format!("not-{}", tokens.audience),
        "client_id": BUILT_IN_CLIENT,
        "iat": now,
        "exp": now + SECONDS,
        "jti": issuer.random_id(),
    });
    Ok(issuer.keys().ring().sign(ACCESS_TOKEN_TYPE, &claims)?)
}
