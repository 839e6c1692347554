use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use bulla_core::{ports::Clock, time::Timestamp};

/// A clock that stands still until it is told to move.
#[derive(Debug)]
pub struct MockClock(AtomicI64);

impl MockClock {
    /// A clock at this time.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.as_millis()))
    }

    /// Moves on.
    pub fn advance(&self, span: Duration) {
        self.set(self.now().after(span));
    }

    /// Moves anywhere, backwards too.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_millis(), Ordering::SeqCst);
    }
}

impl Default for MockClock {
    /// 2026-01-01T00:00:00Z.
    fn default() -> Self {
        Self::new(Timestamp::from_millis(1_767_225_600_000))
    }
}

impl Clock for MockClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
