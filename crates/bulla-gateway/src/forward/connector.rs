//! Opening connections.

use std::sync::{Arc, OnceLock};

use http::Uri;
use hyper::{
    client::conn::http1::{self, SendRequest},
    rt::{Read, Write},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use tower::{BoxError, ServiceExt as _};

use crate::{
    body::Body,
    rules::Rules,
    settings::{AssembleGatewayError, Timeouts},
    target::{Server, Target},
};

/// Bytes that one connection to an upstream reads ahead, and so what a client that does not read costs; an answer's head
/// must fit.
const MAX_BUFFER: usize = 64 * 1024;

/// Opens connections. Clones share the root certificates.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    plain: HttpConnector,
    tls: Arc<OnceLock<HttpsConnector<HttpConnector>>>,
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

    /// Opens a connection to a server.
    pub(super) async fn connect(&self, server: &Server) -> Result<SendRequest<Body>, BoxError> {
        let target = Uri::builder()
            .scheme(server.address.scheme.clone())
            .authority(server.address.authority.clone())
            .path_and_query("/")
            .build()?;
        match self.tls.get() {
            Some(tls) if server.address.is_tls() => open(tls.clone().oneshot(target).await?).await,
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
