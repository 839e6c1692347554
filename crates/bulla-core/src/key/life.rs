//! The rule of a key's life, and what is due: pure functions of the keys and the time.
//!
//! *Publish before sign*: a key is in every JWK set before its first signature, and stays there until its last token has
//! ended. Nobody who verifies ever meets a key that it could not know.

use std::time::Duration;

use bulla_jose::{jwa::Algorithm, jwk::KeyId};

use super::{KeyState, PrivateHalf, Removal, SigningKeys, StoredSigningKey};
use crate::{revocation::RevocationTerm, time::Timestamp};

/// An issuer signs only while what it knows of the keys is younger than this.
pub const VIEW_AGE: Duration = Duration::from_secs(60);

/// A token may be accepted this much past its end: clocks differ.
const MARGIN: Duration = Duration::from_secs(60);

/// More keys than this are in no JWK set: others read no more than 1024.
const MOST_LIVE: usize = 1000;

/// When keys take over from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySchedule {
    /// For how long a key signs; `None`: until it is rotated by hand.
    pub rotate_every: Option<Duration>,
    /// For how long a key is published before it signs.
    pub publish_ahead: Duration,
    /// After how long every issuer knows what one of them has stored: zero where one process has the store, else
    /// [`VIEW_AGE`].
    pub spread: Duration,
}

/// A change of the keys, as it was decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Turn {
    /// Which go, and why.
    pub remove: Vec<(KeyId, Removal)>,
    /// Which signs from then on.
    pub promote: Option<(KeyId, Timestamp)>,
    /// A new next key is needed.
    pub make: Option<Algorithm>,
}

/// Why the keys are not rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RotationRefused {
    /// The next key was not published for long enough.
    #[error("the next key has not been published for long enough")]
    TooYoung {
        /// From when on it may sign.
        ready_at: Timestamp,
    },
    /// There is none.
    #[error("there is no next key")]
    NoNextKey,
    /// So many keys wait for the end of their tokens that no JWK set would hold one more.
    #[error("too many keys are still in use: wait until some have retired")]
    TooManyKeys,
}

impl SigningKeys {
    /// The key that signs now: the first that is left of those that have not been succeeded. Whoever's clock is behind, or
    /// went back, signs with one that is published too.
    #[must_use]
    pub fn active(&self, now: Timestamp) -> Option<&StoredSigningKey> {
        let promoted = self.promoted();
        let begun = promoted.partition_point(|key| key.signs_from <= Some(now));
        let mut left = promoted[begun.saturating_sub(1)..].iter();
        left.find(|key| key.is_live())
            .or_else(|| promoted.iter().rfind(|key| key.is_live()))
    }

    /// The key that is to be promoted, once it is.
    #[must_use]
    pub fn next(&self) -> Option<&StoredSigningKey> {
        let mut waiting = self.keys[self.promoted().len()..].iter();
        waiting.find(|key| key.is_live())
    }

    /// Where in its life a key of these is.
    #[must_use]
    pub fn state(&self, key: &StoredSigningKey, now: Timestamp) -> KeyState {
        match key.private {
            PrivateHalf::Removed(Removal::Retired, _) => return KeyState::Retired,
            PrivateHalf::Removed(Removal::Revoked, _) => return KeyState::Revoked,
            PrivateHalf::Wrapped(_) => {}
        }
        let active = self.active(now);
        if active.is_some_and(|active| active.key_id == key.key_id) {
            return KeyState::Active;
        }
        let began = active.and_then(|active| active.signs_from);
        match key.signs_from {
            Some(from) if Some(from) < began => KeyState::Retiring,
            _ => KeyState::Next,
        }
    }

    /// When the last token of a key has ended: known once another is to sign in its place.
    #[must_use]
    pub fn retires_at(&self, key: &StoredSigningKey) -> Option<Timestamp> {
        let from = key.signs_from?;
        let mut later = self.promoted().iter().filter_map(|key| key.signs_from);
        let succeeded_at = later.find(|other| *other > from)?;
        // An issuer may not have known of the successor for so long.
        let last_signature = succeeded_at.after(VIEW_AGE);
        Some(last_signature.after(self.longest_lifetime).after(MARGIN))
    }

    /// When the next key is due to take over by itself.
    #[must_use]
    pub fn rotates_at(&self, schedule: KeySchedule) -> Option<Timestamp> {
        let ready_at = self.next()?.created_at.after(schedule.ahead());
        // Whatever is decided already counts from its own time on.
        let last = self.promoted().iter().rfind(|key| key.is_live());
        let Some((last, from)) = last.and_then(|last| Some((last, last.signs_from?))) else {
            return Some(ready_at);
        };
        if self.is_outdated(last) {
            return Some(ready_at);
        }
        let signed_enough = schedule.rotate_every.map(|span| from.after(span));
        signed_enough.map(|due| due.max(ready_at))
    }

    /// What is due by itself; an empty turn if nothing is.
    #[must_use]
    pub fn due(&self, schedule: KeySchedule, now: Timestamp) -> Turn {
        let over = |key: &&StoredSigningKey| {
            key.is_live() && self.retires_at(key).is_some_and(|end| end <= now)
        };
        let over = self.promoted().iter().filter(over);
        let mut turn = Turn {
            remove: over
                .map(|key| (key.key_id.clone(), Removal::Retired))
                .collect(),
            ..Turn::default()
        };
        match self.next() {
            Some(next) if self.is_outdated(next) => {
                turn.remove.push((next.key_id.clone(), Removal::Retired));
                turn.make = Some(self.wanted.algorithm);
            }
            Some(next) => {
                let is_due = self.rotates_at(schedule).is_some_and(|due| due <= now);
                if is_due && self.has_room() {
                    turn.promote = Some(self.promotion(next, now.after(schedule.spread)));
                    turn.make = Some(self.wanted.algorithm);
                }
            }
            None => turn.make = Some(self.wanted.algorithm),
        }
        turn
    }

    /// A rotation that an administrator asks for; with `at_once`, of a young key too. Empty if one is under way that will
    /// not be any later.
    ///
    /// # Errors
    /// [`RotationRefused`].
    pub fn rotation(
        &self,
        schedule: KeySchedule,
        at_once: bool,
        now: Timestamp,
    ) -> Result<Turn, RotationRefused> {
        // No sooner than every issuer knows of it, or two keys would sign at once.
        let at = now.after(schedule.spread);
        if let Some(pending) = self.pending(now) {
            let sooner = self.promotion(pending, at);
            return Ok(Turn {
                promote: (Some(sooner.1) < pending.signs_from).then_some(sooner),
                ..Turn::default()
            });
        }
        let next = self.next().ok_or(RotationRefused::NoNextKey)?;
        let ready_at = next.created_at.after(schedule.ahead());
        if !at_once && now < ready_at {
            return Err(RotationRefused::TooYoung { ready_at });
        }
        if !self.has_room() {
            return Err(RotationRefused::TooManyKeys);
        }
        Ok(Turn {
            promote: Some(self.promotion(next, at)),
            make: Some(self.wanted.algorithm),
            ..Turn::default()
        })
    }

    /// The emergency brake: this key goes, and if it signed, the next one signs at once, however young.
    #[must_use]
    pub fn revocation(&self, key: &StoredSigningKey, now: Timestamp) -> Turn {
        let mut turn = Turn {
            remove: vec![(key.key_id.clone(), Removal::Revoked)],
            ..Turn::default()
        };
        // A pending one that is revoked leaves the active one in its place.
        if self.state(key, now) == KeyState::Active {
            let successor = self.pending(now).or(self.next());
            turn.promote = successor.map(|next| self.promotion(next, now));
        }
        let promoted = turn.promote.as_ref().map(|(id, _)| id);
        let is_used_up =
            |next: &StoredSigningKey| next.key_id == key.key_id || promoted == Some(&next.key_id);
        turn.make = (self.next().is_none_or(is_used_up)).then_some(self.wanted.algorithm);
        turn
    }

    /// A key from elsewhere becomes the next one, or, `at_once`, the one that signs as soon as every issuer knows it.
    ///
    /// # Errors
    /// [`RotationRefused::TooManyKeys`].
    pub fn importation(
        &self,
        key: &StoredSigningKey,
        schedule: KeySchedule,
        at_once: bool,
        now: Timestamp,
    ) -> Result<Turn, RotationRefused> {
        if !self.has_room() {
            return Err(RotationRefused::TooManyKeys);
        }
        if at_once {
            let promote = Some(self.promotion(key, now.after(schedule.spread)));
            return Ok(Turn {
                promote,
                ..Turn::default()
            });
        }
        let replaced = self
            .next()
            .map(|next| (next.key_id.clone(), Removal::Retired));
        Ok(Turn {
            remove: replaced.into_iter().collect(),
            ..Turn::default()
        })
    }

    /// The keys after a turn, and which of them it touched; `added` are those that it brings.
    #[must_use]
    pub fn turned(
        &self,
        turn: &Turn,
        added: Vec<StoredSigningKey>,
        now: Timestamp,
    ) -> Vec<StoredSigningKey> {
        let mut touched = added;
        for (id, why) in &turn.remove {
            touched.extend(self.find(id).map(|key| key.removed(*why, now)));
        }
        if let Some((id, at)) = &turn.promote {
            if let Some(added) = touched.iter_mut().find(|key| key.key_id == *id) {
                added.signs_from = Some(*at);
            } else {
                let promoted = |key: &StoredSigningKey| StoredSigningKey {
                    signs_from: Some(*at),
                    ..key.clone()
                };
                touched.extend(self.find(id).map(promoted));
            }
        }
        touched
    }

    fn promoted(&self) -> &[StoredSigningKey] {
        let count = self.keys.partition_point(|key| key.signs_from.is_some());
        &self.keys[..count]
    }

    /// The key whose time to sign is decided and has not come.
    fn pending(&self, now: Timestamp) -> Option<&StoredSigningKey> {
        let last = self.promoted().iter().rfind(|key| key.is_live())?;
        (self.state(last, now) == KeyState::Next).then_some(last)
    }

    /// Whether another algorithm was asked for since the key was made.
    fn is_outdated(&self, key: &StoredSigningKey) -> bool {
        key.algorithm != self.wanted.algorithm && key.created_at < self.wanted.since
    }

    fn has_room(&self) -> bool {
        self.keys.iter().filter(|key| key.is_live()).count() < MOST_LIVE
    }

    /// The key signs from that time on, or from just after the last of the others: no two begin at the same.
    fn promotion(&self, key: &StoredSigningKey, at: Timestamp) -> (KeyId, Timestamp) {
        let mut others = self.promoted().iter().rev();
        let last = others.find(|other| other.key_id != key.key_id);
        let after_last = last
            .and_then(|last| last.signs_from)
            .map(|from| from.after(Duration::from_millis(1)));
        let at = after_last.map_or(at, |after_last| after_last.max(at));
        (key.key_id.clone(), at)
    }
}

impl KeySchedule {
    /// How long after it was made a key may sign.
    fn ahead(self) -> Duration {
        self.publish_ahead.max(self.spread)
    }
}

/// How long it must be remembered that a key is revoked: past the end of what it signed last.
pub(crate) fn revocation_term(now: Timestamp) -> RevocationTerm {
    RevocationTerm {
        now,
        // The store knows the longest one.
        access_lifetime: Duration::ZERO,
        slack: VIEW_AGE + MARGIN,
    }
}

impl Turn {
    /// The key that is revoked, if one is.
    #[must_use]
    pub fn revoked(&self) -> Option<&KeyId> {
        let mut removed = self.remove.iter();
        let revoked = removed.find(|(_, why)| *why == Removal::Revoked);
        revoked.map(|(key, _)| key)
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
