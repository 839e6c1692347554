//! HTTP on a connection, until it ends.

use std::{
    convert::Infallible, error::Error as _, future::Future, io, pin::Pin, sync::Arc, time::Duration,
};

use http::{Request, Response};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::Service,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
    time::timeout,
};

use super::{
    first_bytes::{self, Begun, Protocol},
    stream_deadline::StreamDeadline,
};
use crate::{body::Body, settings::Timeouts, steps::framing::MAX_HEAD_BYTES};

/// Streams that one HTTP/2 connection may have open.
const MAX_STREAMS: u32 = 128;

/// Bytes of an answer that wait for one HTTP/2 stream's window.
const MAX_STREAM_BACKLOG: usize = 64 * 1024;

/// How far a shutdown has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Nobody asked for one.
    Serving,
    /// Requests in flight end, no new ones begin.
    Draining,
    /// The deadline has passed.
    CutOff,
}

/// How HTTP is spoken.
pub(super) struct Protocols {
    /// How long the first bytes of a connection may take.
    head: Duration,
    http1: http1::Builder,
    http2: http2::Builder<StreamDeadline>,
}

/// What a connection is for, once it has come in.
pub(super) struct Conversation {
    pub(super) protocols: Arc<Protocols>,
    /// Held to the end: the drain waits until all are gone.
    pub(super) phase: watch::Receiver<Phase>,
}

impl Protocols {
    pub(super) fn new(timeouts: &Timeouts) -> Self {
        // A head has to fit the buffer, so the one limit is the other. How many headers there may be is left to hyper: its
        // limit is ours, and setting it would move them to the heap.
        let mut http1 = http1::Builder::new();
        http1
            .timer(TokioTimer::new())
            .header_read_timeout(timeouts.head)
            .max_buf_size(MAX_HEAD_BYTES);
        let mut http2 = http2::Builder::new(StreamDeadline::new(timeouts.write));
        http2
            .timer(TokioTimer::new())
            .keep_alive_interval(timeouts.head)
            .keep_alive_timeout(timeouts.head)
            .max_header_list_size(u32::try_from(MAX_HEAD_BYTES).unwrap_or(u32::MAX))
            .max_concurrent_streams(MAX_STREAMS)
            .max_send_buf_size(MAX_STREAM_BACKLOG);
        Self {
            head: timeouts.head,
            http1,
            http2,
        }
    }
}

impl Conversation {
    /// Answers all requests. `agreed`: the protocol, if another one would be a breach. Whether all that came was HTTP: what is
    /// not is refused before it is a request.
    pub(super) async fn hold<I, S>(
        mut self,
        mut io: I,
        agreed: Option<Protocol>,
        service: S,
    ) -> bool
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        S: Service<Request<Incoming>, Response = Response<Body>, Error = Infallible>,
        S::Future: Future + Send + 'static,
    {
        let begun = tokio::select! {
            begun = timeout(self.protocols.head, first_bytes::read(&mut io)) => begun,
            _ = self.phase.wait_for(|phase| *phase >= Phase::Draining) => return true,
        };
        let (protocol, first) = match begun.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        {
            Ok(begun) => begun,
            Err(error) => {
                tracing::debug!(%error, "a connection ended before it began");
                return true;
            }
        };
        if agreed.is_some_and(|agreed| agreed != protocol) {
            tracing::debug!("a connection does not speak what it agreed on");
            return true;
        }
        let io = TokioIo::new(Begun::new(io, first));
        // Boxed: what came before needs no room for it.
        let ended = match protocol {
            Protocol::Http1 => {
                let connection = self.protocols.http1.serve_connection(io, service);
                let stop = http1::UpgradeableConnection::graceful_shutdown;
                Box::pin(to_its_end(connection.with_upgrades(), stop, self.phase)).await
            }
            Protocol::Http2 => {
                let connection = self.protocols.http2.serve_connection(io, service);
                let stop = http2::Connection::graceful_shutdown;
                Box::pin(to_its_end(connection, stop, self.phase)).await
            }
        };
        let Err(error) = ended else {
            return true;
        };
        tracing::debug!(%error, "a connection broke off");
        !(error.is_parse() || is_breach(&error))
    }
}

/// Whether the client broke the rules of HTTP/2. Who floods is told to be calm, and that is all: a client may cancel much.
fn is_breach(error: &hyper::Error) -> bool {
    let cause = error
        .source()
        .and_then(|cause| cause.downcast_ref::<h2::Error>());
    cause.is_some_and(|error| {
        let breaches = [
            h2::Reason::PROTOCOL_ERROR,
            h2::Reason::COMPRESSION_ERROR,
            h2::Reason::FRAME_SIZE_ERROR,
            h2::Reason::FLOW_CONTROL_ERROR,
        ];
        error.is_library()
            && error
                .reason()
                .is_some_and(|reason| breaches.contains(&reason))
    })
}

/// `stop` lets requests in flight end, and no others begin.
async fn to_its_end<C>(
    connection: C,
    stop: fn(Pin<&mut C>),
    mut phase: watch::Receiver<Phase>,
) -> hyper::Result<()>
where
    C: Future<Output = hyper::Result<()>>,
{
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        ended = &mut connection => return ended,
        _ = phase.wait_for(|phase| *phase >= Phase::Draining) => stop(connection.as_mut()),
    }
    tokio::select! {
        ended = connection => ended,
        _ = phase.wait_for(|phase| *phase == Phase::CutOff) => Ok(()),
    }
}
