//! `POST /contact`

use axum::Json;
use serde::{Deserialize, Serialize};

use super::visitor::Visitor;
use crate::edge::{json_body::JsonBody, refused::Refused};

const MAX_CHARS: usize = 2000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Letter {
    message: String,
}

#[derive(Serialize)]
pub(super) struct Receipt {
    status: &'static str,
    message: String,
    from: String,
    anonymous: bool,
}

/// Takes a message from anybody who has a token. Nothing is kept of it.
pub(super) async fn send(
    visitor: Visitor,
    JsonBody(letter): JsonBody<Letter>,
) -> Result<Json<Receipt>, Refused> {
    let length = letter.message.chars().count();
    if length == 0 || length > MAX_CHARS {
        return Err(Refused::field(
            "message",
            format!("has 1 to {MAX_CHARS} characters"),
        ));
    }
    Ok(Json(Receipt {
        status: "accepted",
        message: format!("Thank you. {length} characters received."),
        from: visitor.subject,
        anonymous: visitor.anonymous,
    }))
}
