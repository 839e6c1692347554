//! A client's body on loan to a connection: it can be had from its beginning again.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};

use super::{BodyError, Inbound};

/// What is kept of a body for another try: so many bytes, in so many pieces. A piece may hold a larger buffer.
const KEPT_BYTES: usize = 64 * 1024;
const KEPT_PIECES: usize = 16;

/// A client's body, as one try to send it sees it.
///
/// It never breaks off. A stream of HTTP/2 would be reset by that, and how many are has to be known: it stands still, and
/// whoever waits for the answer learns from the body's [`Progress`](super::Progress) that it has ended, and how.
pub(super) struct Lent {
    loan: Arc<Mutex<Loan>>,
    /// Which try it is.
    turn: u32,
    /// Pieces that this try has had of those that are kept.
    given: usize,
}

struct Loan {
    body: Box<Inbound>,
    /// The latest try that has begun. One before it gets nothing more.
    turn: u32,
    kept: Vec<Bytes>,
    /// Whether what is kept is not all that was taken.
    lost: bool,
}

impl Lent {
    pub(super) fn new(body: Box<Inbound>) -> Self {
        let loan = Loan {
            body,
            turn: 0,
            kept: Vec::new(),
            lost: false,
        };
        Self {
            loan: Arc::new(Mutex::new(loan)),
            turn: 0,
            given: 0,
        }
    }

    /// The same body for the next try. It begins when that asks for it first.
    pub(super) fn again(&self) -> Self {
        Self {
            loan: Arc::clone(&self.loan),
            turn: self.turn + 1,
            given: 0,
        }
    }

    /// Whether all that was taken of it is still there.
    pub(super) fn is_whole(&self) -> bool {
        !self.loan().lost
    }

    // No panic leaves it half changed.
    fn loan(&self) -> MutexGuard<'_, Loan> {
        self.loan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn poll_frame(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let others_may_come = Arc::strong_count(&self.loan) > 1;
        let mut loan = self.loan.lock().unwrap_or_else(PoisonError::into_inner);
        if self.turn < loan.turn {
            return Poll::Pending;
        }
        loan.turn = self.turn;
        if let Some(piece) = loan.kept.get(self.given) {
            self.given += 1;
            return Poll::Ready(Some(Ok(Frame::data(piece.clone()))));
        }
        let polled = Pin::new(&mut loan.body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                loan.keep(frame, others_may_come);
                self.given = loan.kept.len();
            }
            Poll::Ready(Some(Err(_))) => return Poll::Pending,
            Poll::Ready(None) | Poll::Pending => {}
        }
        polled
    }

    pub(super) fn is_end_stream(&self) -> bool {
        let loan = self.loan();
        self.given == loan.kept.len() && loan.body.is_end_stream()
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        let loan = self.loan();
        let kept = loan.kept.iter().skip(self.given);
        let kept = kept.map(|piece| piece.len() as u64).sum::<u64>();
        let rest = loan.body.size_hint();
        let mut both = SizeHint::new();
        both.set_lower(rest.lower().saturating_add(kept));
        if let Some(upper) = rest.upper() {
            both.set_upper(upper.saturating_add(kept));
        }
        both
    }
}

impl Loan {
    fn keep(&mut self, frame: &Frame<Bytes>, wanted: bool) {
        let held: usize = self.kept.iter().map(Bytes::len).sum();
        match frame.data_ref() {
            Some(piece)
                if wanted
                    && !self.lost
                    && held + piece.len() <= KEPT_BYTES
                    && self.kept.len() < KEPT_PIECES =>
            {
                self.kept.push(piece.clone());
            }
            _ => {
                self.lost = true;
                self.kept = Vec::new();
            }
        }
    }
}
