//! What the store held, and what was signed.

use std::{collections::BTreeMap, time::Duration};

use bulla_core::{
    key::{KeyState, PrivateHalf, Removal, SigningKeys, StoredSigningKey},
    time::Timestamp,
};
use bulla_jose::jwk::KeyId;

pub(super) struct History {
    /// In order; the revision of the first is 1.
    revisions: Vec<Revision>,
    /// When the last token of a key ends, by the clock of who signed it.
    ends: BTreeMap<KeyId, Timestamp>,
}

struct Revision {
    keys: SigningKeys,
    /// By the true time.
    since: Timestamp,
}

impl History {
    pub(super) fn new(first: SigningKeys, since: Timestamp) -> Self {
        let mut history = Self {
            revisions: Vec::new(),
            ends: BTreeMap::new(),
        };
        history.note(first, since);
        history
    }

    /// These are the keys in the store now: whether they have changed.
    pub(super) fn note(&mut self, keys: SigningKeys, now: Timestamp) -> bool {
        let known = u64::try_from(self.revisions.len()).unwrap();
        if keys.revision == known {
            return false;
        }
        assert_eq!(keys.revision, known + 1, "two changes at once");
        self.revisions.push(Revision { keys, since: now });
        true
    }

    pub(super) fn signed(&mut self, key: KeyId, ends_at: Timestamp) {
        let end = self.ends.entry(key).or_insert(ends_at);
        *end = ends_at.max(*end);
    }

    /// Every key that has signed, and when its last token ends.
    pub(super) fn ends(&self) -> impl Iterator<Item = (&KeyId, Timestamp)> {
        self.ends.iter().map(|(key, end)| (key, *end))
    }

    /// The keys in the store.
    pub(super) fn stored(&self) -> &SigningKeys {
        &self.revisions.last().expect("there is a first one").keys
    }

    /// What they were in this revision.
    pub(super) fn at(&self, revision: u64) -> &SigningKeys {
        &self.revisions[usize::try_from(revision).unwrap() - 1].keys
    }

    /// Those before.
    pub(super) fn before(&self) -> Option<&SigningKeys> {
        let before = self.revisions.len().checked_sub(2)?;
        Some(&self.revisions[before].keys)
    }

    /// For how long these have not been the keys any more.
    pub(super) fn outdated_for(&self, revision: u64, now: Timestamp) -> Duration {
        let after = self.revisions.get(usize::try_from(revision).unwrap());
        after.map_or(Duration::ZERO, |after| now.since(after.since))
    }

    /// For how long it has been in the store that a key of this ID is in use; `None` if that is in `revision` already.
    pub(super) fn news_for(&self, key: &KeyId, revision: u64, now: Timestamp) -> Option<Duration> {
        let is_live = |revision: &Revision| {
            let found = revision.keys.find(key);
            found.is_some_and(StoredSigningKey::is_live)
        };
        let dead = self
            .revisions
            .iter()
            .rposition(|revision| !is_live(revision));
        let first = dead.map_or(0, |dead| dead + 1);
        let first = self.revisions.get(first)?;
        (first.keys.revision > revision).then(|| now.since(first.since))
    }

    /// Whether a key was revoked since.
    pub(super) fn is_revoked_since(&self, revision: u64) -> bool {
        let revoked = |keys: &SigningKeys| {
            let revoked = |key: &&StoredSigningKey| is_revoked(key);
            keys.all().iter().filter(revoked).count()
        };
        revoked(self.stored()) > revoked(self.at(revision))
    }
}

pub(super) fn is_revoked(key: &StoredSigningKey) -> bool {
    matches!(key.private, PrivateHalf::Removed(Removal::Revoked, _))
}

/// Whether it is revoked in these.
pub(super) fn revoked_in(keys: &SigningKeys, key: &KeyId) -> bool {
    keys.find(key).is_some_and(is_revoked)
}

/// The keys that begin to sign by a change, or at another time than was decided.
pub(super) fn promoted<'a>(
    before: &'a SigningKeys,
    after: &'a SigningKeys,
) -> impl Iterator<Item = &'a StoredSigningKey> {
    let signs_from = |key: &StoredSigningKey| before.find(&key.key_id)?.signs_from;
    let live = after.all().iter().filter(|key| key.is_live());
    live.filter(move |key| key.signs_from.is_some() && key.signs_from != signs_from(key))
}

/// How many are in this state.
pub(super) fn count(keys: &SigningKeys, state: KeyState, now: Timestamp) -> usize {
    let in_state = |key: &&StoredSigningKey| keys.state(key, now) == state;
    keys.all().iter().filter(in_state).count()
}
