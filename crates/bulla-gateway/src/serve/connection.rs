//! One connection, from accept to its end.

use std::{convert::Infallible, io, net::IpAddr, sync::Arc};

use bulla_guard::abuse::Offence;
use http::{HeaderValue, Request, Response, header::STRICT_TRANSPORT_SECURITY};
use hyper::{body::Incoming, service::service_fn};
use tokio::{net::TcpStream, sync::watch, time::timeout};

use super::{
    conversation::{Conversation, Phase, Protocols},
    entrance::{Entered, Entrance, Stream},
};
use crate::{body::Body, steps::client::Peer, worker::Worker};

/// A connection that was accepted.
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    pub(super) peer: IpAddr,
    pub(super) entrance: Arc<Entrance>,
    pub(super) worker: Arc<Worker>,
    pub(super) protocols: Arc<Protocols>,
    /// Held to the end: the drain waits until all are gone.
    pub(super) phase: watch::Receiver<Phase>,
}

/// Who is at the other end, and who answers.
struct Ends {
    peer: Peer,
    worker: Arc<Worker>,
    hsts: Option<HeaderValue>,
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
        let gateway = &self.worker.gateway;
        // Boxed: what follows needs no room for it.
        let entering = Box::pin(self.entrance.pass(self.stream, self.peer, gateway));
        let entered = tokio::select! {
            entered = timeout(gateway.settings.timeouts.handshake, entering) => entered,
            _ = self.phase.wait_for(|phase| *phase >= Phase::Draining) => return,
        };
        let entered = entered.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        let Entered {
            stream,
            peer,
            protocol,
            seat: _seat,
        } = match entered {
            Ok(entered) => entered,
            Err(error) => return tracing::debug!(%error, "a connection ended before it began"),
        };
        let address = peer.address;
        let ends = Arc::new(Ends {
            peer,
            worker: self.worker,
            hsts: self.entrance.tls.as_ref().and_then(|tls| tls.hsts.clone()),
        });
        // Boxed, so that a connection has room for an answer only while there is one.
        let service = service_fn(move |request| Box::pin(Arc::clone(&ends).answer(request)));
        let conversation = Conversation {
            protocols: self.protocols,
            phase: self.phase,
        };
        let spoke_http = match stream {
            Stream::Plain(stream) => conversation.hold(stream, protocol, service).await,
            Stream::Secure(stream) => conversation.hold(stream, protocol, service).await,
        };
        if !spoke_http {
            worker.gateway.offended(address, Offence::MalformedRequest);
        }
    }
}

impl Ends {
    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Infallible> {
        let (mut head, body) = request.into_parts();
        let mut response = self.worker.answer(&mut head, body, &self.peer).await;
        if let Some(hsts) = &self.hsts {
            let headers = response.headers_mut();
            headers.insert(STRICT_TRANSPORT_SECURITY, hsts.clone());
        }
        Ok(response)
    }
}
