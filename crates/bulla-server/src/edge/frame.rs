//! What surrounds the routes of every router.

use axum::{Router, middleware};

use super::refused::{answer_problems, unknown_path, wrong_method};

/// The routes with their fallbacks; refusals become problem+json.
pub(crate) fn framed<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    routes
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn(answer_problems))
}
