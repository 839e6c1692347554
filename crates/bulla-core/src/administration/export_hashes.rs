use super::{AdministrationService, Administrator};
use crate::{
    account::Account,
    audit::{AuditEvent, AuditKind},
    ids::AccountId,
    store::StoreError,
};

impl AdministrationService {
    /// As [`list`](Self::list), for somebody who carries the accounts and the hashes of their passwords elsewhere: it is
    /// recorded before anybody sees them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn export_hashes(
        &self,
        after: Option<&AccountId>,
        limit: u32,
        by: &Administrator,
    ) -> Result<Vec<Account>, StoreError> {
        let store = &self.ports.store;
        let accounts = store.accounts(None, after, limit).await?;
        let now = self.ports.clock.now();
        let exported = |account: &Account| AuditEvent {
            detail: Some("with the hash of the password".to_owned()),
            ..by.did(AuditKind::AccountExported, &account.id, now)
        };
        let events: Vec<_> = accounts.iter().map(exported).collect();
        store.record(&events).await?;
        Ok(accounts)
    }
}
