//! All live records about one subject, as one value.

use bulla_jose::jwt::UnixTime;

/// What of a subject's tokens is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SubjectRevocation {
    /// Every token, until then.
    all: Option<UnixTime>,
    /// The tokens of older epochs.
    older: Option<Older>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Older {
    min_epoch: u64,
    until: UnixTime,
}

impl SubjectRevocation {
    pub(super) const fn new(min_epoch: Option<u64>, until: UnixTime) -> Self {
        match min_epoch {
            None => Self {
                all: Some(until),
                older: None,
            },
            Some(min_epoch) => Self {
                all: None,
                older: Some(Older { min_epoch, until }),
            },
        }
    }

    /// Both. Of two epochs the higher one counts, until the later time: no token that only the
    /// shorter record hits lives past that record's own end.
    pub(super) fn and(self, other: Self) -> Self {
        let older = match (self.older, other.older) {
            (Some(one), Some(two)) => Some(Older {
                min_epoch: one.min_epoch.max(two.min_epoch),
                until: one.until.max(two.until),
            }),
            (one, two) => one.or(two),
        };
        Self {
            all: self.all.max(other.all),
            older,
        }
    }

    pub(super) fn hits(self, epoch: u64) -> bool {
        self.all.is_some() || self.older.is_some_and(|older| epoch < older.min_epoch)
    }

    /// What is left of it after `now`.
    pub(super) fn after(self, now: UnixTime) -> Option<Self> {
        let all = self.all.filter(|until| *until > now);
        let older = self.older.filter(|older| older.until > now);
        (all.is_some() || older.is_some()).then_some(Self { all, older })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    #[test]
    fn an_epoch_at_the_minimum_is_good() {
        let revocation = SubjectRevocation::new(Some(3), at(10));
        assert!(revocation.hits(2));
        assert!(!revocation.hits(3));
        assert!(SubjectRevocation::new(None, at(10)).hits(u64::MAX));
    }

    #[test]
    fn two_records_hit_what_either_hits_in_whatever_order() {
        let low = SubjectRevocation::new(Some(2), at(20));
        let high = SubjectRevocation::new(Some(5), at(10));
        let all = SubjectRevocation::new(None, at(15));
        assert_eq!(low.and(high), high.and(low));
        assert_eq!(low.and(all), all.and(low));
        assert!(low.and(high).hits(4));
        assert!(!low.and(high).hits(5));
        assert!(low.and(all).hits(9));
    }

    #[test]
    fn each_part_ends_at_its_own_time() {
        let both =
            SubjectRevocation::new(Some(2), at(20)).and(SubjectRevocation::new(None, at(10)));
        assert!(both.after(at(9)).is_some_and(|left| left.hits(2)));
        assert!(
            both.after(at(10))
                .is_some_and(|left| left.hits(1) && !left.hits(2))
        );
        assert_eq!(both.after(at(20)), None);
    }
}
