//! What surrounds the routes of every router.

use std::future::Future;

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use bulla_guard::problem::Code;

use super::refused::{Refused, answer_problems, unknown_path, wrong_method};

/// The routes with their fallbacks. Refusals become problem+json, and a request that was begun is finished.
pub(crate) fn framed<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    routes
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn(finish))
        .layer(middleware::from_fn(answer_problems))
}

/// Runs the request to its end even if the client hangs up. Otherwise a logout could be stopped between its commit and
/// its revocation, and its access token would live on in this process.
async fn finish(request: Request, next: Next) -> Response {
    to_the_end(next.run(request)).await
}

async fn to_the_end(answer: impl Future<Output = Response> + Send + 'static) -> Response {
    tokio::spawn(answer).await.unwrap_or_else(|_panicked| {
        Refused::new(Code::InternalError, "the request failed").into_response()
    })
}
