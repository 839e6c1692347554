//! Opening connections.

use std::{
    future::{Future as _, poll_fn},
    io,
    pin::Pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use http::Uri;
use hyper::{
    client::conn::{http1, http2},
    rt::{Read, Write},
};
use hyper_util::{
    client::legacy::connect::HttpConnector,
    rt::{TokioExecutor, TokioTimer},
};
use tower::{BoxError, ServiceExt as _};

use super::{early_answer::EarlyAnswer, stream::MAX_STREAMS, tls::Tls};
use crate::{
    body::Body,
    rules::Rules,
    settings::{AssembleGatewayError, Timeouts},
    target::{Server, Target, Upstream},
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
    system: Arc<OnceLock<Tls>>,
}

impl Connector {
    /// A connector that has not read the system's root certificates.
    pub(crate) fn new(timeouts: &Timeouts) -> Self {
        let mut plain = HttpConnector::new();
        plain.set_connect_timeout(Some(timeouts.connect));
        plain.set_nodelay(true);
        Self {
            plain,
            system: Arc::default(),
        }
    }

    /// Makes the servers of these rules ready to be connected to. Reads the system's root certificates if one needs them
    /// and they have not been read.
    pub(crate) fn prepare(&self, rules: &Rules) -> Result<(), AssembleGatewayError> {
        let targets = rules.routes.routes().iter().map(|route| &route.target);
        let upstreams = targets.filter_map(|target| match target {
            Target::Upstream(upstream) => Some(upstream),
            Target::Service(_) | Target::ForwardAuth(_) => None,
        });
        for server in upstreams.flat_map(Upstream::servers) {
            if server.address.is_tls() && server.tls.get().is_none() {
                let tls = match &server.authorities {
                    Some(authorities) => Tls::trusting(authorities, &self.plain),
                    None => self.system()?.clone(),
                };
                // Whoever was faster has set the same.
                let _ = server.tls.set(tls);
            }
        }
        Ok(())
    }

    fn system(&self) -> io::Result<&Tls> {
        if let Some(tls) = self.system.get() {
            return Ok(tls);
        }
        let tls = Tls::trusting_the_system(&self.plain)?;
        Ok(self.system.get_or_init(|| tls))
    }

    /// Opens a connection to a server that speaks HTTP/1.1.
    pub(super) async fn connect_http1(
        &self,
        server: &Server,
    ) -> Result<http1::SendRequest<Body>, BoxError> {
        let target = root_of(server)?;
        // Without TLS, a plain connector refuses a target that is to have it.
        match server.tls.get() {
            Some(tls) => open_http1(tls.http1.clone().oneshot(target).await?).await,
            None => open_http1(self.plain.clone().oneshot(target).await?).await,
        }
    }

    /// Opens a connection to a server that speaks HTTP/2. `allows` is told again and again how many streams the server lets be
    /// open: none, until it has said so.
    pub(super) async fn connect_http2(
        &self,
        server: &Server,
        allows: impl FnMut(usize) + Send + 'static,
    ) -> Result<http2::SendRequest<Body>, BoxError> {
        let target = root_of(server)?;
        match server.tls.get() {
            Some(tls) => open_http2(tls.http2.clone().oneshot(target).await?, allows).await,
            None => open_http2(self.plain.clone().oneshot(target).await?, allows).await,
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
///
/// No stream is opened before the server has said how many may be: those beyond would wait for others to end, or be
/// refused, though there could be another connection for them.
async fn open_http2<T>(
    io: T,
    mut allows: impl FnMut(usize) + Send + 'static,
) -> Result<http2::SendRequest<Body>, BoxError>
where
    T: Read + Write + Unpin + Send + 'static,
{
    let window = u32::try_from(MAX_BUFFER)?;
    let all_windows = u32::try_from(MAX_BUFFER * MAX_STREAMS)?;
    let handshake = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .initial_max_send_streams(0)
        .initial_stream_window_size(window)
        .initial_connection_window_size(all_windows)
        .max_header_list_size(window)
        .max_send_buf_size(MAX_BUFFER)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT)
        .keep_alive_while_idle(true)
        .handshake(io);
    let (sender, mut connection) = handshake.await?;
    tokio::spawn(async move {
        let ended = poll_fn(|context| {
            let polled = Pin::new(&mut connection).poll(context);
            allows(connection.current_max_send_streams());
            polled
        });
        if let Err(error) = ended.await {
            tracing::debug!(%error, "a connection to an upstream broke off");
        }
    });
    Ok(sender)
}
