use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use bulla_core::{
    key::ring::KeyView,
    ports::{KeyMaker, VerifyingKeySink},
};
use bulla_jose::{
    jwa::Algorithm,
    jwk::{JwkSet, KeyError, KeyId, SigningKey},
};

use crate::tasks::step_aside;

/// Makes signing keys where they are asked for. It steps aside first, since others take a while.
#[derive(Debug, Clone, Copy, Default)]
pub struct InlineKeyMaker;

#[async_trait]
impl KeyMaker for InlineKeyMaker {
    async fn make(&self, algorithm: Algorithm) -> Result<SigningKey, KeyError> {
        step_aside().await;
        SigningKey::generate(algorithm)
    }
}

/// A verifier's keys, how often they were replaced, and those that it refuses.
#[derive(Debug, Default)]
pub struct RecordedKeys(Mutex<Recorded>);

#[derive(Debug, Default)]
struct Recorded {
    keys: JwkSet,
    replacements: usize,
    refused: HashSet<KeyId>,
}

impl RecordedKeys {
    /// The keys now.
    #[must_use]
    pub fn keys(&self) -> JwkSet {
        self.lock().keys.clone()
    }

    /// How often they were replaced.
    #[must_use]
    pub fn replacements(&self) -> usize {
        self.lock().replacements
    }

    /// Hears that this key is revoked.
    pub fn refuse(&self, key: KeyId) {
        self.lock().refused.insert(key);
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl VerifyingKeySink for RecordedKeys {
    fn replace(&self, view: &KeyView) {
        let mut recorded = self.lock();
        recorded.keys = view.verifying_keys().clone();
        recorded.replacements += 1;
    }

    fn refuses(&self, key: &KeyId) -> bool {
        self.lock().refused.contains(key)
    }
}
