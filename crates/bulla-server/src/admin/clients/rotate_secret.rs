//! `POST /admin/clients/{who}/secret`

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State};
use bulla_core::administration::{RotateSecretError, SecretRotation};
use bulla_guard::problem::Code;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{client::AdminClient, create::CreatedClient, find};
use crate::{
    admin::permit::AdminPermit,
    edge::{
        json_body::OptionalJsonBody, location::PathSegment, problem_document::ProblemDocument,
        refused::Refused, secret::SecretText,
    },
    issuer::Issuer,
};

/// How a secret is replaced.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateSecretRequest {
    /// For how many seconds the older one is good besides; left out: it no longer is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub keep_older: Option<u64>,
    /// Whether the tokens that the client has end at once.
    #[serde(default)]
    pub revoke_tokens: bool,
}

/// Gives a client another secret. Of two older ones, the last is kept.
#[utoipa::path(
    post,
    path = "/admin/clients/{who}/secret",
    params(("who" = String, Path, description = "Identity or name")),
    request_body = Option<RotateSecretRequest>,
    responses(
        (status = 200, body = CreatedClient),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`: also if the client proves itself by keys"),
    ),
)]
pub(super) async fn rotate(
    permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    PathSegment(who): PathSegment,
    OptionalJsonBody(body): OptionalJsonBody<RotateSecretRequest>,
) -> Result<Json<CreatedClient>, Refused> {
    let body = body.unwrap_or_default();
    let rotation = SecretRotation {
        keep_older: body.keep_older.map(keep_older).transpose()?,
        revoke_tokens: body.revoke_tokens,
    };
    let client = find(&issuer, &who).await?;
    let service = issuer.administration();
    let rotated = service.rotate_client_secret(&client.id, rotation, permit.administrator());
    let (client, secret) = rotated.await?;
    Ok(Json(CreatedClient {
        client: AdminClient::of(&client, issuer.now()),
        client_secret: Some(SecretText::new(secret.expose().to_owned())),
    }))
}

fn keep_older(seconds: u64) -> Result<Duration, Refused> {
    const YEAR: u64 = 366 * 24 * 60 * 60;
    match seconds {
        1..=YEAR => Ok(Duration::from_secs(seconds)),
        _ => Err(Refused::field(
            "keep_older",
            "is at least 1, and a year at most",
        )),
    }
}

impl From<RotateSecretError> for Refused {
    fn from(error: RotateSecretError) -> Self {
        match error {
            RotateSecretError::HasKeys => Self::new(Code::FieldInvalid, error.to_string()),
            RotateSecretError::Edit(error) => error.into(),
        }
    }
}
