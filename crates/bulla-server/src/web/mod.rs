//! The start page and its files, embedded.

use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bulla_guard::problem::Code;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::edge::{frame::framed, refused::Refused};

/// The paths this router answers, as the gateway's routes spell them.
pub const PATHS: [&str; 2] = ["/", "/assets/{*file}"];

/// Nothing is loaded from elsewhere, nothing inline runs, and nobody may frame the page.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[derive(RustEmbed)]
#[folder = "web/"]
struct Files;

/// `GET /` (the start page) and `GET /assets/…` (what it loads).
///
/// Every answer carries a content security policy without `unsafe-…`, `nosniff`, and an `ETag` by
/// which an unchanged file is answered 304.
pub fn router() -> Router {
    let routes = Router::new()
        .route(
            "/",
            get(async |headers: HeaderMap| answer("index.html", &headers)),
        )
        .route(
            "/assets/{*file}",
            get(async |Path(file): Path<String>, headers: HeaderMap| {
                answer(&format!("assets/{file}"), &headers)
            }),
        );
    framed(routes)
}

/// A file of the folder `web`.
pub(crate) fn answer(path: &str, request: &HeaderMap) -> Response {
    let Some(file) = Files::get(path) else {
        return Refused::new(Code::NotFound, "there is no such file").into_response();
    };
    let tag = entity_tag(&file);
    let known = request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .any(|value| names(value, &tag));
    let (status, body) = if known {
        (StatusCode::NOT_MODIFIED, Body::empty())
    } else {
        (StatusCode::OK, Body::from(file.data))
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(media_type(path)),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    for (name, value) in SECURITY_HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

const SECURITY_HEADERS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

fn entity_tag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    format!("\"{}\"", bulla_jose::base64url::encode(&hash[..16]))
}

/// Whether an `If-None-Match` names the tag (RFC 9110, 13.1.2: weak comparison, a list, or `*`).
fn names(value: &HeaderValue, tag: &str) -> bool {
    let Ok(list) = value.to_str() else {
        return false;
    };
    list.split(',')
        .map(str::trim)
        .any(|item| item == "*" || item.trim_start_matches("W/") == tag)
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
