//! Signing keys, wrapped as they rest.

use async_trait::async_trait;
use bulla_jose::jwk::KeyId;

use super::StoreError;
use crate::{
    audit::AuditEvent,
    key::{SigningKeys, StoredSigningKey, WantedAlgorithm},
    revocation::RevocationTerm,
};

/// Signing keys.
#[async_trait]
pub trait SigningKeyStore: Send + Sync {
    /// All signing keys, those that are no more too, with the longest access lifetime that was noted. `None` before the
    /// first change.
    async fn signing_keys(&self) -> Result<Option<SigningKeys>, StoreError>;

    /// Changes the keys, if nobody has changed them since they were read; the revision is the next one then. `false`:
    /// somebody was faster; read again.
    async fn change_signing_keys(&self, change: &SigningKeyChange) -> Result<bool, StoreError>;
}

/// A change of the signing keys.
#[derive(Debug, Clone)]
pub struct SigningKeyChange {
    /// The revision that it was decided on; 0 if there were no keys.
    pub seen: u64,
    /// What new keys are for from now on.
    pub wanted: WantedAlgorithm,
    /// New keys, and others as they shall be.
    pub put: Vec<StoredSigningKey>,
    /// If set, all tokens of this key are revoked.
    pub revoke: Option<(KeyId, RevocationTerm)>,
    /// What to record with it.
    pub events: Vec<AuditEvent>,
}
