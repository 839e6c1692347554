//! `/auth/…`

mod anonymous;
mod answers;
mod challenge;
mod cookie_headers;
mod login;
mod logout;
mod me;
mod password;
mod refresh;
mod register;
mod sessions;
mod upgrade;

use std::sync::Arc;

use axum::{
    http::{HeaderValue, header},
    middleware,
    response::Response,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::issuer::Issuer;

pub(super) fn routes() -> OpenApiRouter<Arc<Issuer>> {
    OpenApiRouter::new()
        .routes(routes!(register::register))
        .routes(routes!(challenge::challenge))
        .routes(routes!(anonymous::redeem))
        .routes(routes!(upgrade::upgrade))
        .routes(routes!(me::show, me::rename))
        .routes(routes!(password::change))
        .routes(routes!(sessions::list, sessions::end_others))
        .routes(routes!(sessions::rename, sessions::end))
        .layer(middleware::map_response(never_stored))
        .merge(sign_in_and_out())
}

/// Sessions begin, go on and end.
pub(super) fn sign_in_and_out() -> OpenApiRouter<Arc<Issuer>> {
    OpenApiRouter::new()
        .routes(routes!(login::login))
        .routes(routes!(refresh::refresh))
        .routes(routes!(logout::logout))
        .layer(middleware::map_response(never_stored))
}

/// Answers with tokens must not be kept by anything on the way (RFC 6749, 5.1).
async fn never_stored(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
