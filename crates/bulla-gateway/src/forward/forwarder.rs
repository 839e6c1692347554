//! From a request to an answer, over whatever connection there is.

use std::{
    pin::{Pin, pin},
    sync::Arc,
};

use http::{Request, Response};
use hyper::{body::Incoming, client::conn::TrySendError};
use tower::BoxError;

use super::{
    Connector, ForwardError, Lease, address, fate::Fate, lease::Way, pool::Pool, retry::Spare,
    shared::SharedConnections,
};
use crate::{
    body::{Body, Progress},
    settings::Timeouts,
    steps::framing::Authority,
    target::{Protocol, Server, Upstream},
};

/// Keeps connections to upstreams and sends requests over them. Its connections live on the runtime that it is used on.
#[derive(Debug)]
pub(crate) struct Forwarder {
    connector: Connector,
    pool: Pool,
    shared: SharedConnections,
}

/// The head of an answer, and the connection to be given back after its end.
type Answer = (Response<Incoming>, Lease);

/// A server did not answer.
struct Failed {
    error: BoxError,
    /// Whether the request is there once more, to be sent: nothing of it was sent, or sending it twice does no harm.
    again: bool,
    /// Whether some of it may have reached the server.
    sent: bool,
    fate: Fate,
    /// Whether it says something about the server.
    counts: bool,
}

impl Forwarder {
    /// A forwarder without connections.
    pub(crate) fn new(connector: Connector, timeouts: &Timeouts) -> Self {
        Self {
            connector,
            pool: Pool::new(timeouts.upstream_idle),
            shared: SharedConnections::default(),
        }
    }

    /// Sends a request in origin form to one of the servers, and to others after it, each chosen at most once, as long as
    /// they fail and the request [may be sent again](Spare) or was not sent at all. One server may get it twice: over a kept
    /// connection that ended, then over a new one.
    ///
    /// The request is taken from where it is. Down here all take it by reference: each future would have room for one.
    pub(crate) async fn send(
        &self,
        upstream: &Upstream,
        host: Option<&Authority>,
        request: &mut Request<Body>,
        progress: Option<&Progress>,
    ) -> Result<Answer, ForwardError> {
        let mut chosen = upstream.first_server();
        let mut tried = Vec::new();
        loop {
            let server = chosen.server;
            let in_flight = upstream.in_flight(server);
            address::write(request, server, host);
            let asked = pin!(self.ask(server, request));
            let failed = match wait(asked, progress, || chosen.has_the_request()).await? {
                Ok((response, lease)) => {
                    server.note_answer();
                    let early = progress.is_some_and(|body| body.end().is_none());
                    let lease = if early { lease.answered_early() } else { lease };
                    return Ok((response, lease.counted(in_flight)));
                }
                Err(failed) => failed,
            };
            if let Some(client) = progress
                .and_then(Progress::end)
                .and_then(ForwardError::of_body)
            {
                return Err(client);
            }
            if failed.counts {
                chosen.has_failed();
            }
            tried.push(server.id);
            let another = failed.again.then(|| upstream.another_server(&tried));
            match another.flatten() {
                Some(another) => chosen = another,
                None => return Err(ForwardError::Unavailable(failed.error)),
            }
        }
    }

    /// Sends a request over a connection that was kept, or else over a new one. That a kept one has ended says nothing
    /// about the server; that a new one cannot be had, or ends before an answer, does.
    async fn ask(
        &self,
        server: &Arc<Server>,
        request: &mut Request<Body>,
    ) -> Result<Answer, Failed> {
        while let Some(lease) = self.kept(server) {
            let failed = match ask_over(lease, request).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            if !failed.again {
                return Err(failed);
            }
            if failed.sent {
                break;
            }
        }
        // Boxed: a request over a connection that was kept needs no room for this.
        match Box::pin(self.open(server)).await {
            Ok(lease) => ask_over(lease, request).await.map_err(Failed::counting),
            Err(error) => Err(Failed {
                error,
                again: true,
                sent: false,
                fate: Fate::Untouched,
                counts: true,
            }),
        }
    }

    fn kept(&self, server: &Server) -> Option<Lease> {
        Some(Lease::new(match server.protocol {
            Protocol::Http1 => Way::Alone(self.pool.take(server)?),
            Protocol::Http2 => Way::Stream(self.shared.take(server)?),
        }))
    }

    async fn open(&self, server: &Server) -> Result<Lease, BoxError> {
        Ok(Lease::new(match server.protocol {
            Protocol::Http1 => {
                let sender = self.connector.connect_http1(server).await?;
                Way::Alone(self.pool.alone(server, sender))
            }
            Protocol::Http2 => {
                Way::Stream(self.shared.take_or_open(server, &self.connector).await?)
            }
        }))
    }
}

async fn ask_over(mut lease: Lease, request: &mut Request<Body>) -> Result<Answer, Failed> {
    let (taken, spare) = Spare::take(request, lease.is_stream());
    match lease.send(taken).await {
        Ok(response) => Ok((response, lease)),
        Err(error) => {
            let failed = Failed::new(error, request, spare, lease.has_begun());
            if failed.fate.ends_the_connection() {
                lease.retire();
            }
            Err(failed)
        }
    }
}

/// Waits for the answer of a server. Meanwhile the client's body comes to its end, so that the server has all of the
/// request, or breaks off.
async fn wait<F: Future>(
    mut answer: Pin<&mut F>,
    body: Option<&Progress>,
    has_the_request: impl FnOnce(),
) -> Result<F::Output, ForwardError> {
    if let Some(body) = body {
        tokio::select! {
            biased;
            answered = &mut answer => return Ok(answered),
            end = body.ended() => {
                if let Some(client) = ForwardError::of_body(end) {
                    return Err(client);
                }
            }
        }
    }
    has_the_request();
    Ok(answer.await)
}

impl Failed {
    fn new(
        mut error: TrySendError<Request<Body>>,
        request: &mut Request<Body>,
        spare: Option<Spare>,
        connection_had_begun: bool,
    ) -> Self {
        let unsent = error.take_message();
        let (sent, error) = (unsent.is_none(), error.into_error());
        let fate = match connection_had_begun {
            true => Fate::of(&error),
            false => Fate::Untouched,
        };
        let again = match unsent {
            Some(unsent) => {
                *request = unsent;
                true
            }
            None => spare.is_some_and(|spare| spare.may_be_sent(request, fate)),
        };
        Self {
            again,
            error: error.into(),
            sent,
            fate,
            counts: false,
        }
    }

    /// It was over a connection that was new or good a moment ago. A server that ends one stream and goes on with the others
    /// does not fail: it has an answer, if a poor one.
    fn counting(self) -> Self {
        Self {
            counts: self.fate != Fate::Reset,
            ..self
        }
    }
}
