//! `PATCH /admin/users/{who}`

use std::sync::Arc;

use axum::{Json, extract::State};
use bulla_core::administration::{AccountEdit, EditError};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    find,
    user::{AdminUser, claims, plan, roles},
};
use crate::{
    admin::permit::AdminPermit,
    edge::{
        json_body::JsonBody, location::PathSegment, parse, problem_document::ProblemDocument,
        refused::Refused, secret::SecretText,
    },
    issuer::Issuer,
};

/// What shall be different; what is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditUserRequest {
    /// The whole new set. A role that is taken away ends older access tokens at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// The new plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// The whole new set of custom claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<Map<String, Value>>,
    /// The new name; `null` forgets it.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>)]
    pub name: Option<Option<String>>,
    /// The new password. It ends all sessions and older access tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "password")]
    pub password: Option<SecretText>,
    /// Whether older access tokens end now, instead of counting until they expire.
    #[serde(default)]
    pub now: bool,
}

/// Tells `null` from a member that was left out.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Changes an account.
#[utoipa::path(
    patch,
    path = "/admin/users/{who}",
    params(("who" = String, Path, description = "Identity, email address or user name")),
    request_body = EditUserRequest,
    responses(
        (status = 200, body = AdminUser),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`, `password_refused`"),
    ),
)]
pub(super) async fn change(
    permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    PathSegment(who): PathSegment,
    JsonBody(body): JsonBody<EditUserRequest>,
) -> Result<Json<AdminUser>, Refused> {
    let name = match body.name {
        Some(Some(name)) => Some(Some(parse::display_name(&name)?)),
        Some(None) => Some(None),
        None => None,
    };
    let password = body
        .password
        .as_ref()
        .map(|text| parse::password("password", text));
    let edit = AccountEdit {
        roles: body.roles.as_deref().map(roles).transpose()?,
        plan: body.plan.as_deref().map(plan).transpose()?,
        claims: body.claims.map(claims).transpose()?,
        name,
        password: password.transpose()?,
        now: body.now,
    };
    let account = find(&issuer, &who).await?;
    let changed = issuer
        .administration()
        .set(&account.id, edit, permit.administrator())
        .await?;
    Ok(Json(AdminUser::from(&changed)))
}

impl From<EditError> for Refused {
    fn from(error: EditError) -> Self {
        match error {
            EditError::NotFound => Self::not_found("user"),
            EditError::NewPassword(error) => Self::new_password(error, "password"),
            EditError::Store(error) => error.into(),
        }
    }
}
