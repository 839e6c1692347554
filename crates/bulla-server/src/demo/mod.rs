//! A small API to try a login on. All it knows of its caller, the gateway handed it.
//!
//! It has no access checks of its own: who may call what, it says in [`rules`], and the gateway sees to it. Only what is there
//! to be compared with that, a login whose sessions are in a table, asks by itself who is calling.

mod administration;
mod comparison;
mod contact;
mod orders;
mod profile;
mod session;
mod token;
mod visitor;

use std::sync::Arc;

use axum::{
    Router,
    routing::{MethodRouter, delete, get, post},
};
use bulla_guard::access::{Access, AccessPolicy};

use self::orders::OrderBook;
use crate::{edge::frame::framed, issuer::Issuer, store::sqlite::DemoSessions};

/// What the demo's routes share.
#[derive(Clone)]
struct Demo {
    issuer: Arc<Issuer>,
    orders: Arc<OrderBook>,
    sessions: Arc<DemoSessions>,
}

/// What a path of the demo service asks of its caller, for the gateway to enforce.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The path; `{name}` is one segment.
    pub path: &'static str,
    /// Who may call it. Public only where the handler asks by itself: the others are told by the gateway.
    pub policy: AccessPolicy,
}

/// The demo service: `/contact`, `/api/profile`, `/api/orders[/{id}]`, `/api/admin`, `/api/users/{id}`, and
/// `/demo/session/…` beside `/demo/token/me`.
///
/// It believes every `X-Bulla-*` header: it must only be reachable through a gateway that keeps to its [`rules`].
pub fn router(issuer: Arc<Issuer>, sessions: DemoSessions) -> Router {
    let routes = routes()
        .into_iter()
        .fold(Router::new(), |router, (rule, handlers)| {
            router.route(rule.path, handlers)
        });
    framed(routes).with_state(Demo {
        issuer,
        orders: Arc::default(),
        sessions: Arc::new(sessions),
    })
}

/// The paths of the [`router`], each with what it asks of its caller.
pub fn rules() -> impl Iterator<Item = Rule> {
    routes().into_iter().map(|(rule, _)| rule)
}

/// A route cannot be without its rule.
fn routes() -> [(Rule, MethodRouter<Demo>); 10] {
    let orders = get(orders::list).post(orders::place);
    [
        (token("/contact"), post(contact::send)),
        (user("/api/profile"), get(profile::show)),
        (user("/api/orders"), orders),
        (user("/api/orders/{id}"), get(orders::show)),
        (administrator("/api/admin"), get(administration::greet)),
        (
            administrator("/api/users/{id}"),
            delete(administration::delete_user),
        ),
        (open("/demo/session/login"), post(session::login)),
        (open("/demo/session/me"), get(session::me)),
        (open("/demo/session/logout"), post(session::logout)),
        (open("/demo/token/me"), get(token::me)),
    ]
}

/// Everybody: the handler asks who it is.
const fn open(path: &'static str) -> Rule {
    let policy = AccessPolicy::new(Access::Public);
    Rule { path, policy }
}

/// Whoever has a valid token, an anonymous one too.
const fn token(path: &'static str) -> Rule {
    let policy = AccessPolicy::new(Access::Anonymous);
    Rule { path, policy }
}

/// Whoever is signed in.
const fn user(path: &'static str) -> Rule {
    let policy = AccessPolicy::new(Access::Authenticated);
    Rule { path, policy }
}

/// Whoever has the role `admin`.
fn administrator(path: &'static str) -> Rule {
    let mut rule = user(path);
    rule.policy.roles.push("admin".to_owned());
    rule
}
