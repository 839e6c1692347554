//! The time, handed in.

/// Tells the gateway what time it is. Called once a request, so it must be cheap and must not block.
pub trait Clock: Send + Sync + 'static {
    /// The time now: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    fn milliseconds(&self) -> u64;
}
