//! A small API to try a login on. All it knows of its caller, the gateway handed it.
//!
//! It has no access checks of its own: who may call what, it says in [`rules`], and the gateway sees to it. Only what is below
//! `/demo`, to try things out that an API leaves to its gateway, asks by itself who is calling.

mod abuse;
mod administration;
mod client;
mod comparison;
mod contact;
mod elsewhere;
mod encrypted;
mod limited;
mod orders;
mod profile;
mod session;
mod token;
mod visitor;

pub use self::client::tidy;

use std::sync::Arc;

use axum::{
    Router,
    routing::{MethodRouter, delete, get, post},
};
use bulla_guard::access::{Access, AccessPolicy};
use bulla_jose::{
    jwa::KeyManagement,
    jwk::{DecryptionKey, KeyError},
};

use self::orders::OrderBook;
use crate::{edge::frame::framed, issuer::Issuer, store::sqlite::DemoSessions};

/// What the demo's routes share.
#[derive(Clone)]
struct Demo {
    issuer: Arc<Issuer>,
    orders: Arc<OrderBook>,
    sessions: Arc<DemoSessions>,
    recipient: DecryptionKey,
}

/// What a path of the demo service asks of its caller, for the gateway to enforce.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The path; `{name}` is one segment.
    pub path: &'static str,
    /// Who may call it. Public only where the handler asks by itself: the others are told by the gateway.
    pub policy: AccessPolicy,
    /// Whether its requests are counted for the caller's plan.
    pub limited: bool,
}

/// The demo service: `/contact`, `/api/profile`, `/api/orders[/{id}]`, `/api/admin`, `/api/users/{id}`, and what can be tried
/// out below `/demo`.
///
/// It believes every `X-Bulla-*` header: it must only be reachable through a gateway that keeps to its [`rules`].
///
/// # Errors
/// The system has no randomness for a key to encrypt to.
pub fn router(issuer: Arc<Issuer>, sessions: DemoSessions) -> Result<Router, KeyError> {
    let routes = routes()
        .into_iter()
        .fold(Router::new(), |router, (rule, handlers)| {
            router.route(rule.path, handlers)
        });
    Ok(framed(routes).with_state(Demo {
        issuer,
        orders: Arc::default(),
        sessions: Arc::new(sessions),
        recipient: DecryptionKey::generate(KeyManagement::EcdhEsA256Kw)?,
    }))
}

/// The paths of the [`router`], each with what it asks of its caller.
pub fn rules() -> impl Iterator<Item = Rule> {
    routes().into_iter().map(|(rule, _)| rule)
}

/// A route cannot be without its rule.
fn routes() -> [(Rule, MethodRouter<Demo>); 17] {
    let orders = get(orders::list).post(orders::place);
    [
        (token("/contact"), post(contact::send)),
        (token("/demo/elsewhere"), post(elsewhere::issue)),
        (user("/api/profile"), get(profile::show)),
        (user("/api/orders"), orders),
        (user("/api/orders/{id}"), get(orders::show)),
        (administrator("/api/admin"), get(administration::greet)),
        (
            administrator("/api/users/{id}"),
            delete(administration::delete_user),
        ),
        (
            user("/demo/client"),
            post(client::make).delete(client::remove),
        ),
        (
            service("/demo/reports", client::REPORTS),
            get(client::reports),
        ),
        (open("/demo/session/login"), post(session::login)),
        (open("/demo/session/me"), get(session::me)),
        (open("/demo/session/logout"), post(session::logout)),
        (open("/demo/token/me"), get(token::me)),
        (counted("/demo/limited"), get(limited::show)),
        (open("/demo/abuse"), post(abuse::judge)),
        (open("/demo/encrypted/wrap"), post(encrypted::wrap)),
        (open("/demo/encrypted/read"), post(encrypted::read)),
    ]
}

const fn rule(path: &'static str, access: Access) -> Rule {
    Rule {
        path,
        policy: AccessPolicy::new(access),
        limited: false,
    }
}

/// Everybody: the handler asks who it is, if it matters.
const fn open(path: &'static str) -> Rule {
    rule(path, Access::Public)
}

/// Whoever has a valid token, an anonymous one too.
const fn token(path: &'static str) -> Rule {
    rule(path, Access::Anonymous)
}

/// The same, as often as their plan lets them.
fn counted(path: &'static str) -> Rule {
    Rule {
        limited: true,
        ..token(path)
    }
}

/// Whoever is signed in.
const fn user(path: &'static str) -> Rule {
    rule(path, Access::Authenticated)
}

/// Whoever has the scope, which only a service can.
fn service(path: &'static str, scope: &str) -> Rule {
    let mut rule = user(path);
    rule.policy.scopes.push(scope.to_owned());
    rule
}

/// Whoever has the role `admin`.
fn administrator(path: &'static str) -> Rule {
    let mut rule = user(path);
    rule.policy.roles.push("admin".to_owned());
    rule
}
