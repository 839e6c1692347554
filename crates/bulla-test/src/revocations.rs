use std::sync::{Mutex, PoisonError};

use bulla_core::{
    ids::{ClientId, SessionId, Subject, TokenId},
    ports::RevocationSink,
    revocation::{RevocationRecord, RevocationTarget},
};

/// Keeps what was published, what came twice once, and says what it hits.
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

    /// Whether tokens of this subject and epoch are revoked.
    #[must_use]
    pub fn hits_subject(&self, id: impl Into<Subject>, epoch: u64) -> bool {
        let id = id.into();
        self.records().iter().any(|record| match &record.target {
            RevocationTarget::Subject { subject, min_epoch } => {
                *subject == id && min_epoch.is_none_or(|min_epoch| epoch < min_epoch)
            }
            _ => false,
        })
    }

    /// Whether this token is revoked by its own record.
    #[must_use]
    pub fn hits_token(&self, id: &TokenId) -> bool {
        let target = RevocationTarget::Token(id.clone());
        self.records().iter().any(|record| record.target == target)
    }

    /// Whether all tokens of this client are revoked.
    #[must_use]
    pub fn hits_client(&self, id: &ClientId) -> bool {
        let target = RevocationTarget::Client(id.clone());
        self.records().iter().any(|record| record.target == target)
    }
}

impl RevocationSink for RecordedRevocations {
    fn publish(&self, records: &[RevocationRecord]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for record in records {
            // What comes again comes soon.
            if !kept.iter().rev().take(1000).any(|before| before == record) {
                kept.push(record.clone());
            }
        }
    }
}
