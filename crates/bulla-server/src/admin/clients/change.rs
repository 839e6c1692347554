//! `PATCH /admin/clients/{who}`

use std::sync::Arc;

use axum::{Json, extract::State};
use bulla_core::administration::{ClientEdit, EditClientError};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    client::{AdminClient, access_lifetime, audiences, name_taken, public_keys, scopes},
    find,
};
use crate::{
    admin::permit::AdminPermit,
    edge::{
        json_body::JsonBody, location::PathSegment, parse, problem_document::ProblemDocument,
        refused::Refused,
    },
    issuer::Issuer,
};

/// What shall be different; what is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditClientRequest {
    /// The new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The whole new set. A scope that is taken away ends the client's tokens at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// All new audiences. One that is taken away ends the client's tokens at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audiences: Option<Vec<String>>,
    /// The new lifetime of access tokens, in seconds; `null`: as long as everybody's.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 86400)]
    pub access_lifetime: Option<Option<u64>>,
    /// Whether it gets no tokens. Disabling ends those it has at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// Its public keys as a JWK set, by which it proves itself from now on, and by nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub public_keys: Option<Value>,
    /// Whether the tokens that it has end at once, whatever else is different.
    #[serde(default)]
    pub revoke_tokens: bool,
}

/// Tells `null` from a member that was left out.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<u64>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Changes a client.
#[utoipa::path(
    patch,
    path = "/admin/clients/{who}",
    params(("who" = String, Path, description = "Identity or name")),
    request_body = EditClientRequest,
    responses(
        (status = 200, body = AdminClient),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`: also for the name of another client"),
    ),
)]
pub(super) async fn change(
    permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    PathSegment(who): PathSegment,
    JsonBody(body): JsonBody<EditClientRequest>,
) -> Result<Json<AdminClient>, Refused> {
    let lifetime = match body.access_lifetime {
        Some(Some(seconds)) => Some(Some(access_lifetime(seconds)?)),
        Some(None) => Some(None),
        None => None,
    };
    let edit = ClientEdit {
        name: body.name.as_deref().map(parse::display_name).transpose()?,
        scopes: body.scopes.as_deref().map(scopes).transpose()?,
        audiences: body.audiences.as_deref().map(audiences).transpose()?,
        access_lifetime: lifetime,
        disabled: body.disabled,
        keys: body.public_keys.as_ref().map(public_keys).transpose()?,
        revoke_tokens: body.revoke_tokens,
    };
    let client = find(&issuer, &who).await?;
    let changed = issuer
        .administration()
        .set_client(&client.id, edit, permit.administrator())
        .await?;
    Ok(Json(AdminClient::of(&changed, issuer.now())))
}

impl From<EditClientError> for Refused {
    fn from(error: EditClientError) -> Self {
        match error {
            EditClientError::NotFound => Self::not_found("client"),
            EditClientError::NameTaken => name_taken(),
            EditClientError::Store(error) => error.into(),
        }
    }
}
