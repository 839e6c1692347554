//! Sending a request to an upstream.
//!
//! [`Forwarder`] is all that the gateway knows of connections: another pool can take its place behind the same call.

mod activity;
pub(crate) mod outgoing;
mod patience;
mod pool;
mod retry;
mod tunnel;

use std::{
    error::Error as _,
    sync::{Arc, OnceLock},
};

use bulla_guard::problem::Code;
use http::{Request, Response, Uri, uri::Scheme};
use hyper::{
    body::Incoming,
    client::conn::http1::{self, SendRequest},
    rt::{Read, Write},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use tower::{BoxError, ServiceExt as _};

pub(crate) use self::pool::Lease;
use self::pool::Pool;
use crate::{
    body::{Body, BodyError},
    rules::Rules,
    settings::{AssembleGatewayError, Timeouts},
    target::{Server, Target},
};

/// Bytes that one connection to an upstream reads ahead, and so what a client that does not read costs; an answer's head
/// must fit.
const MAX_BUFFER: usize = 64 * 1024;

/// Keeps connections to upstreams and sends requests over them, HTTP/1.1. Its connections live on the runtime that it is
/// used on.
#[derive(Debug)]
pub(crate) struct Forwarder {
    connector: Connector,
    pool: Pool,
}

/// Opens connections. Clones share the root certificates.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    plain: HttpConnector,
    tls: Arc<OnceLock<HttpsConnector<HttpConnector>>>,
}

/// An upstream did not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ForwardError {
    /// It could not be reached, or broke off before it answered.
    #[error("the upstream is unavailable")]
    Unavailable(#[source] BoxError),
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
    /// The client stopped sending amid its body, or sent too little of it.
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

impl Connector {
    /// A connector that has not read the system's root certificates.
    pub(crate) fn new(timeouts: &Timeouts) -> Self {
        let mut plain = HttpConnector::new();
        plain.set_connect_timeout(Some(timeouts.connect));
        plain.set_nodelay(true);
        Self {
            plain,
            tls: Arc::default(),
        }
    }

    /// Reads the root certificates if a server of these rules needs them and they have not been read.
    pub(crate) fn prepare(&self, rules: &Rules) -> Result<(), AssembleGatewayError> {
        let needs_tls = rules
            .routes
            .routes()
            .iter()
            .any(|route| match &route.target {
                Target::Upstream(upstream) => upstream.needs_tls(),
                Target::Service(_) => false,
            });
        if needs_tls && self.tls.get().is_none() {
            let mut plain = self.plain.clone();
            plain.enforce_http(false);
            let https = HttpsConnectorBuilder::new()
                .with_native_roots()?
                .https_only()
                .enable_http1();
            // Whoever was faster has read the same.
            let _ = self.tls.set(https.wrap_connector(plain));
        }
        Ok(())
    }

    async fn connect(&self, server: &Server) -> Result<SendRequest<Body>, BoxError> {
        let target = Uri::builder()
            .scheme(server.scheme.clone())
            .authority(server.authority.clone())
            .path_and_query("/")
            .build()?;
        match self.tls.get() {
            Some(tls) if server.scheme == Scheme::HTTPS => {
                open(tls.clone().oneshot(target).await?).await
            }
            _ => open(self.plain.clone().oneshot(target).await?).await,
        }
    }
}

async fn open<T>(io: T) -> Result<SendRequest<Body>, BoxError>
where
    T: Read + Write + Unpin + Send + 'static,
{
    let handshake = http1::Builder::new().max_buf_size(MAX_BUFFER).handshake(io);
    let (sender, connection) = handshake.await?;
    tokio::spawn(async move {
        if let Err(error) = connection.with_upgrades().await {
            tracing::debug!(%error, "a connection to an upstream broke off");
        }
    });
    Ok(sender)
}

impl Forwarder {
    /// A forwarder without connections.
    pub(crate) fn new(connector: Connector, timeouts: &Timeouts) -> Self {
        Self {
            connector,
            pool: Pool::new(timeouts.upstream_idle),
        }
    }

    /// Sends a request in origin form; the head of the answer, and the connection to be given back after its end.
    ///
    /// A request is sent again, by itself, if a kept-alive connection closed before any of it was sent; and once, over a
    /// new connection, if the kept-alive one closed before an answer and sending it twice does no harm (RFC 9110 section
    /// 9.2.2).
    pub(crate) async fn send(
        &self,
        server: &Server,
        mut request: Request<Body>,
    ) -> Result<(Response<Incoming>, Lease), ForwardError> {
        while let Some(mut sender) = self.pool.take(server) {
            let again = retry::copy(&request);
            match sender.try_send_request(request).await {
                Ok(response) => return Ok((response, self.pool.lease(server, sender))),
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => {
                        let error = error.into_error();
                        match again.filter(|_| retry::is_worth_it(&error)) {
                            Some(again) => request = again,
                            None => return Err(blame(error)),
                        }
                        break;
                    }
                },
            }
        }
        let connected = self.connector.connect(server).await;
        let mut sender = connected.map_err(ForwardError::Unavailable)?;
        let response = sender.send_request(request).await.map_err(blame)?;
        Ok((response, self.pool.lease(server, sender)))
    }
}

/// Whose fault it is: an error of the client's body comes back wrapped in those of the connection to the upstream.
fn blame(error: hyper::Error) -> ForwardError {
    let mut cause = error.source();
    while let Some(inner) = cause {
        match inner.downcast_ref::<BodyError>() {
            Some(BodyError::TooLarge { limit }) => return ForwardError::TooLarge { limit: *limit },
            Some(BodyError::Client(_)) => return ForwardError::ClientBroke,
            Some(BodyError::TooSlow) => return ForwardError::ClientStalled,
            _ => cause = inner.source(),
        }
    }
    ForwardError::Unavailable(error.into())
}
