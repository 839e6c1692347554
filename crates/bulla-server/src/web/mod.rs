//! The start page and its files, embedded.

mod files;

use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bulla_guard::problem::Code;

use crate::edge::{frame::framed, refused::Refused};

/// The paths this router answers, as the gateway's routes spell them.
pub const PATHS: [&str; 2] = ["/", "/assets/{*file}"];

/// Nothing is loaded from elsewhere, nothing inline runs, and nobody may frame the page.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `GET /` (the start page) and `GET /assets/…` (what it loads).
///
/// Every answer carries a content security policy without `unsafe-…`, `nosniff`, and an `ETag` by
/// which an unchanged file is answered 304. Text is compressed for who takes gzip.
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
    let Some(found) = files::find(path, request) else {
        return Refused::new(Code::NotFound, "there is no such file").into_response();
    };
    let known = request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .any(|value| names(value, &found.tag));
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    let (media_type, cached) = kind(path);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cached));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::try_from(found.tag) {
        headers.insert(header::ETAG, tag);
    }
    for (name, value) in SECURITY_HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    if let Some(encoding) = found.encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    *response.body_mut() = Body::from(found.bytes);
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

/// Whether an `If-None-Match` names the tag (RFC 9110, 13.1.2: weak comparison, a list, or `*`).
fn names(value: &HeaderValue, tag: &str) -> bool {
    let Ok(list) = value.to_str() else {
        return false;
    };
    list.split(',')
        .map(str::trim)
        .any(|item| item == "*" || item.trim_start_matches("W/") == tag)
}

/// Modules and styles belong together: what is kept of them is asked about before each use. A font is the same for long.
const ASKED: &str = "no-cache";
const A_WEEK: &str = "public, max-age=604800";

/// A file's media type, and how long it may be kept.
fn kind(path: &str) -> (&'static str, &'static str) {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => ("text/html; charset=utf-8", ASKED),
        Some("css") => ("text/css; charset=utf-8", ASKED),
        Some("js") => ("text/javascript; charset=utf-8", ASKED),
        Some("svg") => ("image/svg+xml", ASKED),
        Some("woff2") => ("font/woff2", A_WEEK),
        Some("txt") => ("text/plain; charset=utf-8", ASKED),
        _ => ("application/octet-stream", ASKED),
    }
}
