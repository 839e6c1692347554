//! A deadline for whoever opens no window.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use hyper::rt::Executor;
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep};

use crate::body::Demand;

/// Runs the streams of HTTP/2 connections. A stream ends, with all that its answer holds, once nothing of what there is
/// of the answer could be passed on for a while: a client without a window never makes the connection's own writes wait.
#[derive(Debug, Clone)]
pub(super) struct StreamDeadline {
    span: Duration,
}

impl StreamDeadline {
    /// Waits so long for the client, and at most twice that.
    pub(super) const fn new(span: Duration) -> Self {
        Self { span }
    }
}

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for StreamDeadline {
    fn execute(&self, stream: F) {
        tokio::spawn(Watched::new(stream, self.span));
    }
}

pin_project! {
    struct Watched<F> {
        #[pin]
        stream: F,
        span: Duration,
        // Whether something of the answer waits for the client.
        stalled: bool,
        // Whether anything was taken since the deadline began.
        moved: bool,
        // From the first stall on.
        deadline: Option<Pin<Box<Sleep>>>,
    }
}

impl<F> Watched<F> {
    const fn new(stream: F, span: Duration) -> Self {
        Self {
            stream,
            span,
            stalled: false,
            moved: false,
            deadline: None,
        }
    }
}

impl<F: Future<Output = ()>> Future for Watched<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let stream = this.stream;
        let (polled, demand) = Demand::during(|| stream.poll(context));
        if polled.is_ready() {
            return polled;
        }
        if let Some(demand) = demand {
            *this.stalled = demand == Demand::Met;
            *this.moved = true;
        }
        if !*this.stalled {
            return Poll::Pending;
        }
        let span = *this.span;
        let deadline = this.deadline.get_or_insert_with(|| {
            *this.moved = false;
            Box::pin(sleep(span))
        });
        while deadline.as_mut().poll(context).is_ready() {
            if !*this.moved {
                tracing::debug!("a client did not take its answer");
                return Poll::Ready(());
            }
            *this.moved = false;
            deadline.as_mut().reset(Instant::now() + span);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, future::pending};

    use bytes::Bytes;
    use http_body::Frame;
    use http_body_util::BodyExt as _;
    use tokio::time::timeout;

    use super::*;
    use crate::body::Body;

    const SPAN: Duration = Duration::from_secs(30);

    /// So many pieces of an answer that does not go on after them, nor end.
    struct Pieces(usize);

    impl http_body::Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            if self.0 == 0 {
                return Poll::Pending;
            }
            self.0 -= 1;
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"piece")))))
        }
    }

    /// Takes that many of all the pieces, each after so long.
    async fn take(taken: usize, after: Duration, all: usize) {
        let mut body = Body::from_service(Pieces(all));
        for _ in 0..taken {
            sleep(after).await;
            body.frame().await.unwrap().unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_more_is_not_waited_for() {
        for taken in [1, 2, 3] {
            let stream = async move {
                take(taken, Duration::ZERO, 9).await;
                pending::<()>().await;
            };
            let ended = timeout(2 * SPAN, Watched::new(stream, SPAN)).await;
            assert!(ended.is_ok(), "{taken}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_slowly_is() {
        let begun = Instant::now();
        Watched::new(take(5, SPAN - Duration::from_secs(1), 9), SPAN).await;
        assert!(begun.elapsed() > 4 * SPAN, "it was cut off");
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_more_is() {
        let stream = take(3, SPAN / 2, 2);
        let ended = timeout(9 * SPAN, Watched::new(stream, SPAN)).await;
        assert!(ended.is_err(), "there was nothing to take");
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_no_answer_yet_is() {
        let ended = timeout(9 * SPAN, Watched::new(pending(), SPAN)).await;
        assert!(ended.is_err(), "there was nothing to take");
    }
}
