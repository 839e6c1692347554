//! Whether a server is asked.

use std::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use tokio::time::Instant;

/// So many failures in a row, and a server is left out.
const FAILURES: u32 = 3;

/// So many failed checks in a row, and a server is left out.
const FAILED_CHECKS: u32 = 2;

/// For how long a server is left out at first; twice as long after each trial that failed.
const FIRST_REST: Duration = Duration::from_secs(1);

const LONGEST_REST: Duration = Duration::from_secs(60);

/// What requests and checks found out about a server. Read on every request, written only when something changes.
#[derive(Debug)]
pub(crate) struct Health {
    origin: Instant,
    /// [`IN`], [`UNTIL_CHECKED`], or until when it rests, in milliseconds since the origin.
    out: AtomicU64,
    failures: AtomicU32,
    failed_checks: AtomicU32,
    /// How often it was left out since it last answered.
    rests: AtomicU32,
}

/// The one trial of a server that has rested, as the end of the rest that it was taken with.
#[derive(Debug)]
pub(crate) struct Trial(u64);

const IN: u64 = 0;
const UNTIL_CHECKED: u64 = u64::MAX;

/// Whether a server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    In,
    /// It has rested: one request may try it.
    Due,
    Out,
}

impl Health {
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            origin: now,
            out: AtomicU64::new(IN),
            failures: AtomicU32::new(0),
            failed_checks: AtomicU32::new(0),
            rests: AtomicU32::new(0),
        }
    }

    /// Whether it is asked like any other.
    pub(crate) fn is_in(&self) -> bool {
        self.out.load(Relaxed) == IN
    }

    /// The time is asked for only if it matters.
    pub(super) fn standing(&self, now: impl FnOnce() -> Instant) -> Standing {
        match self.out.load(Relaxed) {
            IN => Standing::In,
            UNTIL_CHECKED => Standing::Out,
            until if until <= self.milliseconds(now()) => Standing::Due,
            _ => Standing::Out,
        }
    }

    /// Takes the one trial of a server that has rested. There is another one soon, unless the server [gets](Self::begin_trial)
    /// the whole request or fails before: a client that keeps its request back must not keep the server out.
    pub(super) fn claim_trial(&self, now: Instant) -> Option<Trial> {
        let until = self.out.load(Relaxed);
        if until == IN || until == UNTIL_CHECKED || until > self.milliseconds(now) {
            return None;
        }
        let claimed = self.milliseconds(now + FIRST_REST);
        self.replace(until, claimed).then_some(Trial(claimed))
    }

    /// From here on it is the server's turn. Whatever comes of it, the next trial is later each time: only an answer ends the
    /// rest.
    pub(super) fn begin_trial(&self, Trial(claimed): Trial, now: Instant) {
        if self.replace(claimed, self.milliseconds(now + self.rest())) {
            self.rests.fetch_add(1, Relaxed);
        }
    }

    /// True if it had been left out until now.
    pub(super) fn note_answer(&self) -> bool {
        if self.failures.load(Relaxed) != 0 {
            self.failures.store(0, Relaxed);
        }
        let out = self.out.load(Relaxed);
        let back = out != IN && out != UNTIL_CHECKED && self.replace(out, IN);
        if back {
            self.rests.store(0, Relaxed);
        }
        back
    }

    /// True if it is left out from now on. Many requests may fail together: the first ones count.
    pub(super) fn note_failure(&self, now: Instant) -> bool {
        let failures = self.failures.load(Relaxed).saturating_add(1);
        self.failures.store(failures, Relaxed);
        let out = failures >= FAILURES && self.replace(IN, self.milliseconds(now + self.rest()));
        if out {
            self.rests.fetch_add(1, Relaxed);
        }
        out
    }

    /// True if it had been left out until now.
    pub(super) fn note_check_passed(&self) -> bool {
        self.failed_checks.store(0, Relaxed);
        if self.is_in() {
            return false;
        }
        self.failures.store(0, Relaxed);
        self.rests.store(0, Relaxed);
        self.out.swap(IN, Relaxed) != IN
    }

    /// True if it is left out from now on.
    pub(super) fn note_check_failed(&self) -> bool {
        let failed = self.failed_checks.load(Relaxed).saturating_add(1);
        self.failed_checks.store(failed, Relaxed);
        failed >= FAILED_CHECKS && self.out.swap(UNTIL_CHECKED, Relaxed) == IN
    }

    fn rest(&self) -> Duration {
        let doublings = self.rests.load(Relaxed).min(16);
        FIRST_REST.saturating_mul(1 << doublings).min(LONGEST_REST)
    }

    /// Never [`IN`].
    fn milliseconds(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.origin).as_millis();
        u64::try_from(since).unwrap_or(u64::MAX - 2) + 1
    }

    fn replace(&self, before: u64, after: u64) -> bool {
        self.out
            .compare_exchange(before, after, Relaxed, Relaxed)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn failed(now: Instant, times: u32) -> Health {
        let health = Health::new(now);
        for _ in 0..times {
            health.note_failure(now);
        }
        health
    }

    #[test]
    fn a_server_is_left_out_after_three_failures_in_a_row() {
        let now = Instant::now();
        let health = failed(now, 2);
        assert!(!health.note_answer(), "it was never out");
        assert!(!health.note_failure(now));
        assert!(!health.note_failure(now));
        assert_eq!(health.standing(|| now), Standing::In);
        assert!(health.note_failure(now), "said once");
        assert!(!health.note_failure(now));
        assert_eq!(health.standing(|| now), Standing::Out);
        assert!(!health.is_in());
    }

    #[test]
    fn one_trial_at_a_time_and_each_later_than_the_last() {
        let start = Instant::now();
        let health = failed(start, 3);
        let mut now = start;
        for rest in [1, 2, 4, 8, 16, 32, 60, 60] {
            let early = now + rest * SECOND - Duration::from_millis(1);
            assert!(health.claim_trial(early).is_none(), "{rest}");
            now += rest * SECOND;
            assert_eq!(health.standing(|| now), Standing::Due);
            let trial = health.claim_trial(now).unwrap();
            assert!(health.claim_trial(now).is_none(), "somebody else tries it");
            health.begin_trial(trial, now);
            assert_eq!(health.standing(|| now), Standing::Out);
            health.note_failure(now);
        }
    }

    #[test]
    fn a_trial_that_does_not_begin_is_soon_another_requests() {
        let mut now = Instant::now();
        let health = failed(now, 3);
        for _ in 0..20 {
            now += SECOND;
            let late = health.claim_trial(now).unwrap();
            let early = now + SECOND - Duration::from_millis(1);
            assert!(health.claim_trial(early).is_none());
            now += SECOND;
            assert!(health.claim_trial(now).is_some());
            // Another request has it by now.
            health.begin_trial(late, now);
            assert_eq!(health.rests.load(Relaxed), 1);
        }
    }

    #[test]
    fn an_answer_brings_it_back_with_a_clean_record() {
        let now = Instant::now();
        let health = failed(now, 3);
        assert!(health.claim_trial(now + SECOND).is_some());
        assert!(health.note_answer(), "said once");
        assert!(!health.note_answer());
        assert!(health.is_in());
        assert!(!health.note_failure(now) && !health.note_failure(now));
        assert!(health.note_failure(now));
        assert_eq!(health.standing(|| now + SECOND), Standing::Due);
    }

    #[test]
    fn two_failed_checks_leave_it_out_until_one_passes() {
        let now = Instant::now();
        let health = Health::new(now);
        assert!(!health.note_check_failed());
        assert!(!health.note_check_passed());
        assert!(!health.note_check_failed());
        assert!(health.is_in());
        assert!(health.note_check_failed(), "said once");
        assert!(!health.note_check_failed());
        assert!(!health.note_answer(), "its word is not enough");
        assert_eq!(health.standing(|| now + 3600 * SECOND), Standing::Out);
        assert!(health.note_check_passed());
        assert!(health.is_in());
    }

    #[test]
    fn a_check_that_passes_ends_a_rest_and_one_that_fails_goes_on_with_it() {
        let now = Instant::now();
        let health = failed(now, 3);
        assert!(health.note_check_passed());
        assert!(health.is_in());
        let health = failed(now, 3);
        health.note_check_failed();
        assert!(!health.note_check_failed(), "it was out already");
        assert!(health.claim_trial(now + 3600 * SECOND).is_none());
    }
}
