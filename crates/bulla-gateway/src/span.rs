//! Where the gateway reports the requests that belong to a trace.

use std::{net::IpAddr, time::Duration};

use http::{Method, StatusCode, Version};

/// Takes note of requests that are over.
pub trait SpanSink: Send + Sync + 'static {
    /// A request of a sampled trace is over just now. Called on the request path: it must never block, and may drop what it
    /// cannot take.
    fn record(&self, span: &Span<'_>);
}

/// A request that is over, as a span of its trace. It has neither a query nor a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span<'request> {
    /// The trace, never all zeros.
    pub trace: [u8; 16],
    /// The span, never all zeros: what the target was told to be its parent.
    pub id: [u8; 8],
    /// The client's span; `None`: the trace was begun here.
    pub parent: Option<[u8; 8]>,
    /// From the head of the request to the head of its answer.
    pub duration: Duration,
    /// As in `X-Request-Id`.
    pub request_id: &'request str,
    /// The request's method.
    pub method: &'request Method,
    /// The version of HTTP that the client speaks.
    pub version: Version,
    /// Whether the client came by TLS, to the gateway or to a trusted proxy.
    pub secure: bool,
    /// The host that was asked for, without a port; `None`: it was refused, or there was none.
    pub host: Option<&'request str>,
    /// The canonical path, if [`AccessLog::path`](crate::AccessLog::path) lets it be told.
    pub path: Option<&'request str>,
    /// The pattern of the route; `None`: there is none for it.
    pub route: Option<&'request str>,
    /// The client's address, if [`AccessLog::address`](crate::AccessLog::address) lets it be told.
    pub address: Option<IpAddr>,
    /// The token's subject, if [`AccessLog::subject`](crate::AccessLog::subject) lets it be told.
    pub subject: Option<&'request str>,
    /// What the client was told; `None`: it did not wait.
    pub status: Option<StatusCode>,
    /// The code of the refusal, as in the log; `None`: the target answered.
    pub refusal: Option<&'static str>,
    /// The upstream that was asked, and how long it took.
    pub upstream: Option<(&'request str, Duration)>,
}
