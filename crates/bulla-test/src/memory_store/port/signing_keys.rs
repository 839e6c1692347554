//! Signing keys.

use async_trait::async_trait;
use bulla_core::{
    key::SigningKeys,
    revocation::RevocationTarget,
    store::{SigningKeyChange, SigningKeyStore, StoreError},
};

use crate::{memory_store::MemoryStore, tasks::step_aside};

#[async_trait]
impl SigningKeyStore for MemoryStore {
    async fn signing_keys(&self) -> Result<Option<SigningKeys>, StoreError> {
        let keys = self.begin().await?.signing_keys();
        // They may be others by the time that whoever asked has them.
        step_aside().await;
        Ok(keys)
    }

    async fn change_signing_keys(&self, change: &SigningKeyChange) -> Result<bool, StoreError> {
        let mut tables = self.begin().await?;
        let before = tables.signing_keys();
        if before.as_ref().map_or(0, |keys| keys.revision) != change.seen {
            return Ok(false);
        }
        let before = before.iter().flat_map(SigningKeys::all);
        let kept = before.filter(|key| change.put.iter().all(|put| put.key_id != key.key_id));
        let keys = kept.chain(&change.put).cloned().collect();
        tables.keys = Some((change.seen + 1, change.wanted, keys));
        tables.events.extend(change.events.iter().cloned());
        if let Some((key, term)) = &change.revoke {
            let target = RevocationTarget::Key(key.clone());
            self.revoke(&mut tables, target, *term, None);
        }
        Ok(true)
    }
}
