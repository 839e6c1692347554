//! The ports that read the machine: the only clock and the only randomness of the server.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

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

/// A time that nobody sets, and that goes on while the machine sleeps; since when is not said.
#[must_use]
pub fn running_time() -> Duration {
    #[cfg(target_os = "linux")]
    let clock = rustix::time::ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = rustix::time::ClockId::Monotonic;
    let time = rustix::time::clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
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
