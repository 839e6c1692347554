//! Scores, ladder and bans in one place.

mod climb;

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
    Ban, Cause, Census, Score, Spared,
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
