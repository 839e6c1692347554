//! Streams that end with the token that opened them.

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bulla_guard::{UnixTime, verified::Verified, verifier::Verifier};
use tokio::time::{Instant, Sleep, sleep};

use crate::{Gateway, route::Streams};

/// What a stream of this request would be tied to.
#[derive(Clone, Copy)]
pub(crate) struct Ties<'request> {
    pub(crate) gateway: &'request Arc<Gateway>,
    pub(crate) verifier: &'request Arc<Verifier>,
    /// `None`: to nothing.
    pub(crate) token: Option<&'request Verified>,
    pub(crate) streams: Streams,
}

/// Ties a stream to its token: looks every now and then whether that still holds.
pub(crate) struct Tether {
    gateway: Arc<Gateway>,
    verifier: Arc<Verifier>,
    token: Verified,
    /// When the stream ends even if nobody revokes the token.
    until: Option<UnixTime>,
    next_look: Pin<Box<Sleep>>,
}

impl Ties<'_> {
    /// A tether for a stream that begins; `None` if nothing but itself ends it.
    pub(crate) fn tie(&self) -> Option<Box<Tether>> {
        let token = self.token?;
        let until = match self.streams {
            Streams::UntilRevoked => None,
            Streams::UntilExpired => Some(token.expires_at()),
            Streams::Keep => return None,
        };
        Some(Box::new(Tether {
            gateway: Arc::clone(self.gateway),
            verifier: Arc::clone(self.verifier),
            token: token.clone(),
            until,
            next_look: Box::pin(sleep(self.gateway.settings.timeouts.token_look)),
        }))
    }
}

impl Tether {
    /// Ready once the token no longer holds, which is found out at the next look.
    pub(crate) fn poll_torn(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.next_look.as_mut().poll(context));
            if self.is_torn() {
                return Poll::Ready(());
            }
            let next = Instant::now() + self.gateway.settings.timeouts.token_look;
            self.next_look.as_mut().reset(next);
        }
    }

    /// Ends once the token no longer holds.
    pub(crate) async fn torn(&mut self) {
        poll_fn(|context| self.poll_torn(context)).await;
    }

    fn is_torn(&self) -> bool {
        let now = UnixTime::from_seconds(self.gateway.settings.clock.milliseconds() / 1000);
        self.until.is_some_and(|until| until <= now) || self.verifier.is_revoked(&self.token)
    }
}

impl fmt::Debug for Tether {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Tether")
            .field("token", &self.token)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}
