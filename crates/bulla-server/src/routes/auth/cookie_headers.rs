//! What requests say that use or ask for cookies. The gateway reads it: routes see what it found.

use serde::Deserialize;
use utoipa::IntoParams;

/// Of requests that are answered with tokens.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(
    dead_code,
    reason = "it describes the API, and nothing is read into it"
)]
pub(super) struct ModeHeader {
    /// `cookie`: the tokens shall be cookies, as with `mode` in the body.
    #[serde(rename = "X-Bulla-Mode")]
    mode: Option<String>,
}

/// Of requests that change something.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(
    dead_code,
    reason = "it describes the API, and nothing is read into it"
)]
pub(super) struct CsrfHeader {
    /// `1`: needed, with an `Origin` that is allowed, where cookies are used or asked for.
    #[serde(rename = "X-Bulla-CSRF")]
    csrf: Option<String>,
}
