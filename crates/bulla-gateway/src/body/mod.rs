//! Bodies on their way through, frame by frame and never gathered.

mod demand;
mod inbound;
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
    Inbound(Inbound),
    /// From an upstream.
    Upstream {
        body: Incoming,
        lease: Option<Lease>,
        tether: Option<Box<Tether>>,
    },
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

    pub(crate) fn from_client(body: Inbound) -> Self {
        Self(Kind::Inbound(body))
    }

    /// The connection it comes from is given back as soon as it has come to its end.
    /// If it is tied to a token, it breaks off with that.
    pub(crate) fn from_upstream(body: Incoming, lease: Lease, tether: Option<Box<Tether>>) -> Self {
        let mut lease = Some(lease);
        return_at_end(&body, &mut lease);
        Self(Kind::Upstream {
            body,
            lease,
            tether,
        })
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

/// Whoever reads a body of known length does not ask again after its last byte.
fn return_at_end(body: &Incoming, lease: &mut Option<Lease>) {
    if http_body::Body::is_end_stream(body) {
        give_back(lease);
    }
}

fn give_back(lease: &mut Option<Lease>) {
    if let Some(lease) = lease.take() {
        lease.give_back();
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
            Kind::Inbound(body) => return Pin::new(body).poll_frame(context),
            Kind::Upstream {
                body,
                lease,
                tether,
            } => {
                if let Some(tether) = tether
                    && tether.poll_torn(context).is_ready()
                {
                    *lease = None;
                    return Poll::Ready(Some(Err(BodyError::TokenEnded)));
                }
                let polled = Pin::new(&mut *body).poll_frame(context);
                match &polled {
                    Poll::Ready(Some(Ok(_))) => return_at_end(body, lease),
                    Poll::Ready(None) => give_back(lease),
                    // A body that broke off closes its connection.
                    Poll::Ready(Some(Err(_))) => *lease = None,
                    Poll::Pending => {}
                }
                polled.map_err(BodyError::Upstream)
            }
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
            Kind::Upstream { body, .. } => body.is_end_stream(),
            Kind::Service(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Full(body) => body.size_hint(),
            Kind::Inbound(body) => body.size_hint(),
            Kind::Upstream { body, .. } => body.size_hint(),
            Kind::Service(body) => body.size_hint(),
        }
    }
}
