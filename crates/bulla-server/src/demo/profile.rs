//! `GET /api/profile`

use axum::Json;
use serde::Serialize;

use super::visitor::Visitor;

#[derive(Serialize)]
pub(super) struct Profile {
    id: String,
    email: Option<String>,
    roles: Vec<String>,
    plan: Option<String>,
    message: String,
}

/// What the gateway says about the caller.
pub(super) async fn show(visitor: Visitor) -> Json<Profile> {
    let name = visitor.email.as_ref().unwrap_or(&visitor.subject);
    let message = format!("Hello, {name}. This service asked no database who you are.");
    Json(Profile {
        id: visitor.subject,
        email: visitor.email,
        roles: visitor.roles,
        plan: visitor.plan,
        message,
    })
}
