//! From a request to an answer, over whatever connection there is.

use std::sync::Arc;

use http::{HeaderValue, Request, Response, header::HOST};
use hyper::{body::Incoming, client::conn::TrySendError};

use super::{
    Connector, ForwardError,
    pool::{Lease, Pool},
    retry,
};
use crate::{
    body::Body,
    settings::Timeouts,
    steps::framing::Authority,
    target::{Server, Upstream},
};

/// Keeps connections to upstreams and sends requests over them, HTTP/1.1. Its connections live on the runtime that it is
/// used on.
#[derive(Debug)]
pub(crate) struct Forwarder {
    connector: Connector,
    pool: Pool,
}

/// The head of an answer, and the connection to be given back after its end.
type Answer = (Response<Incoming>, Lease);

/// A server did not answer.
struct Failed {
    error: ForwardError,
    /// To be sent again: nothing of it was sent, or sending it twice does no harm.
    again: Option<Request<Body>>,
    /// Whether some of it may have reached the server.
    sent: bool,
}

impl Forwarder {
    /// A forwarder without connections.
    pub(crate) fn new(connector: Connector, timeouts: &Timeouts) -> Self {
        Self {
            connector,
            pool: Pool::new(timeouts.upstream_idle),
        }
    }

    /// Sends a request in origin form to one of the servers, and to others after it, to each at most once, as long as they
    /// fail and the request [may be sent again](retry) or was not sent at all.
    pub(crate) async fn send(
        &self,
        upstream: &Upstream,
        host: Option<&Authority>,
        mut request: Request<Body>,
    ) -> Result<Answer, ForwardError> {
        let mut server = upstream.first_server();
        let mut tried = Vec::new();
        loop {
            let in_flight = upstream.in_flight(server);
            address(&mut request, server, host);
            let failed = match self.ask(server, request).await {
                Ok((response, lease)) => {
                    server.note_answer();
                    return Ok((response, lease.counted(in_flight)));
                }
                Err(failed) => failed,
            };
            tried.push(server.id);
            let another = || upstream.another_server(&tried);
            match failed.again.and_then(|again| Some((again, another()?))) {
                Some(next) => (request, server) = next,
                None => return Err(failed.error),
            }
        }
    }

    /// Sends a request over a connection that was kept, or else over a new one. That a kept one has ended says nothing
    /// about the server; that a new one cannot be had, or ends before an answer, does.
    async fn ask(
        &self,
        server: &Arc<Server>,
        mut request: Request<Body>,
    ) -> Result<Answer, Failed> {
        while let Some(mut sender) = self.pool.take(server) {
            let copy = retry::copy(&request);
            let failed = match sender.try_send_request(request).await {
                Ok(response) => return Ok((response, self.pool.lease(server, sender))),
                Err(error) => Failed::new(error, copy),
            };
            match failed.again {
                Some(again) => request = again,
                None => return Err(failed),
            }
            if failed.sent {
                break;
            }
        }
        let asked = self.ask_anew(server, request).await;
        asked.inspect_err(|failed| {
            if matches!(failed.error, ForwardError::Unavailable(_)) {
                server.note_failure();
            }
        })
    }

    async fn ask_anew(
        &self,
        server: &Arc<Server>,
        request: Request<Body>,
    ) -> Result<Answer, Failed> {
        let mut sender = match self.connector.connect(server).await {
            Ok(sender) => sender,
            Err(error) => {
                return Err(Failed {
                    error: ForwardError::Unavailable(error),
                    again: Some(request),
                    sent: false,
                });
            }
        };
        let copy = retry::copy(&request);
        match sender.try_send_request(request).await {
            Ok(response) => Ok((response, self.pool.lease(server, sender))),
            Err(error) => Err(Failed::new(error, copy)),
        }
    }
}

impl Failed {
    fn new(mut error: TrySendError<Request<Body>>, copy: Option<Request<Body>>) -> Self {
        let unsent = error.take_message();
        let (sent, error) = (unsent.is_none(), error.into_error());
        Self {
            again: unsent.or_else(|| copy.filter(|_| retry::is_worth_it(&error))),
            error: error.into(),
            sent,
        }
    }
}

/// Says which host is asked for.
///
/// A plain upstream gets the host that the client asked for, as behind any other proxy. A TLS one gets its own: its
/// certificate and its virtual hosts go by that name.
fn address(request: &mut Request<Body>, server: &Server, asked: Option<&Authority>) {
    let host = match asked {
        Some(asked) if !server.address.is_tls() => asked.as_str(),
        _ => server.address.authority.as_str(),
    };
    if let Ok(host) = HeaderValue::from_str(host) {
        request.headers_mut().insert(HOST, host);
    }
}
