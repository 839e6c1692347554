//! When to fetch next: a rule without a clock.

use std::time::{Duration, Instant};

use super::RemoteSettings;

/// After a failure: this, then twice as long with each further one…
const FIRST_RETRY: Duration = Duration::from_secs(1);
/// …up to this.
const LAST_RETRY: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Schedule {
    refresh_every: Duration,
    missed_key_cooldown: Duration,
    last_begun: Option<Instant>,
    failures: u32,
    key_missed: bool,
}

impl Schedule {
    pub(super) fn new(settings: &RemoteSettings) -> Self {
        Self {
            // Keys that are replaced only when they have grown too old would be missing in between.
            refresh_every: settings.refresh_every.min(settings.max_age / 2),
            missed_key_cooldown: settings.missed_key_cooldown,
            last_begun: None,
            failures: 0,
            key_missed: false,
        }
    }

    /// When the next fetch begins; now, if there was none yet.
    pub(super) fn next_fetch(&self, now: Instant) -> Instant {
        let Some(last_begun) = self.last_begun else {
            return now;
        };
        let mut wait = self.refresh_every;
        if self.key_missed {
            wait = wait.min(self.missed_key_cooldown);
        }
        if self.failures > 0 {
            wait = wait.min(self.retry_after());
        }
        last_begun + wait
    }

    /// A token named an unknown key: that is worth a fetch, once the cooldown is over.
    pub(super) const fn key_missed(&mut self) {
        self.key_missed = true;
    }

    pub(super) const fn fetch_begins(&mut self, now: Instant) {
        self.last_begun = Some(now);
        self.key_missed = false;
    }

    pub(super) const fn fetch_ended(&mut self, succeeded: bool) {
        self.failures = if succeeded {
            0
        } else {
            self.failures.saturating_add(1)
        };
    }

    fn retry_after(&self) -> Duration {
        let doublings = self.failures.saturating_sub(1).min(16);
        LAST_RETRY.min(FIRST_RETRY * 2_u32.pow(doublings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::remote::JwkSetUrl;

    const SECOND: Duration = Duration::from_secs(1);

    /// A schedule whose first fetch began at the returned time and succeeded.
    fn fetched() -> (Schedule, Instant) {
        let url = JwkSetUrl::parse("http://a/").unwrap();
        let mut schedule = Schedule::new(&RemoteSettings::new(url, &[]));
        let begin = Instant::now();
        assert_eq!(schedule.next_fetch(begin), begin);
        schedule.fetch_begins(begin);
        schedule.fetch_ended(true);
        (schedule, begin)
    }

    #[test]
    fn without_cause_it_waits_for_the_next_turn() {
        let (schedule, begin) = fetched();
        assert_eq!(schedule.next_fetch(begin + SECOND), begin + 300 * SECOND);
    }

    #[test]
    fn a_missed_key_waits_for_the_cooldown_and_counts_once() {
        let (mut schedule, begin) = fetched();
        schedule.key_missed();
        schedule.key_missed();
        assert_eq!(schedule.next_fetch(begin), begin + 30 * SECOND);
        schedule.fetch_begins(begin + 30 * SECOND);
        schedule.fetch_ended(true);
        assert_eq!(schedule.next_fetch(begin), begin + 330 * SECOND);
    }

    #[test]
    fn failures_are_retried_ever_later_and_forgotten_after_a_success() {
        let (mut schedule, begin) = fetched();
        for wait in [1, 2, 4, 8, 16, 30, 30] {
            schedule.fetch_begins(begin);
            schedule.fetch_ended(false);
            assert_eq!(schedule.next_fetch(begin), begin + wait * SECOND);
        }
        schedule.fetch_ended(true);
        assert_eq!(schedule.next_fetch(begin), begin + 300 * SECOND);
    }

    #[test]
    fn keys_are_fetched_again_well_before_they_are_too_old() {
        let url = JwkSetUrl::parse("http://a/").unwrap();
        let settings = RemoteSettings {
            max_age: 60 * SECOND,
            ..RemoteSettings::new(url, &[])
        };
        let mut schedule = Schedule::new(&settings);
        let begin = Instant::now();
        schedule.fetch_begins(begin);
        schedule.fetch_ended(true);
        assert_eq!(schedule.next_fetch(begin), begin + 30 * SECOND);
    }
}
