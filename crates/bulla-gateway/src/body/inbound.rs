//! A client's body: limited, watched, its trailers cleaned.

use std::{
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::sync::Notify;

use super::{BodyError, pace::Pace};
use crate::{route::AddedHeader, settings::Timeouts, steps::outbound};

/// A client's body. Always boxed: most requests have none, and would be moved with room for it.
pub(crate) struct Inbound {
    source: Source,
    limit: Option<u64>,
    received: u64,
    pace: Pace,
    progress: Arc<Progress>,
    /// Headers that are the route's to say, so that no trailer may.
    reserved: Arc<[AddedHeader]>,
}

enum Source {
    /// Still on its way.
    Client(Incoming),
    /// Here.
    Gathered(Full<Bytes>),
}

impl Inbound {
    /// Watches a body. Once more than `limit` bytes have come, it breaks off with [`BodyError::TooLarge`]; once it came
    /// too slowly, with [`BodyError::TooSlow`].
    pub(crate) fn new(body: Incoming, limit: Option<u64>, timeouts: &Timeouts) -> Box<Self> {
        Box::new(Self {
            source: Source::Client(body),
            limit,
            received: 0,
            pace: Pace::new(timeouts),
            progress: Arc::default(),
            reserved: Arc::default(),
        })
    }

    /// A body that is here already.
    pub(crate) fn gathered(body: Bytes, timeouts: &Timeouts) -> Box<Self> {
        Box::new(Self {
            source: Source::Gathered(Full::new(body)),
            limit: None,
            received: 0,
            pace: Pace::new(timeouts),
            progress: Arc::default(),
            reserved: Arc::default(),
        })
    }

    /// Keeps the names of these headers out of its trailers: a target may merge the two.
    pub(crate) fn reserving(mut self: Box<Self>, headers: &Arc<[AddedHeader]>) -> Box<Self> {
        self.reserved = Arc::clone(headers);
        self
    }

    /// All of it must come within [`Timeouts::body`] from now on.
    pub(crate) fn limit_time(&mut self) {
        self.pace.limit_whole();
    }

    /// How far it has come, to be looked at while it is on its way.
    pub(crate) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }
}

impl http_body::Body for Inbound {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let polled = match &mut this.source {
            Source::Client(body) => Pin::new(body).poll_frame(context),
            Source::Gathered(body) => Pin::new(body)
                .poll_frame(context)
                .map_err(|never| match never {}),
        };
        this.progress.note(&polled);
        if polled.is_ready() {
            this.pace.came();
        } else if this.pace.poll_too_slow(this.received, context).is_ready() {
            this.progress.note_end(End::TooSlow);
            return Poll::Ready(Some(Err(BodyError::TooSlow)));
        }
        let mut frame = match ready!(polled) {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => {
                this.progress.note_end(End::Broken);
                return Poll::Ready(Some(Err(BodyError::Client(error))));
            }
            None => {
                this.progress.note_end(End::Whole);
                return Poll::Ready(None);
            }
        };
        if let Some(data) = frame.data_ref() {
            this.received = this.received.saturating_add(data.len() as u64);
            if let Some(limit) = this.limit.filter(|limit| this.received > *limit) {
                this.progress.note_end(End::TooLarge { limit });
                return Poll::Ready(Some(Err(BodyError::TooLarge { limit })));
            }
        } else if let Some(trailers) = frame.trailers_mut() {
            outbound::clean_trailers(trailers);
            AddedHeader::remove_theirs(&this.reserved, trailers);
        }
        // Whoever reads a body of known length does not ask again after its last byte.
        if this.is_end_stream() || this.size_hint().exact() == Some(0) {
            this.progress.note_end(End::Whole);
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Client(body) => body.is_end_stream(),
            Source::Gathered(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Client(body) => body.size_hint(),
            Source::Gathered(body) => body.size_hint(),
        }
    }
}

/// What a body has been doing since it was last looked at, and how it ended.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    marks: AtomicU8,
    end: OnceLock<End>,
    ended: Notify,
}

/// How a body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// All of it came.
    Whole,
    /// It broke off: more came than this many bytes.
    TooLarge { limit: u64 },
    /// It broke off: it came too slowly.
    TooSlow,
    /// It broke off: the client did not send all of it.
    Broken,
}

/// What holds a request up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// Nothing: some of the body went on.
    Nothing,
    /// The client, which is not sending.
    Client,
    /// The target, which is not reading, or has it all and does not answer.
    Target,
}

const MOVED: u8 = 1;
const STARVED: u8 = 2;

impl Progress {
    /// What has held the request up since the last call.
    pub(crate) fn look(&self) -> Waiting {
        let marks = self.marks.fetch_and(!MOVED, Ordering::Relaxed);
        match marks {
            _ if self.end() == Some(End::TooSlow) => Waiting::Client,
            _ if marks & MOVED != 0 => Waiting::Nothing,
            _ if marks & STARVED != 0 => Waiting::Client,
            _ => Waiting::Target,
        }
    }

    /// How it ended; `None` while it has not.
    pub(crate) fn end(&self) -> Option<End> {
        self.end.get().copied()
    }

    /// How it ended, once it has. One waits at a time.
    pub(crate) async fn ended(&self) -> End {
        loop {
            if let Some(end) = self.end() {
                return end;
            }
            self.ended.notified().await;
        }
    }

    fn note_end(&self, end: End) {
        // The first one counts.
        if self.end.set(end).is_ok() {
            self.ended.notify_one();
        }
    }

    /// A body that starves is not polled again, so that mark stays until something comes.
    fn note<T>(&self, polled: &Poll<Option<T>>) {
        match polled {
            Poll::Pending => {
                self.marks.fetch_or(STARVED, Ordering::Relaxed);
            }
            Poll::Ready(_) => self.marks.store(MOVED, Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_holds_a_request_up() {
        let progress = Progress::default();
        assert_eq!(progress.look(), Waiting::Target);
        progress.note(&Poll::Ready(Some(())));
        progress.note::<()>(&Poll::Pending);
        assert_eq!(
            progress.look(),
            Waiting::Nothing,
            "some came since the last look"
        );
        assert_eq!(progress.look(), Waiting::Client, "and none since");
        progress.note::<()>(&Poll::Ready(None));
        assert_eq!(
            (progress.look(), progress.look()),
            (Waiting::Nothing, Waiting::Target)
        );
    }
}
