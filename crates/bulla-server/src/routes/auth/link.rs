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
    let file = match page.as_str() {
        "verify" | "reset" | "email" | "login" => "index.html",
        "link.js" | "link.css" => page.as_str(),
        _ => "",
    };
    web::answer(&format!("link/{file}"), &headers)
}
