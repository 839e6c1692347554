//! What a request goes over.

use http::{Request, Response};
use hyper::{body::Incoming, client::conn::TrySendError};

use super::{pool::Alone, stream::Stream};
use crate::{body::Body, target::InFlight};

/// A connection, or a share of one, that is in use by a request until its answer has come to its end.
#[derive(Debug)]
pub(crate) struct Lease {
    way: Way,
    reusable: bool,
    _in_flight: Option<InFlight>,
}

#[derive(Debug)]
pub(super) enum Way {
    /// HTTP/1.1
    Alone(Alone),
    /// HTTP/2
    Stream(Stream),
}

impl Lease {
    pub(super) const fn new(way: Way) -> Self {
        Self {
            way,
            reusable: true,
            _in_flight: None,
        }
    }

    /// Sends the request.
    pub(super) async fn send(
        &mut self,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Body>>> {
        match &mut self.way {
            Way::Alone(alone) => alone.sender.try_send_request(request).await,
            Way::Stream(stream) => stream.send(request).await,
        }
    }

    /// Whether it goes over HTTP/2.
    pub(super) const fn is_stream(&self) -> bool {
        matches!(self.way, Way::Stream(_))
    }

    /// Whether a request may have been sent over it.
    pub(super) fn has_begun(&self) -> bool {
        match &self.way {
            Way::Alone(_) => true,
            Way::Stream(stream) => stream.carrier().has_begun(),
        }
    }

    /// Counts the request as in flight until the answer has ended.
    pub(super) fn counted(self, in_flight: Option<InFlight>) -> Self {
        Self {
            _in_flight: in_flight,
            ..self
        }
    }

    /// The answer came before the server had the whole request, of which it may read nothing more: a connection that only
    /// this request uses carries no other.
    pub(super) fn answered_early(self) -> Self {
        Self {
            reusable: false,
            ..self
        }
    }

    /// It takes no more requests.
    pub(super) fn retire(&self) {
        match &self.way {
            Way::Alone(_) => {}
            Way::Stream(stream) => stream.carrier().retire(),
        }
    }

    /// Nobody reads the rest of the answer.
    pub(crate) fn let_go(self, rest: Incoming) {
        match self.way {
            Way::Alone(_) => {}
            Way::Stream(stream) => stream.let_go(rest),
        }
    }

    /// The answer has been read to the end. Called within a runtime.
    pub(crate) fn give_back(self) {
        match self.way {
            Way::Alone(alone) if self.reusable => alone.give_back(),
            Way::Alone(_) | Way::Stream(_) => {}
        }
    }
}
