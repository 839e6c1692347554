//! `POST /admin/keys`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use bulla_core::key::service::ImportKeyError;
use bulla_jose::{
    jwa::Algorithm,
    jwk::{KeyError, KeyId, SigningKey},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AdminKeys, all};
use crate::{
    admin::permit::AdminPermit,
    edge::{
        cookies::fit_cookies, json_body::JsonBody, problem_document::ProblemDocument,
        refused::Refused, secret::SecretText,
    },
    issuer::Issuer,
};

/// A key from elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportKeyRequest {
    /// A private key as PEM (PKCS#8, PKCS#1, SEC 1) or as a JWK; or, with `algorithm` HS256, HS384 or HS512, the secret itself.
    #[schema(value_type = String, format = "password")]
    pub key: SecretText,
    /// What it signs with; left out: what it says itself, or the first that fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
    /// The `kid` of its tokens; left out: what it says itself, or its RFC 7638 thumbprint, or for a secret a random one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// Whether it signs at once, published or not, or, where several issuers share a database, in a minute, when all of them
    /// know it; else it becomes the next key, in place of the one that was.
    #[serde(default)]
    pub now: bool,
}

/// Takes a key from elsewhere.
#[utoipa::path(
    post,
    path = "/admin/keys",
    request_body = ImportKeyRequest,
    responses(
        (status = 201, body = AdminKeys),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`: it is no private key that can sign, too short, encrypted, or known"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`overloaded`: too many keys wait for the end of their tokens"),
    ),
)]
pub(super) async fn import(
    permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    JsonBody(body): JsonBody<ImportKeyRequest>,
) -> Result<(StatusCode, Json<AdminKeys>), Refused> {
    let algorithm = body.algorithm.as_deref().map(str::parse).transpose();
    let algorithm = algorithm.map_err(Refused::in_field("algorithm"))?;
    let kid = body
        .kid
        .map(KeyId::new)
        .transpose()
        .map_err(Refused::in_field("kid"))?;
    let key = read(&issuer, &body.key, algorithm, kid).map_err(Refused::in_field("key"))?;
    check_algorithm(&issuer, &key, algorithm)?;
    let by = permit.administrator();
    issuer.keys().import(&key, body.now, by).await?;
    Ok((StatusCode::CREATED, Json(all(&issuer).await?)))
}

fn read(
    issuer: &Issuer,
    key: &SecretText,
    algorithm: Option<Algorithm>,
    kid: Option<KeyId>,
) -> Result<SigningKey, KeyError> {
    let text = key.expose().as_bytes();
    match (
        SigningKey::from_text(text, algorithm, kid.clone()),
        algorithm,
    ) {
        (Err(KeyError::TextUnrecognized), Some(algorithm)) if algorithm.is_symmetric() => {
            let random = || KeyId::new(issuer.random_id()).map_err(|_| KeyError::GenerationFailed);
            let kid = kid.map_or_else(random, Ok)?;
            SigningKey::from_private_bytes(algorithm, kid, text)
        }
        (read, _) => read,
    }
}

fn check_algorithm(
    issuer: &Issuer,
    key: &SigningKey,
    asked: Option<Algorithm>,
) -> Result<(), Refused> {
    let found = key.algorithm();
    if asked.is_some_and(|asked| asked != found) {
        let reason = format!("the key says that it is for {found}");
        return Err(Refused::field("algorithm", reason));
    }
    if issuer.settings().cookies.is_some() && !fit_cookies(found) {
        let reason =
            format!("tokens signed with {found} do not fit a cookie, and cookies.enabled is true");
        return Err(Refused::field("key", reason));
    }
    Ok(())
}

impl From<ImportKeyError> for Refused {
    fn from(error: ImportKeyError) -> Self {
        match error {
            ImportKeyError::Known(_) => Self::field("kid", error),
            ImportKeyError::Unkeepable(_) => Self::field("key", error),
            ImportKeyError::Refused(error) => error.into(),
            ImportKeyError::Keys(error) => error.into(),
        }
    }
}
