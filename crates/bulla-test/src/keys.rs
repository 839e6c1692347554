use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bulla_core::{
    key::ring::KeyView,
    ports::{KeyMaker, VerifyingKeySink},
};
use bulla_jose::{
    jwa::Algorithm,
    jwk::{JwkSet, KeyError, SigningKey},
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

/// A verifier's keys, and how often they were replaced.
#[derive(Debug, Default)]
pub struct RecordedKeys(Mutex<(JwkSet, usize)>);

impl RecordedKeys {
    /// The keys now.
    #[must_use]
    pub fn keys(&self) -> JwkSet {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.0.clone()
    }

    /// How often they were replaced.
    #[must_use]
    pub fn replacements(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }
}

impl VerifyingKeySink for RecordedKeys {
    fn replace(&self, view: &KeyView) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *keys = (view.verifying_keys().clone(), keys.1 + 1);
    }
}
