//! Scores, ladder and bans in one place.

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;

use super::{
    Ban, Cause, Census, Offence, Rung, Score, Spared, Step,
    lists::{Course, Lists, MAX_MANUAL},
    score::Scores,
};
use crate::client::{AddressPrefix, Cidr};

/// What every address has come to. Asked on each request, which as long as nobody misbehaves costs one look at one word;
/// told of [offences](Self::offence). Its memory is bounded, however many addresses there are.
///
/// Times are milliseconds since 1970. A clock that is set back makes a ban twice as long at most; by more than the ban is long,
/// and it is not in force until the clock is right again.
#[derive(Debug)]
pub struct AbuseLedger {
    scores: Scores,
    lists: ArcSwap<Lists>,
    /// Held by whoever replaces the lists, so that none loses what another one wrote.
    changing: Mutex<()>,
    spared: ArcSwap<Spared>,
    /// Whether anybody is on the lists.
    listed: AtomicBool,
    revision: AtomicU64,
}

/// How an address stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is asked of it.
    Good,
    /// Who comes from there needs a good token.
    Challenged,
    /// Nobody is let in from there, or almost nobody.
    Banned(Ban),
}

/// What a removal ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lifted {
    /// The bans that are removed, those too that were over and only remembered.
    pub bans: Vec<Ban>,
    /// Prefixes that are no longer challenged.
    pub challenged: Vec<AddressPrefix>,
}

/// Why a prefix cannot be banned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BanRefused {
    /// The configuration says that it is not.
    #[error(
        "{0} is exempt (bans.exempt), or a listed proxy (trusted_proxies), and cannot be banned"
    )]
    Spared(Cidr),
    /// No more are kept.
    #[error("there are {MAX_MANUAL} bans already; wider prefixes take the place of many")]
    TooMany,
}

impl AbuseLedger {
    /// One in which nobody stands anywhere.
    #[must_use]
    pub fn new(spared: Spared) -> Self {
        Self {
            scores: Scores::new(),
            lists: ArcSwap::default(),
            changing: Mutex::default(),
            spared: ArcSwap::from_pointee(spared),
            listed: AtomicBool::new(false),
            revision: AtomicU64::new(0),
        }
    }

    /// Whether everybody is in good standing: then no address has to be asked about.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        !self.listed.load(Ordering::Acquire)
    }

    /// How an address stands. Of several bans, the strictest counts, and of those alike the one that ends last.
    #[must_use]
    pub fn standing(&self, address: IpAddr, now: u64) -> Standing {
        if self.is_quiet() {
            return Standing::Good;
        }
        let (lists, address) = (self.lists.load(), address.to_canonical());
        let courses = || {
            let prefixes = AddressPrefix::all(address);
            prefixes.filter_map(|prefix| Some((prefix, lists.automatic.get(&prefix)?)))
        };
        let automatic = courses().filter_map(|(_, course)| course.banned(now));
        let manual = lists.manual.covering(address);
        let bans = automatic.chain(manual.filter(|ban| ban.is_in_force(now)));
        if let Some(ban) = bans.max_by_key(|ban| ban.severity()) {
            return match self.spares(address) {
                true => Standing::Good,
                false => Standing::Banned(ban.clone()),
            };
        }
        let mut courses = courses();
        let challenged = courses.any(|(prefix, course)| self.is_challenged(prefix, course, now));
        if challenged && !self.spares(address) {
            return Standing::Challenged;
        }
        Standing::Good
    }

    /// What counts against an address.
    #[must_use]
    pub fn score(&self, address: IpAddr, now: u64) -> Score {
        self.scores.worst(address, now)
    }

    /// Whether an address is neither scored, throttled, challenged nor banned.
    #[must_use]
    pub fn spares(&self, address: IpAddr) -> bool {
        self.spared.load().spares(address)
    }

    /// Says anew who is spared.
    pub fn spare(&self, spared: Spared) {
        self.spared.store(Arc::new(spared));
    }

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

    /// Bans a prefix, for so long or until it is removed. Replaces a ban of an administrator on the same prefix.
    ///
    /// # Errors
    /// [`BanRefused`].
    pub fn ban(
        &self,
        prefix: Cidr,
        length: Option<Duration>,
        reason: Option<Arc<str>>,
        now: u64,
    ) -> Result<Ban, BanRefused> {
        if self.spared.load().spares_all_of(&prefix) {
            return Err(BanRefused::Spared(prefix));
        }
        let milliseconds = |length: Duration| u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
        let ban = Ban {
            prefix,
            since: now,
            until: length.map(|length| now.saturating_add(milliseconds(length))),
            cause: Cause::Manual { reason },
        };
        match self.change(|lists| Arc::make_mut(&mut lists.manual).insert(ban.clone())) {
            true => Ok(ban),
            false => Err(BanRefused::TooMany),
        }
    }

    /// Ends the bans on a prefix and within it, and forgets what counts against it. For a single address, the ladder's
    /// wider prefixes that it is in are freed too.
    #[must_use]
    pub fn lift(&self, range: Cidr) -> Lifted {
        let freed = |prefix: AddressPrefix| {
            range.covers(&prefix.into()) || (range.is_address() && prefix.contains(range.network()))
        };
        let mut lifted = Lifted::default();
        self.change(|lists| {
            let automatic = Arc::make_mut(&mut lists.automatic);
            for (prefix, course) in automatic.extract_if(|prefix, _| freed(*prefix)) {
                self.scores.clear(prefix);
                match course.ban {
                    Some(ban) => lifted.bans.push(ban),
                    None => lifted.challenged.push(prefix),
                }
            }
            let manual = Arc::make_mut(&mut lists.manual);
            lifted
                .bans
                .extend(manual.retain(|ban| !range.covers(&ban.prefix)));
            !lifted.bans.is_empty()
        });
        for prefix in AddressPrefix::all(range.network()).filter(|prefix| freed(*prefix)) {
            self.scores.clear(prefix);
        }
        lifted
    }

    /// All bans, those too that are over and only remembered: what a restart must not forget.
    #[must_use]
    pub fn bans(&self) -> Vec<Ban> {
        self.lists.load().bans().cloned().collect()
    }

    /// Takes up the bans of an earlier process, beside those there are.
    pub fn restore(&self, bans: impl IntoIterator<Item = Ban>, now: u64) {
        self.change(|lists| {
            for ban in bans {
                match (&ban.cause, AddressPrefix::try_from(ban.prefix)) {
                    (Cause::Automatic { rung, .. }, Ok(prefix)) => {
                        let stands = ban.is_in_force(now).then_some(*rung);
                        let ban = Some(ban);
                        lists.put(prefix, Course { stands, ban });
                    }
                    (Cause::Automatic { .. }, Err(_)) => {}
                    (Cause::Manual { .. }, _) => {
                        Arc::make_mut(&mut lists.manual).insert(ban);
                    }
                }
            }
            false
        });
    }

    /// Another number whenever [`bans`](Self::bans) are others.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    /// How many stand where.
    #[must_use]
    pub fn census(&self, now: u64) -> Census {
        self.lists.load().census(now)
    }

    /// Bytes that the scores take.
    #[must_use]
    pub fn score_bytes(&self) -> usize {
        self.scores.bytes()
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
    fn is_challenged(&self, prefix: AddressPrefix, course: &Course, now: u64) -> bool {
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

    /// Replaces the lists. `change` says whether the bans are others by it; its answer is passed on.
    fn change(&self, change: impl FnOnce(&mut Lists) -> bool) -> bool {
        let _changing = self.lock();
        let mut lists = Lists::clone(&self.lists.load());
        let changed = change(&mut lists);
        let listed = !lists.is_empty();
        self.lists.store(Arc::new(lists));
        self.listed.store(listed, Ordering::Release);
        if changed {
            self.revision.fetch_add(1, Ordering::Release);
        }
        changed
    }

    // The lists are replaced as a whole, so no panic leaves them half changed.
    fn lock(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
