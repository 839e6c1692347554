//! The issuer's public HTTP interface; the tree of this folder mirrors the URLs.

mod auth;
mod oauth2;
pub mod openapi;
mod well_known;

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderValue, header},
    response::Response,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{edge::frame::framed, issuer::Issuer};

/// The paths this router answers, as the gateway's routes spell them: all of them public, for the
/// issuer verifies the tokens it wants to see itself.
pub const PATHS: [&str; 6] = [
    "/auth/{*rest}",
    "/oauth2/{*rest}",
    "/.well-known/jwks.json",
    "/.well-known/oauth-authorization-server",
    "/.well-known/{*rest}",
    "/openapi.json",
];

/// Where visitors without an account begin, if they are welcome.
pub const CHALLENGE_PATH: &str = "/auth/challenge";

/// The issuer's public routes: `/auth/…`, `/oauth2/…`, `/.well-known/…`, `/openapi.json`.
///
/// Everything else is answered 404 as problem+json. The gateway's request extensions
/// [`ClientAddress`](bulla_guard::client::ClientAddress) and
/// [`RequestId`](bulla_guard::client::RequestId) are used if they are there.
pub fn router(issuer: Arc<Issuer>) -> Router {
    framed(Router::from(described())).with_state(issuer)
}

/// What an administrator needs to come and go at another listener.
pub(crate) fn sign_in_and_out() -> Router<Arc<Issuer>> {
    auth::sign_in_and_out().into()
}

/// Answers with tokens must not be kept by anything on the way (RFC 6749, 5.1).
async fn never_stored(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Every route together with its description, so that neither can lack the other.
fn described() -> OpenApiRouter<Arc<Issuer>> {
    OpenApiRouter::with_openapi(openapi::frame())
        .merge(auth::routes())
        .merge(oauth2::routes())
        .merge(well_known::routes())
        .routes(routes!(openapi::show))
}
