//! An upstream's body.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;

use super::BodyError;
use crate::forward::{Lease, Tether};

/// An upstream's body. The connection it comes over is given back as soon as it has come to its end.
pub(super) struct Answer {
    /// `None` once nobody reads the rest.
    body: Option<Incoming>,
    lease: Option<Lease>,
    tether: Option<Box<Tether>>,
}

impl Answer {
    /// If it is tied to a token, it breaks off with that.
    pub(super) fn new(body: Incoming, lease: Lease, tether: Option<Box<Tether>>) -> Self {
        let mut answer = Self {
            body: Some(body),
            lease: Some(lease),
            tether,
        };
        answer.return_at_end();
        answer
    }

    pub(super) fn poll_frame(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(tether) = &mut self.tether
            && tether.poll_torn(context).is_ready()
        {
            self.let_go();
            return Poll::Ready(Some(Err(BodyError::TokenEnded)));
        }
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(_))) => self.return_at_end(),
            Poll::Ready(None) => self.give_back(),
            // A body that broke off closes its connection.
            Poll::Ready(Some(Err(_))) => self.lease = None,
            Poll::Pending => {}
        }
        polled.map_err(BodyError::Upstream)
    }

    pub(super) fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Incoming::is_end_stream)
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        let nothing = || SizeHint::with_exact(0);
        self.body.as_ref().map_or_else(nothing, Incoming::size_hint)
    }

    /// Whoever reads a body of known length does not ask again after its last byte.
    fn return_at_end(&mut self) {
        if self.is_end_stream() {
            self.give_back();
        }
    }

    fn give_back(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.give_back();
        }
    }

    /// Nobody reads the rest.
    fn let_go(&mut self) {
        if let (Some(lease), Some(rest)) = (self.lease.take(), self.body.take()) {
            lease.let_go(rest);
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.let_go();
    }
}
