//! Requests that may be sent a second time.
//!
//! An upstream may close a connection just when a request is on its way to it, and nobody can tell whether it read the
//! request (RFC 9112 section 9.3.1). Of HTTP/2, it can often be told (RFC 9113 section 8.7).

use http::{Method, Request};

use super::fate::Fate;
use crate::body::Body;

/// What can be sent if a request gets lost: a copy, in the place that the request was taken from.
pub(super) struct Spare {
    /// Sent twice, it does no more than sent once.
    changes_nothing: bool,
}

impl Spare {
    /// Takes the request, and leaves a copy: of what changes nothing, and has no bytes that are gone by then; over HTTP/2, of
    /// all whose bytes can be had again.
    pub(super) fn take(
        request: &mut Request<Body>,
        over_http2: bool,
    ) -> (Request<Body>, Option<Self>) {
        let safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
        let changes_nothing = safe && http_body::Body::is_end_stream(request.body());
        let taken = std::mem::take(request);
        if !changes_nothing && !over_http2 {
            return (taken, None);
        }
        let Some(body) = taken.body().again() else {
            return (taken, None);
        };
        *request.body_mut() = body;
        *request.method_mut() = taken.method().clone();
        *request.uri_mut() = taken.uri().clone();
        *request.version_mut() = taken.version();
        *request.headers_mut() = taken.headers().clone();
        (taken, Some(Self { changes_nothing }))
    }

    /// Whether the copy may be sent after the first one has met with this.
    pub(super) fn may_be_sent(&self, copy: &Request<Body>, fate: Fate) -> bool {
        match fate {
            Fate::Untouched | Fate::Refused => copy.body().is_whole(),
            Fate::Unknown => self.changes_nothing,
            // It would be again.
            Fate::Garbled | Fate::Reset => false,
        }
    }
}
