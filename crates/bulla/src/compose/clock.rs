//! The machine's clock, as the gateway wants it.

use bulla_core::ports::Clock as _;
use bulla_server::issuer::SystemClock;

/// The same clock that the issuer signs by: `exp` is to the second only if both agree.
pub(super) struct GatewayClock;

impl bulla_gateway::clock::Clock for GatewayClock {
    fn milliseconds(&self) -> u64 {
        u64::try_from(SystemClock.now().as_millis()).unwrap_or(0)
    }
}
