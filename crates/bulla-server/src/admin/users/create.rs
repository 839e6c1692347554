//! `POST /admin/users`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use bulla_core::{
    account::Plan,
    registration::{Grants, Registration},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::user::{AdminUser, claims, plan, roles};
use crate::{
    admin::permit::AdminPermit,
    edge::{
        json_body::JsonBody, parse, problem_document::ProblemDocument, refused::Refused,
        secret::SecretText,
    },
    issuer::Issuer,
};

/// An account to be made.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUserRequest {
    /// At least one of `email` and `username`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// At least one of `email` and `username`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Left out: one is made, and answered once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "password")]
    pub password: Option<SecretText>,
    /// What to call them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Left out: none.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Left out: `free`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Custom claims; left out: none.
    #[serde(default)]
    pub claims: Map<String, Value>,
}

/// The account that was made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreatedUser {
    /// The account.
    pub user: AdminUser,
    /// Its password, if none was given; it is kept nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub generated_password: Option<SecretText>,
}

/// Makes an account.
#[utoipa::path(
    post,
    path = "/admin/users",
    request_body = CreateUserRequest,
    responses(
        (status = 201, body = CreatedUser),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json",
            description = "`email_taken`, `username_taken`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`, `password_refused`"),
    ),
)]
pub(super) async fn create(
    permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    JsonBody(body): JsonBody<CreateUserRequest>,
) -> Result<(StatusCode, Json<CreatedUser>), Refused> {
    let generated = body
        .password
        .is_none()
        .then(|| SecretText::new(issuer.random_id()));
    let password = body.password.as_ref().or(generated.as_ref());
    let password = password.ok_or_else(|| Refused::field("password", "is missing"))?;
    let registration = Registration::new(
        body.email.as_deref().map(parse::email).transpose()?,
        body.username.as_deref().map(parse::username).transpose()?,
        parse::password("password", password)?,
    )?
    .named(body.name.as_deref().map(parse::display_name).transpose()?);
    let grants = Grants {
        roles: roles(&body.roles)?,
        plan: body
            .plan
            .as_deref()
            .map_or_else(|| Ok(Plan::free()), plan)?,
        claims: claims(body.claims)?,
    };
    let account = issuer
        .administration()
        .create(registration, grants, permit.administrator())
        .await?;
    let created = CreatedUser {
        user: AdminUser::from(&account),
        generated_password: generated,
    };
    Ok((StatusCode::CREATED, Json(created)))
}
