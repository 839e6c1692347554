//! Bodies on their way through, frame by frame and never gathered.

mod answer;
mod demand;
mod inbound;
mod lent;
mod pace;

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt as _, Full, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use tower::BoxError;

use self::{answer::Answer, lent::Lent};
pub(crate) use self::{
    demand::Demand,
    inbound::{End, Inbound, Progress, Waiting},
};
use crate::forward::{Lease, Tether};

/// A body on its way through the gateway.
#[derive(Default)]
pub struct Body(Kind);

#[derive(Default)]
enum Kind {
    #[default]
    Empty,
    Full(Full<Bytes>),
    /// From a client, limited and watched.
    Inbound(Box<Inbound>),
    /// From a client, for a stream of HTTP/2.
    Lent(Lent),
    /// From an upstream.
    Upstream(Answer),
    /// From a service in this process.
    Service(UnsyncBoxBody<Bytes, BodyError>),
}

/// A body broke off.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is larger than the route's `body_limit`.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The client sent too little of it in the time it had.
    #[error("the client's body came too slowly")]
    TooSlow,
    /// The client did not send all of it.
    #[error("the client's body broke off")]
    Client(#[source] hyper::Error),
    /// The upstream did not send all of it.
    #[error("the upstream's body broke off")]
    Upstream(#[source] hyper::Error),
    /// The token that the client asked with has ended.
    #[error("the token that opened the stream has ended")]
    TokenEnded,
    /// A service in this process failed to produce it.
    #[error("the body of a service broke off")]
    Service(#[source] BoxError),
}

impl Body {
    /// No bytes at all.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    pub(crate) fn from_client(body: Box<Inbound>) -> Self {
        Self(Kind::Inbound(body))
    }

    /// As [`from_client`](Self::from_client), for a stream of HTTP/2: it never breaks off, but stands still.
    pub(crate) fn lent(body: Box<Inbound>) -> Self {
        Self(Kind::Lent(Lent::new(body)))
    }

    /// The same bytes for another try, if there are none, or if they are kept.
    pub(crate) fn again(&self) -> Option<Self> {
        match &self.0 {
            Kind::Empty => Some(Self::empty()),
            Kind::Lent(body) => Some(Self(Kind::Lent(body.again()))),
            Kind::Full(_) | Kind::Inbound(_) | Kind::Upstream(_) | Kind::Service(_) => None,
        }
    }

    /// Whether none of its bytes were taken, or all that were are kept.
    pub(crate) fn is_whole(&self) -> bool {
        match &self.0 {
            Kind::Lent(body) => body.is_whole(),
            _ => true,
        }
    }

    /// All of it must come within [`Timeouts::body`](crate::Timeouts::body) from now on, if it comes from a client.
    pub(crate) fn limit_time(&mut self) {
        if let Kind::Inbound(body) = &mut self.0 {
            body.limit_time();
        }
    }

    /// The connection it comes from is given back as soon as it has come to its end.
    /// If it is tied to a token, it breaks off with that.
    pub(crate) fn from_upstream(body: Incoming, lease: Lease, tether: Option<Box<Tether>>) -> Self {
        Self(Kind::Upstream(Answer::new(body, lease, tether)))
    }

    pub(crate) fn from_service<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self(Kind::Service(
            body.map_err(|error| BodyError::Service(error.into()))
                .boxed_unsync(),
        ))
    }
}

impl From<Full<Bytes>> for Body {
    fn from(body: Full<Bytes>) -> Self {
        Self(Kind::Full(body))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Body")
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = match &mut self.get_mut().0 {
            Kind::Empty => Poll::Ready(None),
            Kind::Full(body) => Pin::new(body)
                .poll_frame(context)
                .map_err(|never| match never {}),
            // It is no answer.
            Kind::Inbound(body) => return Pin::new(&mut **body).poll_frame(context),
            Kind::Lent(body) => return body.poll_frame(context),
            Kind::Upstream(body) => body.poll_frame(context),
            Kind::Service(body) => Pin::new(body).poll_frame(context),
        };
        Demand::note(&polled);
        polled
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Empty => true,
            Kind::Full(body) => body.is_end_stream(),
            Kind::Inbound(body) => body.is_end_stream(),
            Kind::Lent(body) => body.is_end_stream(),
            Kind::Upstream(body) => body.is_end_stream(),
            Kind::Service(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Full(body) => body.size_hint(),
            Kind::Inbound(body) => body.size_hint(),
            Kind::Lent(body) => body.size_hint(),
            Kind::Upstream(body) => body.size_hint(),
            Kind::Service(body) => body.size_hint(),
        }
    }
}
