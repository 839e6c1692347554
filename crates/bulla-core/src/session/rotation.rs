//! Which refresh tokens are good. One idea carries it: two generations are, the newest and the
//! settled one.
//!
//! A generation is settled once it was used `settle` or more after it was handed out: then its
//! owner has certainly stored it, and whoever still presents an older one holds a copy. Until
//! then the older one is good too, for the reply that carried the newer may have been lost.

use std::time::Duration;

use super::{Generations, Sighting};
use crate::time::Timestamp;

/// What to do with a refresh token whose MAC holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Hand out the newest generation again.
    Repeat {
        /// What must be stored before the answer, if anything; `next.newest` is the newest then.
        next: Option<Generations>,
    },
    /// Hand out a new generation, `next.newest`, once `next` is stored.
    Rotate {
        /// What must be stored before the answer.
        next: Generations,
        /// The settled generation came again: the reply that carried the newest was lost.
        reply_lost: bool,
    },
    /// Somebody holds a stolen copy: end the session.
    Theft,
}

/// Decides what a refresh token of generation `presented` is worth, in a request that arrived at
/// `now`. Its MAC must have been checked: an invented generation would end the session.
#[must_use]
pub fn decide(
    generations: Generations,
    presented: u64,
    now: Timestamp,
    settle: Duration,
) -> Verdict {
    let Generations {
        newest, settled, ..
    } = generations;
    if presented > newest {
        // It was handed out once, so the store must have gone backwards since. Before it there was
        // the one that it replaced, which another tab may still hold.
        let next = Generations {
            newest: presented,
            settled: settled.max(presented - 1),
            ..generations.handed_out_again(now)
        };
        return Verdict::Repeat { next: Some(next) };
    }
    if presented < settled {
        return Verdict::Theft;
    }
    if now.since(generations.handed_out_at) < settle {
        let again = generations.handed_out_again(now);
        let next = (presented < newest && again != generations).then_some(again);
        return Verdict::Repeat { next };
    }
    if presented == newest || presented == settled {
        return Verdict::Rotate {
            next: Generations {
                newest: newest.saturating_add(1),
                handed_out_at: now,
                settled: presented,
            },
            reply_lost: presented != newest,
        };
    }
    Verdict::Theft
}

impl Generations {
    /// The generations of a new session: the first was handed out now, none is settled.
    #[must_use]
    pub const fn first(now: Timestamp) -> Self {
        Self {
            newest: 1,
            handed_out_at: now,
            settled: 0,
        }
    }

    /// The newest was handed out once more. Never moves back: requests may overtake each other.
    #[must_use]
    pub fn handed_out_again(self, now: Timestamp) -> Self {
        Self {
            handed_out_at: self.handed_out_at.max(now),
            ..self
        }
    }

    /// What a sighting makes of the generations; `None` if it changes nothing.
    #[must_use]
    pub fn sighted(self, sighting: &Sighting, settle: Duration) -> Option<Self> {
        let in_use = sighting.seen_at >= self.handed_out_at.after(settle);
        let news = sighting.generation == self.newest && self.settled < self.newest;
        (news && in_use).then_some(Self {
            settled: self.newest,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SessionId;

    const T: Duration = Duration::from_secs(60);
    const HANDED_OUT: i64 = 1_000_000;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millis(HANDED_OUT + milliseconds)
    }

    /// (newest, settled), the newest handed out at zero.
    fn generations((newest, settled): (u64, u64)) -> Generations {
        Generations {
            newest,
            handed_out_at: at(0),
            settled,
        }
    }

    fn check(stored: (u64, u64), presented: u64, milliseconds: i64, expected: Verdict) {
        let verdict = decide(generations(stored), presented, at(milliseconds), T);
        assert_eq!(
            verdict, expected,
            "{presented} against {stored:?} after {milliseconds} ms"
        );
    }

    fn repeat() -> Verdict {
        Verdict::Repeat { next: None }
    }

    fn repeat_and_store(newest: u64, milliseconds: i64, settled: u64) -> Verdict {
        let next = Some(next(newest, milliseconds, settled));
        Verdict::Repeat { next }
    }

    fn rotate(newest: u64, milliseconds: i64, settled: u64, reply_lost: bool) -> Verdict {
        let next = next(newest, milliseconds, settled);
        Verdict::Rotate { next, reply_lost }
    }

    fn next(newest: u64, milliseconds: i64, settled: u64) -> Generations {
        Generations {
            newest,
            handed_out_at: at(milliseconds),
            settled,
        }
    }

    #[test]
    fn rule_2_older_than_the_settled_one_is_theft_at_any_time() {
        for milliseconds in [-60_000, 0, 1, 59_999, 60_000, 604_800_000] {
            check((5, 4), 3, milliseconds, Verdict::Theft);
            check((5, 5), 4, milliseconds, Verdict::Theft);
            check((9, 4), 0, milliseconds, Verdict::Theft);
        }
    }

    #[test]
    fn rule_3_the_newest_comes_again_inside_the_span_and_nothing_is_written() {
        for milliseconds in [0, 1, 59_999] {
            check((5, 4), 5, milliseconds, repeat());
            check((5, 5), 5, milliseconds, repeat());
            check((1, 0), 1, milliseconds, repeat());
        }
    }

    #[test]
    fn rule_3_an_older_one_inside_the_span_gets_the_newest_which_counts_as_handed_out_now() {
        for milliseconds in [1, 59_999] {
            check(
                (5, 4),
                4,
                milliseconds,
                repeat_and_store(5, milliseconds, 4),
            );
            check(
                (9, 4),
                4,
                milliseconds,
                repeat_and_store(9, milliseconds, 4),
            );
            // Between the settled one and the newest, too.
            check(
                (9, 4),
                6,
                milliseconds,
                repeat_and_store(9, milliseconds, 4),
            );
        }
        check((5, 4), 4, 0, repeat());
    }

    #[test]
    fn rule_3_holds_for_requests_that_arrived_before_the_newest_was_handed_out() {
        check((5, 4), 5, -10, repeat());
        check((5, 4), 4, -10, repeat());
    }

    #[test]
    fn rule_4_the_newest_is_settled_and_rotated_from_the_end_of_the_span_on() {
        for milliseconds in [60_000, 60_001, 604_800_000] {
            check((5, 4), 5, milliseconds, rotate(6, milliseconds, 5, false));
            check((5, 5), 5, milliseconds, rotate(6, milliseconds, 5, false));
            check((1, 0), 1, milliseconds, rotate(2, milliseconds, 1, false));
        }
    }

    #[test]
    fn rule_4_the_settled_one_means_a_lost_reply_however_late() {
        for milliseconds in [60_000, 60_001, 604_800_000] {
            check((5, 4), 4, milliseconds, rotate(6, milliseconds, 4, true));
            check((9, 4), 4, milliseconds, rotate(10, milliseconds, 4, true));
        }
    }

    #[test]
    fn rule_5_between_the_settled_one_and_the_newest_is_theft_after_the_span() {
        for milliseconds in [60_000, 604_800_000] {
            check((9, 4), 5, milliseconds, Verdict::Theft);
            check((9, 4), 8, milliseconds, Verdict::Theft);
        }
    }

    #[test]
    fn rule_6_above_the_newest_becomes_the_newest() {
        for milliseconds in [0, 59_999, 60_000, 604_800_000] {
            let becomes = |newest, settled| repeat_and_store(newest, milliseconds, settled);
            check((5, 4), 6, milliseconds, becomes(6, 5));
            check((5, 5), 6, milliseconds, becomes(6, 5));
            check((5, 4), 9, milliseconds, becomes(9, 8));
        }
        // A clock that went back with the store does not shorten the span.
        check((5, 4), 9, -10, repeat_and_store(9, 0, 8));
    }

    #[test]
    fn a_sighting_settles_the_newest_from_the_end_of_the_span_on() {
        let sighted = |stored, generation, milliseconds| {
            let sighting = Sighting {
                session: SessionId::from_bytes([0; 16]),
                generation,
                seen_at: at(milliseconds),
            };
            generations(stored).sighted(&sighting, T)
        };
        assert_eq!(sighted((5, 4), 5, 60_000), Some(next(5, 0, 5)));
        assert_eq!(sighted((9, 4), 9, 60_001), Some(next(9, 0, 9)));
        assert_eq!(sighted((5, 4), 5, 59_999), None, "too soon");
        assert_eq!(sighted((5, 5), 5, 60_000), None, "no news");
        assert_eq!(sighted((5, 4), 4, 60_000), None, "not the newest");
        assert_eq!(sighted((5, 4), 6, 60_000), None, "not handed out yet");
    }
}
