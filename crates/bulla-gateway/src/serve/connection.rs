//! One connection, from accept to its end.

use std::{convert::Infallible, net::IpAddr, pin::pin, sync::Arc};

use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{net::TcpStream, sync::watch};

use super::{first_bytes::FirstBytes, write_deadline::WriteDeadline};
use crate::worker::Worker;

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

/// A connection that was accepted.
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    pub(super) peer: IpAddr,
    pub(super) worker: Arc<Worker>,
    pub(super) builder: Arc<auto::Builder<TokioExecutor>>,
    /// Held to the end: the drain waits until all are gone.
    pub(super) phase: watch::Receiver<Phase>,
}

impl Connection {
    /// Answers its requests until it ends.
    pub(super) async fn run(self) {
        let Self {
            stream,
            peer,
            worker,
            builder,
            mut phase,
        } = self;
        if let Err(error) = stream.set_nodelay(true) {
            return tracing::debug!(%error, "a connection ended before it began");
        }
        let timeouts = &worker.gateway.settings.timeouts;
        let stream = WriteDeadline::new(stream, timeouts.write);
        let io = TokioIo::new(FirstBytes::new(stream, timeouts.head));
        let service = service_fn(move |request| {
            let worker = Arc::clone(&worker);
            async move { Ok::<_, Infallible>(worker.answer(request, peer).await) }
        });
        let mut connection = pin!(builder.serve_connection_with_upgrades(io, service));
        let ended = tokio::select! {
            ended = &mut connection => Some(ended),
            _ = phase.wait_for(|phase| *phase >= Phase::Draining) => None,
        };
        let ended = match ended {
            Some(ended) => ended,
            None => {
                connection.as_mut().graceful_shutdown();
                tokio::select! {
                    ended = connection => ended,
                    _ = phase.wait_for(|phase| *phase == Phase::CutOff) => Ok(()),
                }
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection broke off");
        }
    }
}
