//! How many requests may be sent to another server.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// What a request adds to the budget.
const DEPOSIT: u32 = 1;

/// What a retry costs: one for every five requests.
const COST: u32 = 5;

/// Retries that may come at once.
const MOST: u32 = 100 * COST;

/// Keeps retries from multiplying an outage: they are a share of the requests. Full, it is only read.
#[derive(Debug)]
pub(super) struct RetryBudget(AtomicU32);

impl RetryBudget {
    pub(super) const fn full() -> Self {
        Self(AtomicU32::new(MOST))
    }

    /// A request came. Two that come together may overfill it a little.
    pub(super) fn note_request(&self) {
        if self.0.load(Relaxed) < MOST {
            self.0.fetch_add(DEPOSIT, Relaxed);
        }
    }

    /// Whether a retry may be made.
    pub(super) fn withdraw(&self) -> bool {
        let withdrawn = self
            .0
            .fetch_update(Relaxed, Relaxed, |left| left.checked_sub(COST));
        withdrawn.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(budget: &RetryBudget) -> usize {
        std::iter::repeat_with(|| budget.withdraw())
            .take_while(|withdrawn| *withdrawn)
            .count()
    }

    #[test]
    fn retries_are_a_fifth_of_the_requests_after_a_burst() {
        let budget = RetryBudget::full();
        budget.note_request();
        assert_eq!(left(&budget), 100);
        for _ in 0..50 {
            budget.note_request();
        }
        assert_eq!(left(&budget), 10);
    }
}
