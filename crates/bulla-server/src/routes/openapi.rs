//! `GET /openapi.json`

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use bulla_guard::client::CookieNames;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document,
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
    },
};

/// What the document says besides its routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Bulla",
        description = "Accounts, sessions and tokens. Every refusal is application/problem+json \
            (RFC 9457) with a stable `code`; unknown fields in a request are refused. `/oauth2/…` is as RFC 6749 says instead.",
        license(name = "Apache-2.0 OR MIT"),
    ),
    modifiers(&Schemes),
    tags(
        (name = "authentication", description = "Sign up, sign in, stay signed in, sign out."),
        (name = "anonymous", description = "A token for a proof of work, without an account; and the way to one."),
        (name = "account", description = "The signed-in user's own account."),
        (name = "oauth2", description = "Tokens for services, after RFC 6749: forms in, and refusals in its words."),
        (name = "metadata", description = "What clients and gateways need to know of the issuer."),
    ),
)]
struct Frame;

/// Where a token may be.
struct Schemes;

/// The same for the whole life of the process.
static DOCUMENT: LazyLock<String> = LazyLock::new(document);

impl Modify for Schemes {
    fn modify(&self, document: &mut Document) {
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.bearer_format = Some("JWT".to_owned());
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let client = Http::new(HttpAuthScheme::Basic);
        components.add_security_scheme("client", SecurityScheme::Http(client));
        let names = CookieNames::Host;
        for (scheme, name) in [
            ("cookie", names.access()),
            ("refresh_cookie", names.refresh()),
        ] {
            let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(name)));
            components.add_security_scheme(scheme, cookie);
        }
    }
}

pub(crate) fn frame() -> Document {
    let mut document = Frame::openapi();
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    document
}

/// The description of the public API: OpenAPI 3.1, as JSON.
#[must_use]
pub fn document() -> String {
    to_json(&super::described().into_openapi())
}

pub(crate) fn to_json(document: &Document) -> String {
    document
        .to_pretty_json()
        .expect("the document has text for keys only")
}

/// This description.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "metadata",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")),
)]
pub(super) async fn show() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, DOCUMENT.as_str()).into_response()
}
