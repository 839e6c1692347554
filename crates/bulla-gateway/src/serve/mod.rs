//! Accepting connections, and ending them.

mod connection;
mod conversation;
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

use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

use self::{conversation::Phase, crew::Crew, redirect::Porter};
pub use self::{entrance::Entrance, redirect::Redirect};
use crate::{Gateway, limit::Seat};

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
    let take = |stream, _, seat| porter.take(stream, seat);
    accept_until(listener, &gateway, take, shutdown).await;
    drain(&[porter.phase()], gateway.settings.timeouts.drain).await
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
    let take = |stream, peer, seat| crew.take(stream, peer, seat);
    accept_until(listener, gateway, take, shutdown).await;
    gateway.close_tunnels();
    drain(&crew.phases(), gateway.settings.timeouts.drain).await
}

/// Hands over every connection that comes, with the seat that it takes. One for whose address there is none is closed.
async fn accept_until(
    listener: TcpListener,
    gateway: &Gateway,
    take: impl Fn(TcpStream, IpAddr, Seat),
    shutdown: impl Future<Output = ()> + Send,
) {
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                if !gateway.drops(peer.ip())
                    && let Some(seat) = gateway.seat(peer.ip())
                {
                    take(stream, peer.ip(), seat);
                }
            }
            Err(error) => recover(&error).await,
        }
    }
}

/// A connection that died before it was accepted is nobody's problem; anything else would fail again at once.
async fn recover(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    if ![ConnectionAborted, ConnectionReset, Interrupted].contains(&error.kind()) {
        tracing::error!(%error, "no connection can be accepted");
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}

/// Ends the connections that watch one of these phases.
async fn drain(phases: &[&watch::Sender<Phase>], deadline: Duration) -> Drained {
    let tell = |now| {
        for phase in phases {
            phase.send_replace(now);
        }
    };
    let ended = async || {
        for phase in phases {
            phase.closed().await;
        }
    };
    tell(Phase::Draining);
    if tokio::time::timeout(deadline, ended()).await.is_ok() {
        return Drained::Completely;
    }
    let cut_off = phases.iter().map(|phase| phase.receiver_count()).sum();
    tell(Phase::CutOff);
    ended().await;
    Drained::AtDeadline { cut_off }
}
