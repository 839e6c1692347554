//! `/auth/…`

mod anonymous;
mod answers;
mod by_mail;
mod challenge;
mod cookie_headers;
mod email;
mod link;
mod login;
mod logout;
mod me;
mod password;
mod proof;
mod refresh;
mod register;
mod sessions;
mod upgrade;
mod verify;

use std::sync::Arc;

use axum::middleware;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::never_stored;
use crate::issuer::Issuer;

pub(super) fn routes() -> OpenApiRouter<Arc<Issuer>> {
    OpenApiRouter::new()
        .routes(routes!(register::register))
        .routes(routes!(verify::verify))
        .routes(routes!(login::mail::ask))
        .routes(routes!(login::mail::confirm))
        .routes(routes!(challenge::challenge))
        .routes(routes!(anonymous::redeem))
        .routes(routes!(upgrade::upgrade))
        .routes(routes!(me::show, me::rename, me::delete))
        .routes(routes!(me::export::export))
        .routes(routes!(password::change))
        .routes(routes!(password::forgot::forgot))
        .routes(routes!(password::reset::reset))
        .routes(routes!(email::ask))
        .routes(routes!(email::confirm::confirm))
        .routes(routes!(link::show))
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
