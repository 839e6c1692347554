//! A small API to try a login on. All it knows of its caller, the gateway handed it.
//!
//! It has no access checks of its own: who may call what is the business of the gateway's routes.

mod administration;
mod contact;
mod orders;
mod profile;
mod visitor;

use std::sync::Arc;

use axum::{
    Router,
    routing::{delete, get, post},
};

use self::orders::OrderBook;
use crate::{edge::frame::framed, issuer::Issuer};

/// What the demo's routes share.
#[derive(Clone)]
struct Demo {
    issuer: Arc<Issuer>,
    orders: Arc<OrderBook>,
}

/// The demo service: `/contact`, `/api/profile`, `/api/orders[/{id}]`, `/api/admin`, `/api/users/{id}`.
///
/// It believes every `X-Bulla-*` header: it must only be reachable through the gateway.
pub fn router(issuer: Arc<Issuer>) -> Router {
    let routes = Router::new()
        .route("/contact", post(contact::send))
        .route("/api/profile", get(profile::show))
        .route("/api/orders", get(orders::list).post(orders::place))
        .route("/api/orders/{id}", get(orders::show))
        .route("/api/admin", get(administration::greet))
        .route("/api/users/{id}", delete(administration::delete_user));
    framed(routes).with_state(Demo {
        issuer,
        orders: Arc::default(),
    })
}
