//! `GET /api/admin` and `DELETE /api/users/{id}`: for administrators.

use axum::{Json, extract::State};
use bulla_core::{administration::Administrator, ids::AccountId};
use serde::Serialize;

use super::{Demo, visitor::Visitor};
use crate::edge::{caller::ClientDevice, location::PathSegment, refused::Refused};

#[derive(Serialize)]
pub(super) struct Message {
    message: String,
}

/// Proof that the route's role was there.
pub(super) async fn greet(visitor: Visitor) -> Json<Message> {
    let name = visitor.email.unwrap_or(visitor.subject);
    Json(Message {
        message: format!("Welcome, {name}. Only administrators get here."),
    })
}

/// Really deletes the account; its sessions and tokens end with it.
pub(super) async fn delete_user(
    State(demo): State<Demo>,
    visitor: Visitor,
    ClientDevice(device): ClientDevice,
    PathSegment(id): PathSegment,
) -> Result<Json<Message>, Refused> {
    let account = AccountId::new(id).map_err(|_| Refused::not_found("user"))?;
    let by = AccountId::new(visitor.subject);
    let administrator = Administrator {
        account: Some(by.map_err(|_| Refused::not_found("administrator"))?),
        address: device.address,
    };
    let administration = demo.issuer.administration();
    let deleted = administration.delete(&account, &administrator).await;
    deleted.map_err(|error| Refused::from_removal(error, "user"))?;
    demo.orders.forget(account.as_str());
    Ok(Json(Message {
        message: format!("User {account} deleted"),
    }))
}
