//! How much counts against a prefix.

use std::net::IpAddr;

use super::Offence;
use crate::{
    client::{AddressPrefix, Cidr, Wariness},
    limit::{BucketTable, Level, Moment, Per, Quota},
};

/// Prefixes that can have a score at once: 4 MiB. An offence counts for a few seconds, so more would take a flood from
/// millions of addresses.
const PREFIXES: usize = 1 << 18;

/// How many offences are too many: then the prefix is banned. A single one is forgotten in a second, so it is also for how
/// many seconds the most is remembered.
const LIMIT: u32 = 400;

/// From how many on a prefix is challenged.
const CHALLENGED: u32 = 60;

/// Below how many it is no longer.
const FORGIVEN: u32 = 30;

/// What counts against an address, or rather against the worst of the prefixes that it is in: 0 is nothing, and from
/// [`Score::LIMIT`] on it is banned. In a /56 and in a /48 it takes four and sixteen times as much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Score(pub u32);

impl Score {
    /// Whoever has this much is challenged.
    pub const CHALLENGED: Self = Self(CHALLENGED);

    /// Whoever has this much is banned.
    pub const LIMIT: Self = Self(LIMIT);

    pub(super) const FORGIVEN: Self = Self(FORGIVEN);

    /// How much more a handshake asks of whoever has this much: the most, half way to the ban.
    #[must_use]
    pub const fn wariness(self) -> Wariness {
        const HALF_WAY: u32 = LIMIT / 2;
        Wariness(match self.0 {
            0..FORGIVEN => 0,
            FORGIVEN..CHALLENGED => 1,
            CHALLENGED..HALF_WAY => 2,
            HALF_WAY.. => 3,
        })
    }

    fn of(level: &Level, factor: u32) -> Self {
        Self(level.used() / factor)
    }
}

/// The scores of all prefixes.
#[derive(Debug)]
pub(super) struct Scores(BucketTable);

impl Scores {
    pub(super) fn new() -> Self {
        Self(BucketTable::new(PREFIXES))
    }

    /// Adds an offence. The score with it; 0 in the unlikely case that there is no room for it.
    pub(super) fn add(&self, prefix: AddressPrefix, offence: Offence, now: u64) -> Score {
        let (quota, factor) = measure(prefix);
        let (key, now) = (self.0.key(prefix), Moment::from_milliseconds(now));
        let level = self.0.pour(key, &quota, offence.weight(), now);
        level.map_or_else(Score::default, |level| Score::of(&level, factor))
    }

    /// The score of a prefix.
    pub(super) fn of(&self, prefix: AddressPrefix, now: u64) -> Score {
        let (quota, factor) = measure(prefix);
        let (key, now) = (self.0.key(prefix), Moment::from_milliseconds(now));
        Score::of(&self.0.level(key, &quota, now), factor)
    }

    /// The worst of the prefixes that an address is in.
    pub(super) fn worst(&self, address: IpAddr, now: u64) -> Score {
        let scores = AddressPrefix::all(address).map(|prefix| self.of(prefix, now));
        scores.max().unwrap_or_default()
    }

    /// Forgets what counts against a prefix.
    pub(super) fn clear(&self, prefix: AddressPrefix) {
        self.0.clear(self.0.key(prefix));
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// How many offences are too many from a prefix.
pub(super) fn limit(prefix: &Cidr) -> u32 {
    LIMIT * AddressPrefix::share_of(prefix.length())
}

/// What leaks from a prefix and what fits, and by what a score of it is divided.
fn measure(prefix: AddressPrefix) -> (Quota, u32) {
    const NARROWEST: Quota = Quota::known(1, Per::Second, LIMIT);
    let share = prefix.share();
    (NARROWEST.times(share), share)
}
