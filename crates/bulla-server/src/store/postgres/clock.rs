//! The database's clock, which all issuers of one database share, however wrong their machines' clocks are.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use bulla_core::{ports::Clock, time::Timestamp};

use crate::issuer::running_time;

/// The database's time, as it was measured last; in between this machine only counts, while it sleeps too.
#[derive(Debug)]
pub struct DatabaseClock {
    counted: fn() -> Duration,
    /// What was counted at the beginning.
    begin: Duration,
    /// The database's time at the beginning, in milliseconds.
    began_at: AtomicI64,
}

impl DatabaseClock {
    pub(super) fn new(measured: Measured) -> Self {
        Self::counting(running_time, measured)
    }

    fn counting(counted: fn() -> Duration, measured: Measured) -> Self {
        let clock = Self {
            counted,
            begin: measured.asked,
            began_at: AtomicI64::new(0),
        };
        let (earliest, _) = clock.bounds(measured);
        clock.began_at.store(earliest, Ordering::Relaxed);
        clock
    }

    /// Takes a measurement; the clock moves only if it was certainly wrong, and no further than that.
    pub(super) fn adjust(&self, measured: Measured) {
        let (earliest, latest) = self.bounds(measured);
        let before = self.began_at.load(Ordering::Relaxed);
        let after = before.clamp(earliest, latest);
        self.began_at.store(after, Ordering::Relaxed);
    }

    /// The database's time at the beginning, at the earliest and at the latest: its answer was made after it was asked, and
    /// before it was there.
    fn bounds(&self, measured: Measured) -> (i64, i64) {
        let since = |moment: Duration| milliseconds(moment.saturating_sub(self.begin));
        let answered = measured.time.saturating_sub(since(measured.answered));
        let asked = measured.time.saturating_sub(since(measured.asked));
        (answered, asked.max(answered))
    }
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        let began_at = Timestamp::from_millis(self.began_at.load(Ordering::Relaxed));
        began_at.after((self.counted)().saturating_sub(self.begin))
    }
}

/// The database said that it was that time, in milliseconds, somewhen in between, by what this machine counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    pub(super) asked: Duration,
    pub(super) answered: Duration,
    pub(super) time: i64,
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    /// What the machine has counted when it is asked for the first time, in milliseconds.
    const BEGIN: u64 = 5_000_000;

    /// Asked so many milliseconds after the beginning, and answered so many later.
    fn measured(asked: u64, took: u64, time: i64) -> Measured {
        let asked = Duration::from_millis(BEGIN + asked);
        Measured {
            asked,
            answered: asked + Duration::from_millis(took),
            time,
        }
    }

    fn began_at(clock: &DatabaseClock) -> i64 {
        clock.began_at.load(Ordering::Relaxed)
    }

    #[test]
    fn a_measurement_that_agrees_moves_nothing_and_one_that_does_not_no_more_than_it_must() {
        let clock = DatabaseClock::new(measured(0, 4, 1_000_000));
        assert_eq!(began_at(&clock), 999_996);
        for (asked, took, time, expected) in [
            // It was 996 to 1000 at the beginning by this one: nothing new.
            (1000, 10, 1_001_006, 999_996),
            // The answer was slow, so little is known.
            (2000, 900, 1_002_500, 999_996),
            // The database is ahead by 500 ms: by one that is sure within 2 ms.
            (3000, 2, 1_003_501, 1_000_499),
            // It was set back.
            (4000, 2, 1_000_001, 996_001),
        ] {
            clock.adjust(measured(asked, took, time));
            assert_eq!(began_at(&clock), expected, "{asked}");
        }
    }

    #[test]
    fn what_the_machine_counts_goes_by_while_nobody_measures() {
        static COUNTED: AtomicU64 = AtomicU64::new(BEGIN);
        let counted = || Duration::from_millis(COUNTED.load(Ordering::Relaxed));
        let clock = DatabaseClock::counting(counted, measured(0, 0, 1_000_000));
        assert_eq!(clock.now().as_millis(), 1_000_000);
        // A night in which the machine slept.
        COUNTED.fetch_add(28_800_000, Ordering::Relaxed);
        assert_eq!(clock.now().as_millis(), 29_800_000);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_time_that_the_machine_slept_is_counted() {
        // As Linux counts it beside that.
        let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
        let seconds: f64 = uptime.split(' ').next().unwrap().parse().unwrap();
        let counted = running_time();
        assert!(
            counted >= Duration::from_secs_f64(seconds),
            "{seconds} {counted:?}"
        );
    }
}
