//! Which prefixes are not in good standing: read on every request, changed seldom, and so replaced as a whole.

use std::{net::IpAddr, sync::Arc};

use hashbrown::HashMap;

use super::{Ban, Rung};
use crate::client::{AddressPrefix, Cidr};

/// Prefixes that are on the ladder or remembered. More of them take 60 offences each; then the one that would be forgotten
/// first is forgotten now, and that is one without a ban as long as there is one.
const MAX_AUTOMATIC: usize = 1 << 14;

/// Bans that administrators may add.
pub(super) const MAX_MANUAL: usize = 10_000;

/// The prefixes that are, or lately were, not in good standing.
#[derive(Debug, Clone, Default)]
pub(super) struct Lists {
    pub(super) automatic: Arc<HashMap<AddressPrefix, Course>>,
    pub(super) manual: Arc<ManualBans>,
}

/// What a prefix has come to.
#[derive(Debug, Clone, Default)]
pub(super) struct Course {
    /// The rung that it was last said to stand on.
    pub(super) stands: Option<Rung>,
    /// Its last ban.
    pub(super) ban: Option<Ban>,
}

/// Bans of any prefix, by the lengths that there are.
#[derive(Debug, Clone, Default)]
pub(super) struct ManualBans {
    by_prefix: HashMap<Cidr, Ban>,
    /// Of IPv4 and of IPv6 prefixes, the longest first.
    lengths: [Vec<u8>; 2],
}

/// How many prefixes stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Census {
    /// On each [rung](Rung::ALL) of the ladder.
    pub on_rung: [usize; Rung::ALL.len()],
    /// Banned by administrators.
    pub manual: usize,
}

impl Lists {
    pub(super) fn is_empty(&self) -> bool {
        self.automatic.is_empty() && self.manual.by_prefix.is_empty()
    }

    /// All bans there are, those that are over and remembered too.
    pub(super) fn bans(&self) -> impl Iterator<Item = &Ban> {
        let automatic = self
            .automatic
            .values()
            .filter_map(|course| course.ban.as_ref());
        automatic.chain(self.manual.by_prefix.values())
    }

    /// Puts a prefix in its place, and makes room for it if need be.
    pub(super) fn put(&mut self, prefix: AddressPrefix, course: Course) {
        let automatic = Arc::make_mut(&mut self.automatic);
        if automatic.len() >= MAX_AUTOMATIC && !automatic.contains_key(&prefix) {
            let until = |course: &Course| course.ban.as_ref().and_then(|ban| ban.until);
            let least = automatic
                .iter()
                .min_by_key(|(_, course)| until(course))
                .map(|(prefix, _)| *prefix);
            if let Some(least) = least {
                automatic.remove(&least);
            }
        }
        automatic.insert(prefix, course);
    }

    pub(super) fn census(&self, now: u64) -> Census {
        let mut census = Census::default();
        for course in self.automatic.values() {
            if let Some(rung) = course.stands {
                census.on_rung[rung as usize] += 1;
            }
        }
        let manual = self.manual.by_prefix.values();
        census.manual = manual.filter(|ban| ban.is_in_force(now)).count();
        census
    }
}

impl Course {
    /// The ban, if it is in force.
    pub(super) fn banned(&self, now: u64) -> Option<&Ban> {
        self.ban.as_ref().filter(|ban| ban.is_in_force(now))
    }

    /// Its last ban's rung, as far as it is remembered.
    pub(super) fn remembered(&self, now: u64) -> Option<Rung> {
        self.ban.as_ref().and_then(|ban| ban.remembered(now))
    }
}

impl ManualBans {
    /// The bans that an address falls under, the narrowest first.
    pub(super) fn covering(&self, address: IpAddr) -> impl Iterator<Item = &Ban> {
        let lengths = &self.lengths[usize::from(!address.is_ipv4())];
        lengths
            .iter()
            .filter_map(move |length| self.by_prefix.get(&Cidr::around(address, *length)))
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Ban> {
        self.by_prefix.values()
    }

    /// Replaces one of the same prefix. `false`: there are too many.
    pub(super) fn insert(&mut self, ban: Ban) -> bool {
        if self.by_prefix.len() >= MAX_MANUAL && !self.by_prefix.contains_key(&ban.prefix) {
            return false;
        }
        self.by_prefix.insert(ban.prefix, ban);
        self.note_lengths();
        true
    }

    /// Keeps those; returns the others.
    pub(super) fn retain(&mut self, keep: impl Fn(&Ban) -> bool) -> Vec<Ban> {
        let gone = self.by_prefix.extract_if(|_, ban| !keep(ban));
        let gone = gone.map(|(_, ban)| ban).collect();
        self.note_lengths();
        gone
    }

    fn note_lengths(&mut self) {
        let of = |v4: bool| {
            let prefixes = self.by_prefix.keys();
            let same = prefixes.filter(|prefix| prefix.network().is_ipv4() == v4);
            let mut lengths: Vec<_> = same.map(Cidr::length).collect();
            lengths.sort_unstable_by(|one, other| other.cmp(one));
            lengths.dedup();
            lengths
        };
        self.lengths = [of(true), of(false)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abuse::{Cause, Offence};

    fn prefix(number: u32) -> AddressPrefix {
        AddressPrefix::narrowest(std::net::Ipv4Addr::from(number).into())
    }

    fn challenged() -> Course {
        Course {
            stands: Some(Rung::Challenge),
            ban: None,
        }
    }

    fn banned(number: u32, until: u64) -> Course {
        let (rung, offence) = (Rung::Minute, Offence::ForgedToken);
        let ban = Ban {
            prefix: prefix(number).into(),
            since: 0,
            until: Some(until),
            cause: Cause::Automatic { rung, offence },
        };
        Course {
            stands: Some(rung),
            ban: Some(ban),
        }
    }

    #[test]
    fn who_was_never_banned_is_forgotten_first_and_then_whoever_is_free_first() {
        let mut lists = Lists::default();
        let full = u32::try_from(MAX_AUTOMATIC).unwrap();
        lists.put(prefix(0), banned(0, 9));
        lists.put(prefix(1), challenged());
        (2..full).for_each(|number| lists.put(prefix(number), banned(number, 10)));
        assert!(lists.automatic.contains_key(&prefix(1)));
        lists.put(prefix(full), banned(full, 10));
        assert!(!lists.automatic.contains_key(&prefix(1)));
        assert!(lists.automatic.contains_key(&prefix(0)));
        lists.put(prefix(full + 1), banned(full + 1, 10));
        assert!(!lists.automatic.contains_key(&prefix(0)));
        assert_eq!(lists.automatic.len(), MAX_AUTOMATIC);
    }
}
