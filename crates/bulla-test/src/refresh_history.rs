//! What refreshes of one session were answered, whoever asked and wherever, to be looked at afterwards.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use bulla_jose::base64url;

/// The refreshes of one session.
#[derive(Debug, Default)]
pub struct RefreshHistory {
    ticks: AtomicU64,
    answered: Mutex<Vec<Answered>>,
}

/// One answered refresh: when it began and ended by a counter that all share, and what it got.
#[derive(Debug, Clone, Copy)]
struct Answered {
    began: u64,
    ended: u64,
    generation: u64,
}

impl RefreshHistory {
    /// The time before a request, for [`answered`](Self::answered).
    #[must_use]
    pub fn now(&self) -> u64 {
        self.ticks.fetch_add(1, Ordering::SeqCst)
    }

    /// A request that began at `began` was answered just now with this refresh token.
    ///
    /// # Panics
    /// It is none.
    pub fn answered(&self, began: u64, refresh_token: &str) {
        let answered = Answered {
            began,
            ended: self.now(),
            generation: generation(refresh_token),
        };
        let mut all = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(answered);
    }

    /// The newest generation only grows. So a history of it reads as one after another exactly if no answer that began
    /// after another had ended has an older one; each has one that was made.
    ///
    /// # Panics
    /// It does not.
    pub fn check(&self, newest: u64) {
        let all = self.answered.lock();
        let mut history = all.unwrap_or_else(PoisonError::into_inner).clone();
        history.sort_by_key(|answered| answered.began);
        let mut ended = history.clone();
        ended.sort_by_key(|answered| answered.ended);
        let (mut before, mut handed_out) = (ended.iter().peekable(), 0);
        for answered in history {
            while let Some(earlier) = before.next_if(|earlier| earlier.ended < answered.began) {
                handed_out = handed_out.max(earlier.generation);
            }
            assert!(
                (handed_out..=newest).contains(&answered.generation),
                "{answered:?} after {handed_out}, newest {newest}"
            );
        }
    }
}

/// The generation of a refresh token, read from itself: key version, session, generation.
///
/// # Panics
/// It is no refresh token.
#[must_use]
pub fn generation(refresh_token: &str) -> u64 {
    let encoded = refresh_token.strip_prefix("brt_").map(str::as_bytes);
    let bytes = encoded.and_then(|encoded| base64url::decode(encoded).ok());
    let bytes = bytes.unwrap_or_default();
    let generation = bytes.get(20..28).and_then(|bytes| bytes.try_into().ok());
    u64::from_be_bytes(generation.expect("a refresh token"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(answers: &[(u64, u64, u64)]) -> RefreshHistory {
        let answers = answers.iter().map(|&(began, ended, generation)| Answered {
            began,
            ended,
            generation,
        });
        RefreshHistory {
            ticks: AtomicU64::default(),
            answered: Mutex::new(answers.collect()),
        }
    }

    #[test]
    fn answers_that_overlap_may_come_in_any_order() {
        history(&[(0, 5, 2), (1, 3, 1), (2, 9, 1), (6, 7, 2)]).check(2);
    }

    #[test]
    #[should_panic(expected = "after 2, newest 3")]
    fn what_began_after_a_newer_one_had_ended_is_not_older() {
        history(&[(0, 5, 2), (6, 7, 1)]).check(3);
    }

    #[test]
    #[should_panic(expected = "newest 2")]
    fn nothing_is_newer_than_the_newest() {
        history(&[(0, 5, 3)]).check(2);
    }
}
