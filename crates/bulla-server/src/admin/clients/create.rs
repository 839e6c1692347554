//! `POST /admin/clients`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use bulla_core::administration::{AddClientError, NewClient};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::client::{AdminClient, access_lifetime, audiences, name_taken, public_keys, scopes};
use crate::{
    admin::permit::AdminPermit,
    edge::{
        json_body::JsonBody, parse, problem_document::ProblemDocument, refused::Refused,
        secret::SecretText,
    },
    issuer::Issuer,
};

/// A client to be made.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateClientRequest {
    /// What it is called; no other client is called the same.
    pub name: String,
    /// What it may ask for; left out: nothing in particular.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Whom its tokens may be for, the first unless it asks for another; left out: whom everybody's are for.
    #[serde(default)]
    pub audiences: Vec<String>,
    /// How many seconds its access tokens live; left out: as long as everybody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 86400)]
    pub access_lifetime: Option<u64>,
    /// Its public keys as a JWK set, by which it proves itself (`private_key_jwt`); left out: a secret is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub public_keys: Option<Value>,
}

/// The client that was made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreatedClient {
    /// The client.
    pub client: AdminClient,
    /// What it proves itself by, unless that is keys. It is told now and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub client_secret: Option<SecretText>,
}

/// Makes a client.
#[utoipa::path(
    post,
    path = "/admin/clients",
    request_body = CreateClientRequest,
    responses(
        (status = 201, body = CreatedClient),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`: also for the name of another client"),
    ),
)]
pub(super) async fn create(
    permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    JsonBody(body): JsonBody<CreateClientRequest>,
) -> Result<(StatusCode, Json<CreatedClient>), Refused> {
    let new = NewClient {
        name: parse::display_name(&body.name)?,
        scopes: scopes(&body.scopes)?,
        audiences: audiences(&body.audiences)?,
        access_lifetime: body.access_lifetime.map(access_lifetime).transpose()?,
        keys: body.public_keys.as_ref().map(public_keys).transpose()?,
    };
    let service = issuer.administration();
    let (client, secret) = service.add_client(new, permit.administrator()).await?;
    let created = CreatedClient {
        client: AdminClient::of(&client, issuer.now()),
        client_secret: secret.map(|secret| SecretText::new(secret.expose().to_owned())),
    };
    Ok((StatusCode::CREATED, Json(created)))
}

impl From<AddClientError> for Refused {
    fn from(error: AddClientError) -> Self {
        match error {
            AddClientError::NameTaken => name_taken(),
            AddClientError::Store(error) => error.into(),
        }
    }
}
