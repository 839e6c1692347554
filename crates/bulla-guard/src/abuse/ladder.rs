//! The rungs, from which each fall is higher.

use std::time::Duration;

/// What an address has come to. The next time, it comes to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// Whoever has no good token has to get one first.
    Challenge,
    /// Refused for a minute.
    Minute,
    /// For five minutes.
    FiveMinutes,
    /// For half an hour.
    HalfHour,
    /// Dropped for four hours.
    FourHours,
    /// For a day.
    Day,
}

/// Bans of this length are not worth an answer: their connections are dropped before TLS.
pub(super) const DROPPED_FROM: Duration = Duration::from_secs(4 * 60 * 60);

/// The least time for which a rung is remembered.
const MEMORY: u64 = 60 * 60 * 1000;

impl Rung {
    /// From the lowest to the highest.
    pub const ALL: [Self; 6] = [
        Self::Challenge,
        Self::Minute,
        Self::FiveMinutes,
        Self::HalfHour,
        Self::FourHours,
        Self::Day,
    ];

    /// How long a ban of this rung lasts; `None`: it is no ban.
    #[must_use]
    pub const fn ban(self) -> Option<Duration> {
        let minutes = match self {
            Self::Challenge => return None,
            Self::Minute => 1,
            Self::FiveMinutes => 5,
            Self::HalfHour => 30,
            Self::FourHours => 4 * 60,
            Self::Day => 24 * 60,
        };
        Some(Duration::from_secs(minutes * 60))
    }

    /// As in metrics, logs and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Challenge => "challenge",
            Self::Minute => "1m",
            Self::FiveMinutes => "5m",
            Self::HalfHour => "30m",
            Self::FourHours => "4h",
            Self::Day => "24h",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rung| rung.as_str() == name)
    }

    /// The ban of whoever is remembered on a rung.
    pub(super) const fn next(remembered: Option<Self>) -> Self {
        match remembered {
            None | Some(Self::Challenge) => Self::Minute,
            Some(Self::Minute) => Self::FiveMinutes,
            Some(Self::FiveMinutes) => Self::HalfHour,
            Some(Self::HalfHour) => Self::FourHours,
            Some(Self::FourHours | Self::Day) => Self::Day,
        }
    }

    /// What is still remembered of a ban of this rung so many milliseconds after its end: each rung for as long as its ban
    /// lasts, and for an hour at least, and then the one below.
    pub(super) const fn remembered(self, mut since_end: u64) -> Option<Self> {
        let mut rung = self;
        loop {
            let Some(span) = rung.memory() else {
                return None;
            };
            if since_end < span {
                return Some(rung);
            }
            since_end -= span;
            rung = match rung {
                Self::Challenge | Self::Minute => return None,
                Self::FiveMinutes => Self::Minute,
                Self::HalfHour => Self::FiveMinutes,
                Self::FourHours => Self::HalfHour,
                Self::Day => Self::FourHours,
            };
        }
    }

    const fn memory(self) -> Option<u64> {
        match self.ban() {
            None => None,
            Some(ban) => {
                let span = ban.as_secs() * 1000;
                Some(if span < MEMORY { MEMORY } else { span })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ban_is_longer_than_the_one_before_and_none_is_longer_than_a_day() {
        let mut rung = None;
        let mut climbed = Vec::new();
        for _ in 0..6 {
            let next = Rung::next(rung);
            climbed.push(next.as_str());
            rung = Some(next);
        }
        assert_eq!(climbed, ["1m", "5m", "30m", "4h", "24h", "24h"]);
    }

    #[test]
    fn a_rung_is_remembered_for_a_while_and_then_the_one_below() {
        const HOUR: u64 = 60 * 60 * 1000;
        for (rung, hours, expected) in [
            (Rung::Minute, 0, Some(Rung::Minute)),
            (Rung::Minute, 1, None),
            (Rung::HalfHour, 0, Some(Rung::HalfHour)),
            (Rung::HalfHour, 1, Some(Rung::FiveMinutes)),
            (Rung::HalfHour, 2, Some(Rung::Minute)),
            (Rung::HalfHour, 3, None),
            (Rung::Day, 23, Some(Rung::Day)),
            (Rung::Day, 24, Some(Rung::FourHours)),
            (Rung::Day, 28, Some(Rung::HalfHour)),
            (Rung::Day, 31, None),
            (Rung::Challenge, 0, None),
        ] {
            assert_eq!(rung.remembered(hours * HOUR), expected, "{rung:?} {hours}");
        }
        assert_eq!(Rung::Minute.remembered(HOUR - 1), Some(Rung::Minute));
    }

    #[test]
    fn each_has_a_name_of_its_own() {
        for rung in Rung::ALL {
            assert_eq!(Rung::parse(rung.as_str()), Some(rung));
        }
    }
}
