//! The signing keys in use, unwrapped: replaced as a whole while tokens are signed.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use bulla_jose::{
    jwk::{JwkSet, KeyError, KeyId, SigningKey},
    jwt::{self, SignError},
};
use serde::Serialize;

use super::{
    KeyState, PrivateHalf, Removal, SigningKeys, StoredSigningKey, life::VIEW_AGE, wrap::MasterKey,
};
use crate::{
    ports::{Clock, VerifyingKeySink},
    time::Timestamp,
};

/// The key that signs, and those that verify, as they are now. Shared by all who sign.
pub struct KeyRing {
    view: ArcSwap<KeyView>,
    master: MasterKey,
    clock: Arc<dyn Clock>,
    sink: Arc<dyn VerifyingKeySink>,
    /// How often the keys were about to be read.
    tickets: AtomicU64,
    /// The ticket of the view.
    installed: Mutex<u64>,
}

/// What an issuer knows of the keys at one moment.
pub struct KeyView {
    keys: SigningKeys,
    /// In milliseconds. Later than the first time if they were still the same.
    read_at: AtomicI64,
    signing: HashMap<KeyId, SigningKey>,
    verifying: JwkSet,
    published: OnceLock<String>,
}

/// When the keys began to be read, and before which other readings.
#[derive(Debug)]
pub(crate) struct Reading {
    ticket: u64,
    began_at: Timestamp,
}

/// Why no token was signed.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// What is known of the keys is too old: another one may sign by now, and this one may be, or is, revoked.
    #[error("the signing keys could not be read for a while")]
    KeysOutdated,
    /// The key failed, or the token would be none.
    #[error("the access token could not be signed: {0}")]
    Failed(#[from] SignError),
}

/// Why a stored key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenKeyError {
    /// It was wrapped with another master key, or is damaged.
    #[error(
        "signing key {key_id} cannot be read with this master key: put back the master key that \
         belongs to this store"
    )]
    WrongMasterKey {
        /// Which key.
        key_id: KeyId,
    },
    /// It is none of its algorithm.
    #[error("a signing key is unusable: {0}")]
    Key(#[from] KeyError),
}

impl KeyRing {
    /// A ring of these keys, which the sink is told of.
    pub(crate) fn open(
        keys: SigningKeys,
        master: MasterKey,
        clock: Arc<dyn Clock>,
        sink: Arc<dyn VerifyingKeySink>,
    ) -> Result<Self, OpenKeyError> {
        let view = KeyView::open(keys, clock.now(), &master, None)?;
        sink.replace(&view);
        Ok(Self {
            view: ArcSwap::from_pointee(view),
            master,
            clock,
            sink,
            tickets: AtomicU64::new(0),
            installed: Mutex::new(0),
        })
    }

    /// Signs a token of this type with the active key (RFC 7519).
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, IssueError> {
        let view = self.view.load();
        let signer = self.signer(&view).ok_or(IssueError::KeysOutdated)?;
        Ok(jwt::sign(signer, typ, claims)?)
    }

    /// Whether it signs: what it knows is not too old, and the key not known to be revoked meanwhile.
    #[must_use]
    pub fn can_sign(&self) -> bool {
        self.signer(&self.view.load()).is_some()
    }

    /// What it knows of the keys.
    #[must_use]
    pub fn view(&self) -> Arc<KeyView> {
        self.view.load_full()
    }

    /// Nothing is signed that is refused everywhere.
    fn signer<'a>(&self, view: &'a KeyView) -> Option<&'a SigningKey> {
        let signer = view.signer(self.clock.now())?;
        (!self.sink.refuses(signer.key_id())).then_some(signer)
    }

    /// To be called before the keys are read.
    pub(crate) fn begin_reading(&self) -> Reading {
        Reading {
            ticket: self.tickets.fetch_add(1, Ordering::Relaxed) + 1,
            began_at: self.clock.now(),
        }
    }

    /// Goes by these keys from now on, unless others were read later. Verifiers come first: nothing is signed that they do
    /// not know.
    pub(crate) fn renew(&self, keys: SigningKeys, reading: &Reading) -> Result<(), OpenKeyError> {
        let mut installed = self
            .installed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if reading.ticket <= *installed {
            return Ok(());
        }
        let before = self.view.load();
        if before.keys == keys {
            before.read_again(reading.began_at);
        } else {
            let view = KeyView::open(keys, reading.began_at, &self.master, Some(&**before))?;
            self.sink.replace(&view);
            self.view.store(Arc::new(view));
        }
        *installed = reading.ticket;
        Ok(())
    }
}

impl KeyView {
    /// Unwraps the keys, but for those that are open in `before`.
    fn open(
        keys: SigningKeys,
        read_at: Timestamp,
        master: &MasterKey,
        before: Option<&Self>,
    ) -> Result<Self, OpenKeyError> {
        let mut signing = HashMap::new();
        let mut verifying = Vec::new();
        for key in keys.all() {
            if let PrivateHalf::Wrapped(wrapped) = &key.private {
                let known = before.and_then(|before| before.opened(key));
                let opened = known.map_or_else(|| unwrapped(key, wrapped, master), Ok)?;
                verifying.push((keys.state(key, read_at), opened.verifying_key().clone()));
                signing.insert(key.key_id.clone(), opened);
            }
        }
        // The likeliest first: a verifier looks for a header that it knows at the beginning of the set.
        verifying.reverse();
        verifying.sort_by_key(|(state, _)| match state {
            KeyState::Active => 0,
            KeyState::Next => 1,
            _ => 2,
        });
        let verifying = verifying.into_iter().map(|(_, key)| key).collect();
        Ok(Self {
            keys,
            read_at: AtomicI64::new(read_at.as_millis()),
            signing,
            verifying: JwkSet::new(verifying),
            published: OnceLock::new(),
        })
    }

    /// The keys as they are stored.
    #[must_use]
    pub const fn keys(&self) -> &SigningKeys {
        &self.keys
    }

    /// The keys whose tokens are good: active, next and retiring ones. May hold HMAC secrets; what is published is
    /// [`published`](Self::published).
    #[must_use]
    pub const fn verifying_keys(&self) -> &JwkSet {
        &self.verifying
    }

    /// The JWK set to publish (RFC 7517): without secrets.
    #[must_use]
    pub fn published(&self) -> &str {
        self.published.get_or_init(|| self.verifying.public_json())
    }

    /// The keys that are no more, and why.
    pub fn former(&self) -> impl Iterator<Item = (&StoredSigningKey, Removal)> {
        self.keys.all().iter().filter_map(|key| match key.private {
            PrivateHalf::Wrapped(_) => None,
            PrivateHalf::Removed(why, _) => Some((key, why)),
        })
    }

    /// How old it is, by a clock that may have gone back since.
    pub(crate) fn age(&self, now: Timestamp) -> Duration {
        let read_at = Timestamp::from_millis(self.read_at.load(Ordering::Relaxed));
        now.since(read_at).max(read_at.since(now))
    }

    fn read_again(&self, at: Timestamp) {
        self.read_at.store(at.as_millis(), Ordering::Relaxed);
    }

    /// `None` if the view is too old to sign.
    fn signer(&self, now: Timestamp) -> Option<&SigningKey> {
        if self.age(now) >= VIEW_AGE {
            return None;
        }
        let active = self.keys.active(now)?;
        self.signing.get(&active.key_id)
    }

    /// The key, if this very one is open here.
    fn opened(&self, key: &StoredSigningKey) -> Option<SigningKey> {
        let same = self.keys.find(&key.key_id)?.private == key.private;
        same.then(|| self.signing.get(&key.key_id).cloned())?
    }
}

fn unwrapped(
    key: &StoredSigningKey,
    wrapped: &[u8],
    master: &MasterKey,
) -> Result<SigningKey, OpenKeyError> {
    let wrong = |_| OpenKeyError::WrongMasterKey {
        key_id: key.key_id.clone(),
    };
    let private = master
        .unwrap(&key.key_id, key.algorithm, wrapped)
        .map_err(wrong)?;
    Ok(SigningKey::from_private_bytes(
        key.algorithm,
        key.key_id.clone(),
        &private,
    )?)
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for KeyView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyView")
            .field("revision", &self.keys.revision)
            .finish_non_exhaustive()
    }
}
