//! `GET /demo/limited`

use axum::Json;
use serde::Serialize;

use super::visitor::Visitor;

#[derive(Serialize)]
pub(super) struct Counted {
    plan: Option<String>,
    message: &'static str,
}

/// Says nothing of what is left: the gateway does, in the headers of the answer.
pub(super) async fn show(visitor: Visitor) -> Json<Counted> {
    Json(Counted {
        plan: visitor.plan,
        message: "This request was counted for your plan.",
    })
}
