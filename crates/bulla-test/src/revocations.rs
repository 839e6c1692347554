use std::sync::{Mutex, PoisonError};

use bulla_core::{
    ids::{AccountId, SessionId},
    ports::RevocationSink,
    revocation::{RevocationRecord, RevocationTarget},
};

/// Keeps what was published, and says what it hits.
#[derive(Debug, Default)]
pub struct RecordedRevocations(Mutex<Vec<RevocationRecord>>);

impl RecordedRevocations {
    /// What was published, in order.
    #[must_use]
    pub fn records(&self) -> Vec<RevocationRecord> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether tokens of this session are revoked by its own record.
    #[must_use]
    pub fn hits_session(&self, id: SessionId) -> bool {
        let target = RevocationTarget::Session(id);
        self.records().iter().any(|record| record.target == target)
    }

    /// Whether tokens of this account and epoch are revoked.
    #[must_use]
    pub fn hits_subject(&self, id: &AccountId, epoch: u64) -> bool {
        self.records().iter().any(|record| match &record.target {
            RevocationTarget::Subject { account, min_epoch } => {
                account == id && min_epoch.is_none_or(|min_epoch| epoch < min_epoch)
            }
            RevocationTarget::Session(_) => false,
        })
    }
}

impl RevocationSink for RecordedRevocations {
    fn publish(&self, records: &[RevocationRecord]) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(records);
    }
}
