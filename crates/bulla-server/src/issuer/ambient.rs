//! The ports that read the machine: the only clock and the only randomness of the server.

use std::time::{SystemTime, UNIX_EPOCH};

use bulla_core::{
    ports::{Clock, Entropy},
    time::Timestamp,
};

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "here the machine's clock becomes a port"
    )]
    fn now(&self) -> Timestamp {
        let elapsed = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_millis(0).after(elapsed)
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct OperatingSystemEntropy;

impl Entropy for OperatingSystemEntropy {
    #[expect(
        clippy::disallowed_methods,
        reason = "here the system's randomness becomes a port"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        // Without randomness every identifier and key would be guessable: no request may go on.
        aws_lc_rs::rand::fill(buffer).expect("the operating system gives randomness");
    }
}
