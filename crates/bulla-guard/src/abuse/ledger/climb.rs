//! How prefixes go up the ladder, and come down again.

use std::{net::IpAddr, sync::Arc};

use super::{AbuseLedger, Standing};
use crate::{
    abuse::{Ban, Cause, Offence, Rung, Score, Step, lists::Course},
    client::AddressPrefix,
};

impl AbuseLedger {
    /// An offence came from an address. Which of its prefixes went up by that: usually none. What comes from a banned one
    /// does not count: a ban ends when it was said to.
    #[must_use]
    pub fn offence(&self, address: IpAddr, offence: Offence, now: u64) -> Vec<Step> {
        let judged = {
            let spared = self.spared.load();
            spared.scoring && !spared.spares(address)
        };
        if !judged || matches!(self.standing(address, now), Standing::Banned(_)) {
            return Vec::new();
        }
        let step = |prefix| {
            let score = self.scores.add(prefix, offence, now);
            let stands = self.stands(prefix, now);
            if score >= Score::LIMIT {
                self.ban_next(prefix, offence, now)
            } else if score >= Score::CHALLENGED && stands.is_none() {
                self.challenge(prefix, offence, now)
            } else {
                None
            }
        };
        AddressPrefix::all(address).filter_map(step).collect()
    }

    /// What has ended since this was last called: to be called about every second. Forgets what is no longer remembered.
    #[must_use]
    pub fn tick(&self, now: u64) -> Vec<Step> {
        let mut steps = Vec::new();
        let lists = self.lists.load();
        let changes = |(prefix, course): (&AddressPrefix, &Course)| {
            let rung = self.rung(*prefix, course, now);
            rung != course.stands || (rung.is_none() && course.remembered(now).is_none())
        };
        let over = |ban: &Ban| ban.is_over(now);
        if !lists.automatic.iter().any(changes) && !lists.manual.values().any(over) {
            return steps;
        }
        self.change(|lists| {
            let before = lists.automatic.len();
            let automatic = Arc::make_mut(&mut lists.automatic);
            automatic.retain(|prefix, course| {
                let (from, to) = (course.stands, self.rung(*prefix, course, now));
                if to != from {
                    course.stands = to;
                    steps.push(Step {
                        prefix: (*prefix).into(),
                        from,
                        to,
                        offence: None,
                        until: None,
                    });
                }
                to.is_some() || course.remembered(now).is_some()
            });
            let ended = Arc::make_mut(&mut lists.manual).retain(|ban| !over(ban));
            !ended.is_empty() || lists.automatic.len() < before
        });
        steps
    }

    fn stands(&self, prefix: AddressPrefix, now: u64) -> Option<Rung> {
        if self.is_quiet() {
            return None;
        }
        let lists = self.lists.load();
        self.rung(prefix, lists.automatic.get(&prefix)?, now)
    }

    /// Where a prefix stands now.
    fn rung(&self, prefix: AddressPrefix, course: &Course, now: u64) -> Option<Rung> {
        match course.banned(now).map(|ban| &ban.cause) {
            Some(Cause::Automatic { rung, .. }) => Some(*rung),
            _ => self
                .is_challenged(prefix, course, now)
                .then_some(Rung::Challenge),
        }
    }

    /// Whether it is challenged, apart from bans: once it stood somewhere, until little counts against it.
    pub(super) fn is_challenged(&self, prefix: AddressPrefix, course: &Course, now: u64) -> bool {
        course.stands.is_some() && self.scores.of(prefix, now) >= Score::FORGIVEN
    }

    fn challenge(&self, prefix: AddressPrefix, offence: Offence, now: u64) -> Option<Step> {
        self.climb(prefix, offence, now, |course| {
            course.stands = Some(Rung::Challenge);
        })
    }

    fn ban_next(&self, prefix: AddressPrefix, offence: Offence, now: u64) -> Option<Step> {
        self.climb(prefix, offence, now, |course| {
            let rung = Rung::next(course.remembered(now));
            let length = rung.ban().unwrap_or_default().as_millis();
            course.stands = Some(rung);
            course.ban = Some(Ban {
                prefix: prefix.into(),
                since: now,
                until: Some(now.saturating_add(u64::try_from(length).unwrap_or(u64::MAX))),
                cause: Cause::Automatic { rung, offence },
            });
        })
    }

    /// Changes a prefix's course, unless another thread has just done so.
    fn climb(
        &self,
        prefix: AddressPrefix,
        offence: Offence,
        now: u64,
        change: impl FnOnce(&mut Course),
    ) -> Option<Step> {
        let mut step = None;
        self.change(|lists| {
            let mut course = lists.automatic.get(&prefix).cloned().unwrap_or_default();
            let from = self.rung(prefix, &course, now);
            if course.banned(now).is_some() {
                return false;
            }
            change(&mut course);
            let to = course.stands;
            let until = course.banned(now).and_then(|ban| ban.until);
            if to <= from {
                return false;
            }
            step = Some(Step {
                prefix: prefix.into(),
                from,
                to,
                offence: Some(offence),
                until,
            });
            lists.put(prefix, course);
            until.is_some()
        });
        step
    }
}
