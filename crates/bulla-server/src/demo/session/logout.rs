//! `POST /demo/session/logout`

use std::time::Instant;

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;

use super::cookie::{Presented, cleared};
use crate::{
    demo::{Demo, comparison::Timed},
    edge::{browser::Browser, cookies::SetCookies, json_body::OptionalJsonBody, refused::Refused},
};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(in crate::demo) struct LogoutRequest {
    /// Leaves the browser its cookie, as a thief would have a copy, so that the next request shows what that is worth.
    #[serde(default)]
    keep_cookie: bool,
}

/// Deletes the row, if it is there.
pub(in crate::demo) async fn logout(
    State(demo): State<Demo>,
    browser: Browser,
    presented: Presented,
    OptionalJsonBody(body): OptionalJsonBody<LogoutRequest>,
) -> Result<(SetCookies, Timed<StatusCode, 1>), Refused> {
    browser.meant()?;
    let began = Instant::now();
    demo.sessions
        .remove(presented.key)
        .await
        .map_err(Refused::repeatable)?;
    let write = began.elapsed();
    let cookies = match body.unwrap_or_default().keep_cookie {
        true => SetCookies::default(),
        false => cleared(demo.issuer.cookie_names())?,
    };
    let answer = Timed {
        answer: StatusCode::NO_CONTENT,
        spans: [("write", write)],
    };
    Ok((cookies, answer))
}
