//! Sending a request to an upstream.
//!
//! [`Forwarder`] is all that the gateway knows of connections: another pool can take its place behind the same call.

pub(crate) mod outgoing;
mod patience;
mod tunnel;

use std::error::Error as _;

use bulla_guard::problem::Code;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};

use crate::{
    body::{Body, BodyError},
    settings::{AssembleGatewayError, Timeouts},
};

/// Keeps connections to upstreams and sends requests over them, HTTP/1.1.
#[derive(Debug)]
pub(crate) struct Forwarder {
    plain: Client<HttpConnector, Body>,
    tls: Option<Client<HttpsConnector<HttpConnector>, Body>>,
}

/// An upstream did not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ForwardError {
    /// It could not be reached, or broke off before it answered.
    #[error("the upstream is unavailable")]
    Unavailable(#[source] Error),
    /// It switched protocols although nobody asked, or to another one.
    #[error("the upstream switched protocols unasked")]
    BadUpgrade,
    /// It had everything and did not answer in time.
    #[error("the upstream timed out")]
    TimedOut,
    /// The client sent more than the route's limit.
    #[error("the body is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    /// The client went away amid its body.
    #[error("the client's body broke off")]
    ClientBroke,
    /// The client stopped sending amid its body.
    #[error("the client stopped sending")]
    ClientStalled,
}

impl ForwardError {
    /// The code under which it counts as the upstream's failure; `None` if it is the client's.
    pub(crate) const fn upstream_failure(&self) -> Option<Code> {
        match self {
            Self::Unavailable(_) | Self::BadUpgrade => Some(Code::UpstreamUnavailable),
            Self::TimedOut => Some(Code::UpstreamTimeout),
            Self::TooLarge { .. } | Self::ClientBroke | Self::ClientStalled => None,
        }
    }
}

impl ForwardError {
    /// The error and all that it came from, for the log.
    pub(crate) fn cause(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(inner) = cause {
            text.push_str(": ");
            text.push_str(&inner.to_string());
            cause = inner.source();
        }
        text
    }
}

impl Forwarder {
    /// A forwarder without connections. The root certificates are read only if some upstream needs them.
    pub(crate) fn new(timeouts: &Timeouts, needs_tls: bool) -> Result<Self, AssembleGatewayError> {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(timeouts.connect));
        connector.set_nodelay(true);
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .pool_idle_timeout(timeouts.upstream_idle)
            .pool_timer(TokioTimer::new())
            .set_host(false);
        let plain = builder.build(connector.clone());
        let tls = if needs_tls {
            connector.enforce_http(false);
            let https = HttpsConnectorBuilder::new()
                .with_native_roots()?
                .https_only()
                .enable_http1();
            Some(builder.build(https.wrap_connector(connector)))
        } else {
            None
        };
        Ok(Self { plain, tls })
    }

    /// Sends a request whose URI says where to; the head of the answer.
    ///
    /// A request is sent again, by itself, only if a kept-alive connection closed before any of it was sent.
    pub(crate) async fn send(
        &self,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, ForwardError> {
        let secure = request.uri().scheme() == Some(&http::uri::Scheme::HTTPS);
        let sent = match &self.tls {
            Some(tls) if secure => tls.request(request),
            _ => self.plain.request(request),
        };
        sent.await.map_err(blame)
    }
}

/// Whose fault it is: an error of the client's body comes back wrapped in those of the connection to the upstream.
fn blame(error: Error) -> ForwardError {
    let mut cause = error.source();
    while let Some(inner) = cause {
        match inner.downcast_ref::<BodyError>() {
            Some(BodyError::TooLarge { limit }) => return ForwardError::TooLarge { limit: *limit },
            Some(BodyError::Client(_)) => return ForwardError::ClientBroke,
            _ => cause = inner.source(),
        }
    }
    ForwardError::Unavailable(error)
}
