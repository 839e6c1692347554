use async_trait::async_trait;
use bulla_core::{
    revocation::RevocationTarget,
    store::{
        AccountCreation, AccountImport, CreateAccountError, ImportEntry, ImportOutcome,
        ImportStore, StoreError,
    },
    time::Timestamp,
};

use crate::memory_store::{MemoryStore, tables::Tables};

#[async_trait]
impl ImportStore for MemoryStore {
    async fn import_accounts(
        &self,
        import: &AccountImport,
    ) -> Result<Vec<ImportOutcome>, StoreError> {
        let mut tables = self.begin().await?;
        let before = import.rehearsal.then(|| tables.clone());
        let entries = import.accounts.iter();
        let outcomes = entries.map(|entry| self.import(&mut tables, entry, import.now));
        let outcomes = outcomes.collect();
        if let Some(before) = before {
            *tables = before;
        }
        Ok(outcomes)
    }
}

impl MemoryStore {
    fn import(&self, tables: &mut Tables, entry: &ImportEntry, now: Timestamp) -> ImportOutcome {
        let id = &entry.account.id;
        if let Some(account) = tables.accounts.get_mut(id) {
            if !entry.account.shares_a_name(account) {
                return ImportOutcome::IdentityTaken;
            }
            if !entry.account.completes(account) {
                return ImportOutcome::Present;
            }
            account.password = entry.account.password.clone();
            tables.events.push(entry.password_added.clone());
            return ImportOutcome::PasswordAdded;
        }
        let whole_subject = RevocationTarget::Subject {
            subject: id.into(),
            min_epoch: None,
        };
        let live = tables
            .revocations
            .iter()
            .filter(|record| record.until > now);
        let revoked = live.filter(|record| record.target == whole_subject);
        if let Some(until) = revoked.map(|record| record.until).max() {
            return ImportOutcome::Deleted { until };
        }
        let creation = AccountCreation {
            account: entry.account.clone(),
            session: None,
            replaces: None,
            visitor: None,
            event: entry.created.clone(),
        };
        match self.create(tables, &creation) {
            Err(CreateAccountError::EmailTaken) => ImportOutcome::EmailTaken,
            Err(CreateAccountError::UsernameTaken) => ImportOutcome::UsernameTaken,
            _ => ImportOutcome::Created,
        }
    }
}
