//! Requests that may be sent a second time.
//!
//! An upstream may close a connection just when a request is on its way to it, and nobody can tell whether it read the
//! request (RFC 9112 section 9.3.1).

use http::{Method, Request};

use crate::body::Body;

/// A copy to be sent if the first one gets lost: only of what changes nothing, and has no bytes that are gone by then.
pub(super) fn copy(request: &Request<Body>) -> Option<Request<Body>> {
    let changes_nothing = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    if !changes_nothing || !http_body::Body::is_end_stream(request.body()) {
        return None;
    }
    let mut copy = Request::new(Body::empty());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    *copy.headers_mut() = request.headers().clone();
    Some(copy)
}

/// Whether the connection ended without an answer. An answer that is none would be none again.
pub(super) fn is_worth_it(error: &hyper::Error) -> bool {
    !error.is_parse() && !error.is_user()
}
