//! A token that holds.

use std::{
    fmt,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use bulla_jose::jwt::UnixTime;

use crate::principal::Principal;

/// The principal of a token that holds, as only a [`Verifier`](crate::verifier::Verifier) makes it. Requests that bring
/// the same token share one, while it is in the cache.
#[derive(Clone)]
pub struct Verified(Arc<Token>);

/// What is kept of a token whose signature was good.
pub(crate) struct Token {
    pub(crate) text: Box<str>,
    pub(crate) principal: Principal,
    /// The first second at which it holds.
    pub(crate) from: UnixTime,
    /// The first second at which it no longer does.
    pub(crate) until: UnixTime,
    /// Whose keys it was verified with.
    pub(crate) by: VerifiedBy,
    /// Whether it was found again since the cache last looked for room.
    pub(crate) used: AtomicBool,
    /// When a sighting was last due, in milliseconds; 0: never.
    reported: AtomicU64,
}

/// Whose keys a token was verified with, and which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VerifiedBy {
    /// The issuer's place in its verifier.
    pub(crate) issuer: usize,
    /// The epoch of its keys.
    pub(crate) epoch: u64,
}

impl VerifiedBy {
    /// Whether it tells more than the earlier one: by newer keys of the same issuer, or by another issuer.
    pub(crate) const fn replaces(self, earlier: Self) -> bool {
        self.issuer != earlier.issuer || self.epoch > earlier.epoch
    }
}

impl Verified {
    pub(crate) fn new(token: Token) -> Self {
        Self(Arc::new(token))
    }

    pub(crate) fn token(&self) -> &Token {
        &self.0
    }

    /// The first second at which the token no longer holds, the verifier's leeway counted in.
    #[must_use]
    pub fn expires_at(&self) -> UnixTime {
        self.0.until
    }

    /// Whether it is a token of the verifier's own issuer, and so whether its subject and session are those of our accounts:
    /// another issuer's may have the same names.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.0.by.issuer == 0
    }

    /// Whether the use of this token is to be reported, which it is the first time and then once in every `interval`.
    /// Says so to one caller alone, and takes no lock. `now` is in milliseconds; after a clock that was set back,
    /// a report is due.
    ///
    /// A session's generation settles only by a token that is seen a while after it was handed out. So the first use is
    /// not enough, and a token that was verified long ago has to be reported as well.
    #[must_use]
    pub fn sighting_due(&self, now: u64, interval: Duration) -> bool {
        let last = self.0.reported.load(Ordering::Relaxed);
        let soon = last != 0 && now >= last && u128::from(now - last) < interval.as_millis();
        !soon
            && self
                .0
                .reported
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}

impl Token {
    pub(crate) fn new(
        text: &str,
        principal: Principal,
        (from, until): (UnixTime, UnixTime),
        by: VerifiedBy,
    ) -> Self {
        Self {
            text: text.into(),
            principal,
            from,
            until,
            by,
            used: AtomicBool::new(false),
            reported: AtomicU64::new(0),
        }
    }

    /// Takes over when a token was last reported: it was verified anew, but nobody saw it for the first time.
    pub(crate) fn reported_as(&self, earlier: &Self) {
        let reported = earlier.reported.load(Ordering::Relaxed);
        self.reported.store(reported, Ordering::Relaxed);
    }

    pub(crate) fn holds_at(&self, now: UnixTime) -> bool {
        self.from <= now && now < self.until
    }
}

impl Deref for Verified {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0.principal
    }
}

impl fmt::Debug for Verified {
    /// Without the token.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Verified")
            .field(&self.0.principal)
            .finish()
    }
}
