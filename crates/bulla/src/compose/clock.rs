//! The store's clock, as the gateway wants it.

use std::sync::Arc;

use bulla_core::ports::Clock;

/// The same clock that the issuer signs by: `exp` is to the second only if both agree.
pub(super) struct GatewayClock(pub(super) Arc<dyn Clock>);

impl bulla_gateway::clock::Clock for GatewayClock {
    fn milliseconds(&self) -> u64 {
        u64::try_from(self.0.now().as_millis()).unwrap_or(0)
    }
}
