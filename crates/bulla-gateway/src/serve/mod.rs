//! Accepting connections, and ending them.

mod connection;
mod crew;
mod entrance;
mod first_bytes;
mod proxy_protocol;
mod redirect;
mod stream_deadline;
mod write_deadline;

use std::{
    future::Future, io, net::IpAddr, num::NonZeroUsize, pin::pin, sync::Arc, time::Duration,
};

use hyper_util::{rt::TokioTimer, server::conn::auto};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

use self::{connection::Phase, crew::Crew, redirect::Porter, stream_deadline::StreamDeadline};
pub use self::{entrance::Entrance, redirect::Redirect};
use crate::{Gateway, limit::Seat, settings::Timeouts, steps::framing::MAX_HEAD_BYTES};

/// Streams that one HTTP/2 connection may have open.
const MAX_STREAMS: u32 = 128;

/// Bytes of an answer that wait for one HTTP/2 stream's window.
const MAX_STREAM_BACKLOG: usize = 64 * 1024;

/// How long nothing is accepted after the system ran out of descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How a drain ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// Every request in flight was answered.
    Completely,
    /// The deadline came first.
    AtDeadline {
        /// Connections that were cut off.
        cut_off: usize,
    },
}

/// Answers HTTP/1.1 and HTTP/2 on a listener until `shutdown` is done: which of them, a TLS handshake has agreed on, or
/// the first bytes say. Then no connection is accepted any more, idle ones and WebSockets are closed, and requests in
/// flight end, until [`Timeouts::drain`](crate::Timeouts::drain) has passed: what is left then is cut off.
///
/// Several listeners may share a gateway. All happens on the runtime that this is called on.
pub async fn serve(
    listener: TcpListener,
    entrance: Entrance,
    gateway: Arc<Gateway>,
    shutdown: impl Future<Output = ()> + Send,
) -> Drained {
    let crew = Crew::here(&gateway, entrance);
    answer_until(listener, &gateway, &crew, shutdown).await
}

/// As [`serve`], with so many threads for the connections, each with a runtime of its own: a connection stays with the
/// thread that has the fewest of them when it comes, and so do the upstream's connections that its requests use. What
/// services in this process do, happens on the runtime that this is called on, where it holds no other request up.
///
/// # Errors
/// The system has no threads left. Nothing was accepted.
pub async fn serve_on_threads(
    listener: TcpListener,
    entrance: Entrance,
    gateway: Arc<Gateway>,
    threads: NonZeroUsize,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<Drained> {
    let crew = Crew::on_threads(&gateway, entrance, threads)?;
    let drained = answer_until(listener, &gateway, &crew, shutdown).await;
    crew.end().await;
    Ok(drained)
}

/// Answers every request on a listener by where to go instead, until `shutdown` is done; it ends as [`serve`] does. The
/// limits on connections and heads are those of the gateway.
pub async fn serve_redirects(
    listener: TcpListener,
    redirect: Redirect,
    gateway: Arc<Gateway>,
    shutdown: impl Future<Output = ()> + Send,
) -> Drained {
    let porter = Porter::new(redirect, Arc::clone(&gateway));
    let take = |stream, _, phase, seat| porter.take(stream, phase, seat);
    let phase = accept_until(listener, &gateway, take, shutdown).await;
    drain(&phase, gateway.settings.timeouts.drain).await
}

async fn answer_until(
    listener: TcpListener,
    gateway: &Arc<Gateway>,
    crew: &Crew,
    shutdown: impl Future<Output = ()> + Send,
) -> Drained {
    // Ends with this call.
    let mut checks = JoinSet::new();
    checks.spawn(Arc::clone(gateway).check_servers());
    checks.spawn(Arc::clone(gateway).watch_standings());
    let take = |stream, peer, phase, seat| crew.take(stream, peer, phase, seat);
    let phase = accept_until(listener, gateway, take, shutdown).await;
    gateway.close_tunnels();
    drain(&phase, gateway.settings.timeouts.drain).await
}

/// Hands over every connection that comes, with the phase that all of them watch and the seat that it takes. One for whose
/// address there is none is closed.
async fn accept_until(
    listener: TcpListener,
    gateway: &Gateway,
    take: impl Fn(TcpStream, IpAddr, watch::Receiver<Phase>, Seat),
    shutdown: impl Future<Output = ()> + Send,
) -> watch::Sender<Phase> {
    let phase = watch::Sender::new(Phase::Serving);
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => return phase,
        };
        match accepted {
            Ok((stream, peer)) => {
                if !gateway.drops(peer.ip())
                    && let Some(seat) = gateway.seat(peer.ip())
                {
                    take(stream, peer.ip(), phase.subscribe(), seat);
                }
            }
            Err(error) => recover(&error).await,
        }
    }
}

fn builder(timeouts: &Timeouts) -> auto::Builder<StreamDeadline> {
    let mut builder = auto::Builder::new(StreamDeadline::new(timeouts.write));
    // A head has to fit the buffer, so the one limit is the other. How many headers there may be is left to hyper: its
    // limit is ours, and setting it would move them to the heap.
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(timeouts.head)
        .max_buf_size(MAX_HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(timeouts.head)
        .keep_alive_timeout(timeouts.head)
        .max_header_list_size(u32::try_from(MAX_HEAD_BYTES).unwrap_or(u32::MAX))
        .max_concurrent_streams(MAX_STREAMS)
        .max_send_buf_size(MAX_STREAM_BACKLOG);
    builder
}

/// A connection that died before it was accepted is nobody's problem; anything else would fail again at once.
async fn recover(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    if ![ConnectionAborted, ConnectionReset, Interrupted].contains(&error.kind()) {
        tracing::error!(%error, "no connection can be accepted");
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}

async fn drain(phase: &watch::Sender<Phase>, deadline: Duration) -> Drained {
    phase.send_replace(Phase::Draining);
    if tokio::time::timeout(deadline, phase.closed()).await.is_ok() {
        return Drained::Completely;
    }
    let cut_off = phase.receiver_count();
    phase.send_replace(Phase::CutOff);
    phase.closed().await;
    Drained::AtDeadline { cut_off }
}
