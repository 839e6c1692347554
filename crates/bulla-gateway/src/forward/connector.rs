//! Opening connections.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use http::Uri;
use hyper::{
    client::conn::{http1, http2},
    rt::{Read, Write},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::connect::HttpConnector,
    rt::{TokioExecutor, TokioTimer},
};
use tower::{BoxError, ServiceExt as _};

use super::{early_answer::EarlyAnswer, streams::MAX_STREAMS};
use crate::{
    body::Body,
    rules::Rules,
    settings::{AssembleGatewayError, Timeouts},
    target::{Server, Target},
};

/// Bytes that one connection to an upstream reads ahead, and so what a client that does not read costs; an answer's head
/// must fit.
const MAX_BUFFER: usize = 64 * 1024;

/// How often an HTTP/2 connection is asked whether it is still there, and how long it has for an answer.
const PING_INTERVAL: Duration = Duration::from_secs(20);
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// Opens connections. Clones share the root certificates.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    plain: HttpConnector,
    tls: Arc<OnceLock<Tls>>,
}

/// By what is agreed on in the handshake (ALPN).
#[derive(Debug)]
struct Tls {
    http1: HttpsConnector<HttpConnector>,
    http2: HttpsConnector<HttpConnector>,
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
            let https = || -> std::io::Result<_> {
                Ok(HttpsConnectorBuilder::new()
                    .with_native_roots()?
                    .https_only())
            };
            let tls = Tls {
                http1: https()?.enable_http1().wrap_connector(plain.clone()),
                http2: https()?.enable_http2().wrap_connector(plain),
            };
            // Whoever was faster has read the same.
            let _ = self.tls.set(tls);
        }
        Ok(())
    }

    /// Opens a connection to a server that speaks HTTP/1.1.
    pub(super) async fn connect_http1(
        &self,
        server: &Server,
    ) -> Result<http1::SendRequest<Body>, BoxError> {
        let target = root_of(server)?;
        match self.tls.get() {
            Some(tls) if server.address.is_tls() => {
                open_http1(tls.http1.clone().oneshot(target).await?).await
            }
            _ => open_http1(self.plain.clone().oneshot(target).await?).await,
        }
    }

    /// Opens a connection to a server that speaks HTTP/2.
    pub(super) async fn connect_http2(
        &self,
        server: &Server,
    ) -> Result<http2::SendRequest<Body>, BoxError> {
        let target = root_of(server)?;
        match self.tls.get() {
            Some(tls) if server.address.is_tls() => {
                open_http2(tls.http2.clone().oneshot(target).await?).await
            }
            _ => open_http2(self.plain.clone().oneshot(target).await?).await,
        }
    }
}

fn root_of(server: &Server) -> Result<Uri, http::Error> {
    Uri::builder()
        .scheme(server.address.scheme.clone())
        .authority(server.address.authority.clone())
        .path_and_query("/")
        .build()
}

async fn open_http1<T>(io: T) -> Result<http1::SendRequest<Body>, BoxError>
where
    T: Read + Write + Unpin + Send + 'static,
{
    let io = EarlyAnswer::over(io);
    let handshake = http1::Builder::new().max_buf_size(MAX_BUFFER).handshake(io);
    let (sender, connection) = handshake.await?;
    tokio::spawn(async move {
        if let Err(error) = connection.with_upgrades().await {
            tracing::debug!(%error, "a connection to an upstream broke off");
        }
    });
    Ok(sender)
}

/// What a connection reads ahead is bounded by its windows: that of a stream as for HTTP/1.1, and that of the connection
/// so that streams whose clients do not read leave room for the others.
async fn open_http2<T>(io: T) -> Result<http2::SendRequest<Body>, BoxError>
where
    T: Read + Write + Unpin + Send + 'static,
{
    let window = u32::try_from(MAX_BUFFER)?;
    let all_windows = u32::try_from(MAX_BUFFER * MAX_STREAMS)?;
    let handshake = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .initial_stream_window_size(window)
        .initial_connection_window_size(all_windows)
        .max_header_list_size(window)
        .max_send_buf_size(MAX_BUFFER)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT)
        .keep_alive_while_idle(true)
        .handshake(io);
    let (sender, connection) = handshake.await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to an upstream broke off");
        }
    });
    Ok(sender)
}
