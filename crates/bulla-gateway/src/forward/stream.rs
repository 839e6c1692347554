//! A request's place on a connection that others share: HTTP/2.

use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use hyper::{
    body::Incoming,
    client::conn::{TrySendError, http2::SendRequest},
};
use tokio::runtime::Handle;

use crate::body::Body;

/// Requests that one connection carries before there is another: no more than servers usually allow.
pub(super) const MAX_STREAMS: usize = 100;

/// Streams of one connection that are reset at once, from its beginning to its end. Servers close a connection on which
/// many are, and with it go the requests of everybody else: the least number that is known to be too much is 20.
const MAX_RESETS: usize = 16;

/// How long a stream beyond those is kept: until the server is done with it, or has long known about it.
const LET_GO_AFTER: Duration = Duration::from_secs(5);

/// A connection, as all requests on it know it: each holds one of these, and so does whoever keeps the connection.
#[derive(Debug)]
pub(super) struct Carrier {
    allowance: Arc<Allowance>,
    resets: AtomicUsize,
}

/// How many streams the server lets be open at a time; none, until it has said so.
#[derive(Debug, Default)]
pub(super) struct Allowance {
    streams: AtomicUsize,
    /// Whether it ever was more than none.
    begun: AtomicBool,
}

/// A place for a request on a connection.
pub(super) struct Stream {
    sender: SendRequest<Body>,
    carrier: Arc<Carrier>,
}

impl Carrier {
    pub(super) fn new(allowance: Arc<Allowance>) -> Self {
        Self {
            allowance,
            resets: AtomicUsize::new(0),
        }
    }

    /// Whether the server ever allowed a stream: before that, no request was sent.
    pub(super) fn has_begun(&self) -> bool {
        self.allowance.begun.load(Relaxed)
    }

    /// Whether another request has a place on it.
    pub(super) fn has_room(this: &Arc<Self>) -> bool {
        Self::load(this) < this.allowance.streams.load(Relaxed).min(MAX_STREAMS)
    }

    /// How many requests it carries.
    pub(super) fn load(this: &Arc<Self>) -> usize {
        Arc::strong_count(this) - 1
    }

    /// Whether it takes no more requests, since too many were reset or it has ended.
    pub(super) fn is_worn(&self) -> bool {
        self.resets.load(Relaxed) >= MAX_RESETS
    }

    /// It takes no more requests.
    pub(super) fn retire(&self) {
        self.resets.fetch_max(MAX_RESETS, Relaxed);
    }

    /// Drops a stream, which resets it unless it has come to its end: now, or if too many were, later. By then, most have
    /// ended; nothing is read meanwhile, so that the server sends no more than a window.
    fn let_go(&self, stream: impl Send + 'static) {
        let before = self.resets.fetch_add(1, Relaxed);
        if before < MAX_RESETS {
            return;
        }
        // Without a runtime, the connection ends just now.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                tokio::time::sleep(LET_GO_AFTER).await;
                drop(stream);
            });
        }
    }
}

impl Allowance {
    pub(super) fn set(&self, streams: usize) {
        self.streams.store(streams, Relaxed);
        if streams > 0 {
            self.begun.store(true, Relaxed);
        }
    }
}

impl Stream {
    pub(super) const fn new(sender: SendRequest<Body>, carrier: Arc<Carrier>) -> Self {
        Self { sender, carrier }
    }

    /// Sends the request. If nobody waits for the answer any more, its stream is [let go](Self::let_go).
    pub(super) async fn send(
        &mut self,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Body>>> {
        let awaited = Awaited {
            answer: Some(Box::pin(self.sender.try_send_request(request))),
            carrier: &self.carrier,
        };
        awaited.await
    }

    /// Nobody reads the rest of an answer.
    pub(super) fn let_go(self, rest: Incoming) {
        self.carrier.let_go(rest);
    }

    pub(super) fn carrier(&self) -> &Carrier {
        &self.carrier
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let carrier = &self.carrier;
        formatter.debug_tuple("Stream").field(carrier).finish()
    }
}

/// The head of an answer on its way.
struct Awaited<'carrier, T: Send + 'static> {
    /// `None` once it is there.
    answer: Option<Pin<Box<T>>>,
    carrier: &'carrier Carrier,
}

impl<T: Future + Send + 'static> Future for Awaited<'_, T> {
    type Output = T::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T::Output> {
        let Some(answer) = &mut self.answer else {
            return Poll::Pending;
        };
        let polled = answer.as_mut().poll(context);
        if polled.is_ready() {
            self.answer = None;
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Awaited<'_, T> {
    fn drop(&mut self) {
        if let Some(answer) = self.answer.take() {
            self.carrier.let_go(answer);
        }
    }
}
