//! The time, handed in.

use bulla_guard::UnixTime;

/// Tells the gateway what time it is. Called once a request, so it must be cheap and must not block.
pub trait Clock: Send + Sync + 'static {
    /// The time now, in whole seconds.
    fn now(&self) -> UnixTime;
}
