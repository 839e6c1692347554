//! Requests that may be sent a second time.
//!
//! An upstream may close a connection just when a request is on its way to it, and nobody can tell whether it read the
//! request (RFC 9112 section 9.3.1). Of HTTP/2, it can often be told (RFC 9113 section 8.7).

use http::{Method, Request};

use super::fate::Fate;
use crate::body::Body;

/// A request once more, in case the first one gets lost.
pub(super) struct Spare {
    request: Request<Body>,
    /// Sent twice, it does no more than sent once.
    changes_nothing: bool,
}

impl Spare {
    /// Of what changes nothing, and has no bytes that are gone by then; over HTTP/2, of all whose bytes can be had again.
    pub(super) fn of(request: &Request<Body>, over_http2: bool) -> Option<Self> {
        let safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
        let changes_nothing = safe && http_body::Body::is_end_stream(request.body());
        if !changes_nothing && !over_http2 {
            return None;
        }
        let mut copy = Request::new(request.body().again()?);
        *copy.method_mut() = request.method().clone();
        *copy.uri_mut() = request.uri().clone();
        *copy.version_mut() = request.version();
        *copy.headers_mut() = request.headers().clone();
        Some(Self {
            request: copy,
            changes_nothing,
        })
    }

    /// The request, if it may be sent after the first one has met with this.
    pub(super) fn after(self, fate: Fate) -> Option<Request<Body>> {
        let may_be_sent = match fate {
            Fate::Untouched | Fate::Refused => self.request.body().is_whole(),
            Fate::Unknown => self.changes_nothing,
            // It would be again.
            Fate::Garbled | Fate::Reset => false,
        };
        may_be_sent.then_some(self.request)
    }
}
