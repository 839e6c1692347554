//! Keeping the signing keys of a store: made at the first start, rotated by schedule, read again all the time. A file per
//! use case.

mod import;
mod open;
mod revoke;
mod rotate;

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use bulla_jose::jwk::{KeyError, SigningKey};

pub use self::{import::ImportKeyError, revoke::RevokeKeyError, rotate::RotateError};
use super::{
    PrivateHalf, Removal, SigningKeys, StoredSigningKey, WantedAlgorithm,
    life::{self, KeySchedule, Turn},
    ring::{KeyRing, OpenKeyError},
    wrap::MasterKey,
};
use crate::{
    administration::Administrator,
    audit::{Actor, AuditEvent, AuditKind, AuditSubject},
    contention::{ATTEMPTS, contended},
    ports::{Clock, Entropy, KeyMaker},
    store::{SigningKeyChange, Store, StoreError},
    time::Timestamp,
};

/// Keys that were read longer ago are read again, long before they are too old to sign with.
const READ_EVERY: Duration = Duration::from_secs(10);

/// What keeping the keys needs from outside.
#[derive(Clone)]
pub struct KeyPorts {
    /// Where they rest.
    pub store: Arc<dyn Store>,
    /// Makes new ones.
    pub maker: Arc<dyn KeyMaker>,
    /// The store's clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness for nonces.
    pub entropy: Arc<dyn Entropy>,
    /// Wraps their private halves.
    pub master_key: MasterKey,
}

/// Keeps the signing keys of a store, together with all other issuers of it.
#[derive(Clone)]
pub struct KeyService {
    ports: KeyPorts,
    /// One for all who keep the same keys in this process.
    schedule: Arc<ArcSwap<KeySchedule>>,
    ring: Arc<KeyRing>,
}

/// Why keys could not be read or changed. What was not changed is as before.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A stored one cannot be used.
    #[error(transparent)]
    Open(#[from] OpenKeyError),
    /// A new one could not be made.
    #[error("no signing key could be made: {0}")]
    Make(#[from] KeyError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is to become of the keys.
#[derive(Default)]
struct Decision {
    turn: Turn,
    imported: Option<StoredSigningKey>,
    wanted: Option<WantedAlgorithm>,
}

/// Who decides.
#[derive(Clone, Copy)]
enum Author<'a> {
    Rule,
    Administrator(&'a Administrator),
}

impl KeyService {
    /// The keys that sign.
    #[must_use]
    pub const fn ring(&self) -> &Arc<KeyRing> {
        &self.ring
    }

    /// When they take over from each other.
    #[must_use]
    pub fn schedule(&self) -> KeySchedule {
        **self.schedule.load()
    }

    /// From now on they take over from each other by this schedule. What is decided already stays.
    pub fn reschedule(&self, schedule: KeySchedule) {
        self.schedule.store(Arc::new(schedule));
    }

    /// To be called about once a second, and when a key was revoked: reads the keys again from time to time, and at once
    /// where nothing can be signed; and does what is due by itself, such as a rotation.
    ///
    /// # Errors
    /// [`KeysError`]; it is tried again at the next call.
    pub async fn keep(&self) -> Result<(), KeysError> {
        let now = self.ports.clock.now();
        let view = self.ring.view();
        let is_due = !view.keys().due(self.schedule(), now).is_empty();
        if is_due || view.age(now) >= READ_EVERY || !self.ring.can_sign() {
            self.tend().await?;
        }
        Ok(())
    }

    /// Reads the keys, and does what is due by itself.
    async fn tend(&self) -> Result<(), KeysError> {
        let schedule = self.schedule();
        self.change(Author::Rule, |keys, now| {
            let turn = keys.due(schedule, now);
            let is_due = !turn.is_empty();
            Ok::<_, KeysError>(is_due.then(|| Decision::of(turn)))
        })
        .await
    }

    /// Reads the keys, and does what is decided on them, if anything is; again if somebody else was faster. What it did is
    /// in the ring then.
    async fn change<E: From<KeysError>>(
        &self,
        author: Author<'_>,
        decide: impl Fn(&SigningKeys, Timestamp) -> Result<Option<Decision>, E>,
    ) -> Result<(), E> {
        let mut spare = None;
        for _ in 0..ATTEMPTS {
            let keys = self.read().await?;
            let now = self.ports.clock.now();
            let Some(decision) = decide(&keys, now)? else {
                return Ok(());
            };
            let change = self.prepare(&keys, decision, author, &mut spare, now);
            let change = change.await?;
            let store = &self.ports.store;
            if store
                .change_signing_keys(&change)
                .await
                .map_err(KeysError::from)?
            {
                self.read().await?;
                return Ok(());
            }
        }
        Err(KeysError::Store(contended()).into())
    }

    /// The keys as they are now, in the ring too.
    ///
    /// # Errors
    /// [`KeysError`].
    pub async fn read(&self) -> Result<SigningKeys, KeysError> {
        let reading = self.ring.begin_reading();
        let keys = self.ports.store.signing_keys().await?;
        let keys =
            keys.ok_or_else(|| StoreError::Damaged("the signing keys are gone".to_owned()))?;
        self.ring.renew(keys.clone(), &reading)?;
        Ok(keys)
    }

    /// `spare` is a new key that was made for an earlier attempt.
    async fn prepare(
        &self,
        keys: &SigningKeys,
        decision: Decision,
        author: Author<'_>,
        spare: &mut Option<SigningKey>,
        now: Timestamp,
    ) -> Result<SigningKeyChange, KeysError> {
        let mut events = decision.events(author, now);
        let Decision {
            turn,
            imported,
            wanted,
        } = decision;
        let mut added = Vec::from_iter(imported);
        if let Some(algorithm) = turn.make {
            let made = match spare.take().filter(|spare| spare.algorithm() == algorithm) {
                Some(made) => made,
                None => self.ports.maker.make(algorithm).await?,
            };
            added.push(self.ports.wrapped(&made, now)?);
            events.push(AuditEvent {
                detail: Some(algorithm.to_string()),
                ..author.did(AuditKind::KeyMade, made.key_id(), now)
            });
            *spare = Some(made);
        }
        Ok(SigningKeyChange {
            seen: keys.revision,
            wanted: wanted.unwrap_or(keys.wanted),
            put: keys.turned(&turn, added, now),
            revoke: turn
                .revoked()
                .map(|key| (key.clone(), life::revocation_term(now))),
            events,
        })
    }
}

impl Decision {
    fn of(turn: Turn) -> Self {
        Self {
            turn,
            ..Self::default()
        }
    }

    /// What is recorded of it.
    fn events(&self, author: Author<'_>, now: Timestamp) -> Vec<AuditEvent> {
        let imported = self.imported.iter();
        let imported = imported.map(|key| (AuditKind::KeyImported, &key.key_id));
        let removed = self.turn.remove.iter().map(|(key, why)| match why {
            Removal::Retired => (AuditKind::KeyRetired, key),
            Removal::Revoked => (AuditKind::KeyRevoked, key),
        });
        let of_keys = removed.chain(imported);
        let of_keys = of_keys.map(|(kind, key)| author.did(kind, key, now));
        let promoted = self.turn.promote.iter().map(|(key, at)| AuditEvent {
            detail: (*at > now).then(|| format!("in {} seconds", at.since(now).as_secs())),
            ..author.did(AuditKind::KeyPromoted, key, now)
        });
        let wanted = self.wanted.iter().map(|wanted| AuditEvent {
            detail: Some(wanted.algorithm.to_string()),
            ..author.did(AuditKind::KeyAlgorithmChanged, AuditSubject::Store, now)
        });
        wanted.chain(of_keys).chain(promoted).collect()
    }
}

impl Author<'_> {
    fn did(self, kind: AuditKind, subject: impl Into<AuditSubject>, at: Timestamp) -> AuditEvent {
        match self {
            Self::Administrator(by) => by.did(kind, subject, at),
            Self::Rule => AuditEvent {
                at,
                kind,
                actor: Actor::System,
                subject: subject.into(),
                session: None,
                address: None,
                detail: None,
            },
        }
    }
}

impl KeyPorts {
    /// A key as it rests, as the next one.
    fn wrapped(&self, key: &SigningKey, now: Timestamp) -> Result<StoredSigningKey, KeyError> {
        let mut nonce = [0; 12];
        self.entropy.fill(&mut nonce);
        let private = key.private_bytes()?;
        let wrapped = self
            .master_key
            .wrap(key.key_id(), key.algorithm(), &private, nonce);
        Ok(StoredSigningKey {
            key_id: key.key_id().clone(),
            algorithm: key.algorithm(),
            created_at: now,
            signs_from: None,
            private: PrivateHalf::Wrapped(wrapped),
        })
    }
}

impl std::fmt::Debug for KeyService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyService")
            .field("schedule", &self.schedule())
            .finish_non_exhaustive()
    }
}
