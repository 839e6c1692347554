//! A prefix that is refused.

use std::sync::Arc;

use super::{Offence, Rung, ladder::DROPPED_FROM, score::limit};
use crate::{
    client::Cidr,
    problem::{Code, Problem},
};

/// A prefix that is refused. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ban {
    /// Whose requests.
    pub prefix: Cidr,
    /// From when on.
    pub since: u64,
    /// Until when; `None`: until it is removed.
    pub until: Option<u64>,
    /// Why.
    pub cause: Cause,
}

/// Why a prefix is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Too much came from it.
    Automatic {
        /// What it has come to; never the challenge.
        rung: Rung,
        /// The last of what came.
        offence: Offence,
    },
    /// An administrator said so.
    Manual {
        /// Why, for other administrators.
        reason: Option<Arc<str>>,
    },
}

impl Ban {
    /// Whether it counts. After a clock that was set back it lasts twice as long at most.
    #[must_use]
    pub fn is_in_force(&self, now: u64) -> bool {
        self.until.is_none_or(|until| {
            now < until && self.since <= now.saturating_add(until - self.since.min(until))
        })
    }

    /// Whether its time has passed. One that is neither over nor in force waits for a clock that was set back.
    pub(super) fn is_over(&self, now: u64) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// How it compares with others that an address falls under: the strictest counts, and of those alike the one that ends
    /// last.
    pub(super) fn severity(&self) -> impl Ord + use<> {
        let until = self.until.unwrap_or(u64::MAX);
        (self.is_dropped(), !self.spares_sessions(), until)
    }

    /// Whether it is so long that connections are dropped, which costs less than an answer.
    #[must_use]
    pub fn is_dropped(&self) -> bool {
        self.until
            .is_none_or(|until| until.saturating_sub(self.since) >= DROPPED_FROM.as_millis() as u64)
    }

    /// Whether a session in good standing passes nevertheless: its address is shared with whoever misbehaved. Not for ever,
    /// and not against an administrator's will.
    #[must_use]
    pub fn spares_sessions(&self) -> bool {
        matches!(self.cause, Cause::Automatic { .. }) && !self.is_dropped()
    }

    /// What a client is told: what was counted, what the limit is and when to come back.
    #[must_use]
    pub fn problem(&self, now: u64) -> Problem {
        let prefix = self.prefix;
        let seconds = self.until.map(|until| {
            let seconds = until.saturating_sub(now).div_ceil(1000);
            u32::try_from(seconds).unwrap_or(u32::MAX)
        });
        let end = seconds.map_or_else(String::new, |seconds| format!("; it ends in {seconds} s"));
        let problem = match &self.cause {
            Cause::Automatic { offence, .. } => {
                let (last, limit) = (offence.described(), limit(&prefix));
                let detail = format!(
                    "too many forged tokens, malformed requests, failed logins and the like came from {prefix}, the last of \
                     them {last}; {limit} within a few minutes are the limit{end}"
                );
                let problem = Problem::new(Code::AddressBanned, detail);
                problem.with("limit", limit).with("last", offence.as_str())
            }
            Cause::Manual { .. } => {
                let detail = format!("an administrator decided that {prefix} is refused{end}");
                Problem::new(Code::AddressBanned, detail)
            }
        };
        let problem = problem.with("prefix", prefix.to_string());
        match seconds {
            Some(seconds) => problem.retry_after(seconds).with("retry_after", seconds),
            None => problem,
        }
    }

    /// What is remembered of it.
    pub(super) fn remembered(&self, now: u64) -> Option<Rung> {
        match (&self.cause, self.until) {
            (Cause::Automatic { rung, .. }, Some(until)) => {
                rung.remembered(now.saturating_sub(until))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    fn ban(length: Option<u64>, cause: Cause) -> Ban {
        let since = 100 * MINUTE;
        Ban {
            prefix: "192.0.2.1".parse().unwrap(),
            since,
            until: length.map(|length| since + length),
            cause,
        }
    }

    fn automatic(rung: Rung) -> Ban {
        let offence = Offence::ForgedToken;
        let length = rung.ban().unwrap().as_millis() as u64;
        ban(Some(length), Cause::Automatic { rung, offence })
    }

    #[test]
    fn a_clock_that_was_set_back_doubles_a_ban_at_most() {
        let ban = automatic(Rung::FiveMinutes);
        for (at, expected) in [
            (94, false),
            (95, true),
            (100, true),
            (104, true),
            (105, false),
        ] {
            assert_eq!(ban.is_in_force(at * MINUTE), expected, "{at}");
        }
    }

    #[test]
    fn whoever_is_refused_is_told_why_and_until_when() {
        let ban = automatic(Rung::Minute);
        let problem = ban.problem(ban.since + 1);
        let id = crate::client::RequestId::from_random([0; 16]);
        assert!(problem.detail().contains("192.0.2.1/32"), "{problem:?}");
        assert!(problem.detail().ends_with("it ends in 60 s"), "{problem:?}");
        let answer = problem.response(&id);
        assert_eq!(answer.headers()["retry-after"], "60");
        assert!(!answer.headers().contains_key("www-authenticate"));
    }

    #[test]
    fn long_bans_are_dropped_and_short_ones_spare_sessions() {
        let manual = |length| ban(length, Cause::Manual { reason: None });
        for (ban, dropped, spares) in [
            (automatic(Rung::Minute), false, true),
            (automatic(Rung::HalfHour), false, true),
            (automatic(Rung::FourHours), true, false),
            (automatic(Rung::Day), true, false),
            (manual(Some(60 * MINUTE)), false, false),
            (manual(Some(240 * MINUTE)), true, false),
            (manual(None), true, false),
        ] {
            assert_eq!(
                (ban.is_dropped(), ban.spares_sessions()),
                (dropped, spares),
                "{ban:?}"
            );
        }
    }
}
