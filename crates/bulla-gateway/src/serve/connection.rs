//! One connection, from accept to its end.

use std::{
    convert::Infallible, future::Future, io, net::IpAddr, pin::pin, sync::Arc, time::Duration,
};

use bulla_guard::abuse::Offence;
use http::{Request, Response, header::STRICT_TRANSPORT_SECURITY};
use hyper::{
    body::Incoming,
    service::{Service, service_fn},
};
use hyper_util::{rt::TokioIo, server::conn::auto};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::watch,
    time::timeout,
};

use super::{
    entrance::{Entered, Entrance, Stream},
    first_bytes::{FirstBytes, Protocol},
    stream_deadline::StreamDeadline,
};
use crate::{body::Body, worker::Worker};

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
    pub(super) entrance: Arc<Entrance>,
    pub(super) worker: Arc<Worker>,
    pub(super) builder: Arc<auto::Builder<StreamDeadline>>,
    /// Held to the end: the drain waits until all are gone.
    pub(super) phase: watch::Receiver<Phase>,
}

impl Connection {
    /// Answers its requests until it ends.
    pub(super) async fn run(mut self) {
        let worker = Arc::clone(&self.worker);
        let _open = worker
            .gateway
            .metrics
            .traffic
            .of(worker.number)
            .connection();
        let timeouts = self.worker.gateway.settings.timeouts;
        let gateway = &self.worker.gateway;
        // Boxed, like what follows: a connection has room for one phase at a time.
        let entering = Box::pin(self.entrance.pass(self.stream, self.peer, gateway));
        let entered = tokio::select! {
            entered = timeout(timeouts.handshake, entering) => entered,
            _ = self.phase.wait_for(|phase| *phase >= Phase::Draining) => return,
        };
        let entered = entered.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        let Entered {
            stream,
            peer,
            protocol,
        } = match entered {
            Ok(entered) => entered,
            Err(error) => return tracing::debug!(%error, "a connection ended before it began"),
        };
        let (worker, gateway) = (self.worker, Arc::clone(&worker.gateway));
        let hsts = self.entrance.tls.as_ref().and_then(|tls| tls.hsts.clone());
        let service = service_fn(move |request| {
            let (worker, hsts) = (Arc::clone(&worker), hsts.clone());
            // Boxed, so that a connection has room for it only while it is answered.
            Box::pin(async move {
                let mut response = worker.answer(request, peer).await;
                if let Some(hsts) = hsts {
                    let headers = response.headers_mut();
                    headers.insert(STRICT_TRANSPORT_SECURITY, hsts);
                }
                Ok(response)
            })
        });
        let conversation = Conversation {
            head: timeouts.head,
            builder: self.builder,
            phase: self.phase,
        };
        let spoke_http = match stream {
            Stream::Plain(stream) => Box::pin(conversation.hold(stream, protocol, service)).await,
            Stream::Secure(stream) => Box::pin(conversation.hold(stream, protocol, service)).await,
        };
        if !spoke_http {
            gateway.offended(peer.address, Offence::MalformedRequest);
        }
    }
}

/// What a connection is for, once it has come in.
pub(super) struct Conversation {
    /// How long its first bytes may take.
    pub(super) head: Duration,
    pub(super) builder: Arc<auto::Builder<StreamDeadline>>,
    /// As in [`Connection`].
    pub(super) phase: watch::Receiver<Phase>,
}

impl Conversation {
    /// Answers all requests. `agreed`: the protocol, if another one would be a breach. Whether all that came was HTTP: what is
    /// not is refused before it is a request.
    pub(super) async fn hold<I, S>(mut self, io: I, agreed: Option<Protocol>, service: S) -> bool
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        S: Service<Request<Incoming>, Response = Response<Body>, Error = Infallible>,
        S::Future: Future + Send + 'static,
    {
        let io = TokioIo::new(FirstBytes::new(io, agreed, self.head));
        let mut connection = pin!(self.builder.serve_connection_with_upgrades(io, service));
        let ended = tokio::select! {
            ended = &mut connection => Some(ended),
            _ = self.phase.wait_for(|phase| *phase >= Phase::Draining) => None,
        };
        let ended = match ended {
            Some(ended) => ended,
            None => {
                connection.as_mut().graceful_shutdown();
                tokio::select! {
                    ended = connection => ended,
                    _ = self.phase.wait_for(|phase| *phase == Phase::CutOff) => Ok(()),
                }
            }
        };
        let Err(error) = ended else {
            return true;
        };
        tracing::debug!(%error, "a connection broke off");
        let error = error.downcast_ref::<hyper::Error>();
        !error.is_some_and(hyper::Error::is_parse)
    }
}
