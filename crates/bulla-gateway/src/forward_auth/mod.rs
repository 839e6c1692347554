//! Decisions for other proxies, which ask before they pass a request on themselves.
//!
//! The answer is about the request that the asking one [describes](original), and comes from the same steps as if that
//! request had come here: route, credential, CSRF, access policy.

mod advise;
mod original;

use http::{
    HeaderName, HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, HeaderMap},
};

pub(crate) use self::original::{BadQuestion, Original};
use crate::{body::Body, metrics::Verdict};

/// Says in a refusal which one it is, for whoever does not read bodies.
const CODE: HeaderName = HeaderName::from_static("x-bulla-code");

/// How a proxy asks, and which answers it understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskingProxy {
    /// Passes every refusal on as it is: Traefik, Caddy, HAProxy.
    Any,
    /// Knows 2xx, 401 and 403 only: nginx makes 500 of everything else. Every refusal but 401 becomes 403.
    Nginx,
    /// Asks with the client's own method and host, and the client's target as the question's query: all that Envoy can be
    /// told to write before a target is a prefix. It passes every refusal on.
    Envoy,
}

impl AskingProxy {
    /// Writes an answer in the way the proxy understands.
    pub(crate) fn translate(self, verdict: Verdict, response: &mut Response<Body>) {
        if verdict == Verdict::Accepted {
            return;
        }
        let code = HeaderValue::from_static(verdict.as_str());
        response.headers_mut().insert(CODE, code);
        if self == Self::Nginx && response.status() != StatusCode::UNAUTHORIZED {
            *response.status_mut() = StatusCode::FORBIDDEN;
        }
    }
}

/// The request may go on, with these identity headers.
fn passes(identity: HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.headers_mut() = identity;
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
