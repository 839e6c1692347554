//! What requests say that send or ask for cookies. The gateway reads it: routes see what it found.

use serde::Deserialize;
use utoipa::IntoParams;

/// For clients that keep their tokens in cookies.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(
    dead_code,
    reason = "it describes the API, and nothing is read into it"
)]
pub(super) struct CookieHeaders {
    /// `cookie`: the tokens shall be cookies, as with `mode` in the body.
    #[serde(rename = "X-Bulla-Mode")]
    mode: Option<String>,
    /// `1`: needed, with an `Origin` that is allowed, wherever cookies are sent or asked for.
    #[serde(rename = "X-Bulla-CSRF")]
    csrf: Option<String>,
}
