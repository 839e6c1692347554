//! How fast a client's body must come.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

use crate::settings::Timeouts;

/// Bytes a second that a body must come to, over all the time for which it was waited for.
const FLOOR: u64 = 240;

/// Watches how long a body keeps its reader waiting. Time in which nobody wanted to read is not the client's fault, and
/// counts for nothing.
#[derive(Debug)]
pub(super) struct Pace {
    /// How long nothing may come.
    stall: Duration,
    /// The time that counts against nobody.
    grace: Duration,
    /// When all of it must have come.
    end: Option<Instant>,
    /// How long it was waited for, all in all, before the wait that is going on.
    waited: Duration,
    since: Option<Instant>,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    pub(super) const fn new(timeouts: &Timeouts) -> Self {
        Self {
            stall: timeouts.response,
            grace: timeouts.body,
            end: None,
            waited: Duration::ZERO,
            since: None,
            deadline: None,
        }
    }

    /// From now on, all of it must have come within the grace.
    pub(super) fn limit_whole(&mut self) {
        self.end = Some(Instant::now() + self.grace);
    }

    /// Nothing is there. Ready once that has been so for too long, `received` bytes having come before.
    pub(super) fn poll_too_slow(&mut self, received: u64, context: &mut Context<'_>) -> Poll<()> {
        if self.since.is_none() {
            let now = Instant::now();
            self.since = Some(now);
            let until = self.patience_ends(now, received);
            match &mut self.deadline {
                Some(deadline) => deadline.as_mut().reset(until),
                None => self.deadline = Some(Box::pin(sleep_until(until))),
            }
        }
        match &mut self.deadline {
            Some(deadline) => deadline.as_mut().poll(context),
            None => Poll::Pending,
        }
    }

    /// Something is there.
    pub(super) fn came(&mut self) {
        if let Some(since) = self.since.take() {
            self.waited += since.elapsed();
        }
    }

    fn patience_ends(&self, now: Instant, received: u64) -> Instant {
        let earned = Duration::from_millis(received.saturating_mul(1000) / FLOOR).max(self.grace);
        let left = earned.saturating_sub(self.waited).min(self.stall);
        let until = now + left;
        self.end.map_or(until, |end| until.min(end))
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::{advance, timeout};

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const SECOND: Duration = Duration::from_secs(1);

    fn pace() -> Pace {
        Pace::new(&Timeouts::default())
    }

    /// Whether a body that comes so is found too slow while it is waited for this long.
    async fn too_slow_within(pace: &mut Pace, received: u64, span: Duration) -> bool {
        let found = timeout(
            span,
            poll_fn(|context| pace.poll_too_slow(received, context)),
        );
        let found = found.await.is_ok();
        pace.came();
        found
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_is_waited_for_a_minute_from_its_last_byte() {
        let mut pace = pace();
        assert!(!too_slow_within(&mut pace, 0, 50 * SECOND).await);
        assert!(!too_slow_within(&mut pace, 1_000_000, 59 * SECOND).await);
        assert!(too_slow_within(&mut pace, 1_000_000, 61 * SECOND).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_has_a_minute_in_all() {
        let mut pace = pace();
        for received in 0..3 {
            assert!(!too_slow_within(&mut pace, received, 19 * SECOND).await);
        }
        assert!(too_slow_within(&mut pace, 3, 19 * SECOND).await);
    }

    #[tokio::test(start_paused = true)]
    async fn what_came_earns_time() {
        for (rate, found) in [(250, false), (230, true)] {
            let mut pace = pace();
            let mut too_slow = false;
            for second in 1..600 {
                too_slow |= too_slow_within(&mut pace, second * rate, SECOND).await;
            }
            assert_eq!(too_slow, found, "{rate}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_its_time_costs_the_client_none() {
        let mut pace = pace();
        for received in 0..10 {
            advance(10 * MINUTE).await;
            assert!(!too_slow_within(&mut pace, received, SECOND).await);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_whole_body_can_be_asked_for_in_a_minute() {
        for (limited, found) in [(true, true), (false, false)] {
            let mut pace = pace();
            if limited {
                pace.limit_whole();
            }
            let mut too_slow = false;
            for second in 1..120 {
                too_slow |= too_slow_within(&mut pace, second * 1000, SECOND).await;
            }
            assert_eq!(too_slow, found, "limited: {limited}");
        }
    }
}
