//! `GET /auth/link/{page}`: what links in letters lead to, and what these pages load

use axum::{http::HeaderMap, response::Response};

use crate::{
    edge::{location::PathSegment, problem_document::ProblemDocument},
    web,
};

/// A page with a button that uses the link. Opening it uses nothing.
#[utoipa::path(
    get,
    path = "/auth/link/{page}",
    tag = "account",
    params(("page" = String, Path, description = "`verify`, `reset`, `email` or `login`")),
    responses(
        (status = 200, description = "The page", content_type = "text/html"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show(PathSegment(page): PathSegment, headers: HeaderMap) -> Response {
    let path = match page.as_str() {
        "verify" | "reset" | "email" | "login" => "link/index.html",
        "link.js" => "link/link.js",
        "link.css" => "link/link.css",
        // What the page at `/` loads too, which may not be served.
        "favicon.svg" => "assets/favicon.svg",
        "seal.svg" => "assets/icons/seal.svg",
        "young-serif.woff2" => "assets/vendor/young-serif.woff2",
        "hanken-grotesk.woff2" => "assets/vendor/hanken-grotesk.woff2",
        _ => "",
    };
    web::answer(path, &headers)
}
