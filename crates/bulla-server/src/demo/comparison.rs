//! What the stateful and the stateless login answer alike, so that they can be compared.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bulla_core::account::{Account, Role};
use bulla_guard::principal::Principal;
use serde::Serialize;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Who it is, and what it took to know that.
#[derive(Serialize)]
pub(super) struct Known {
    pub(super) user: User,
    pub(super) cost: Cost,
}

#[derive(Serialize)]
pub(super) struct User {
    id: String,
    email: Option<String>,
    roles: Vec<String>,
    plan: Option<String>,
}

/// What a request asked of a database, and what it has to carry each time.
#[derive(Serialize)]
pub(super) struct Cost {
    /// Rows that were asked for.
    pub(super) lookups: u32,
    /// Transactions that were on disk before this was answered.
    pub(super) writes: u32,
    /// Of the credential in its header: `name=value` of a cookie, or `Bearer …`.
    pub(super) credential_bytes: usize,
}

/// An answer with what took how long, in `Server-Timing`.
pub(super) struct Timed<T, const N: usize> {
    pub(super) answer: T,
    pub(super) spans: [(&'static str, Duration); N],
}

impl<T: IntoResponse, const N: usize> IntoResponse for Timed<T, N> {
    fn into_response(self) -> Response {
        let mut response = self.answer.into_response();
        let milliseconds = |span: Duration| span.as_secs_f64() * 1000.0;
        let spans = self
            .spans
            .map(|(name, span)| format!("{name};dur={:.3}", milliseconds(span)));
        let headers = response.headers_mut();
        if let Ok(spans) = HeaderValue::try_from(spans.join(", ")) {
            headers.insert(SERVER_TIMING, spans);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl IntoResponse for Known {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

impl From<Account> for User {
    fn from(account: Account) -> Self {
        Self {
            id: account.id.to_string(),
            email: account.email.map(|email| email.as_str().to_owned()),
            roles: account
                .roles
                .iter()
                .map(Role::as_str)
                .map(str::to_owned)
                .collect(),
            plan: Some(account.plan.as_str().to_owned()),
        }
    }
}

impl From<&Principal> for User {
    fn from(principal: &Principal) -> Self {
        let email = principal.claims.get("email");
        Self {
            id: principal.subject.clone(),
            email: email.and_then(|email| email.as_str()).map(str::to_owned),
            roles: principal.roles.clone(),
            plan: principal.plan.clone(),
        }
    }
}
