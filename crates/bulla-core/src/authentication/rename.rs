use super::AuthenticationService;
use crate::{
    account::{Account, DisplayName},
    audit::{AuditEvent, AuditKind, Origin},
    ids::AccountId,
    store::{AccountChange, AccountDecision, AccountOutcome, StoreError},
};

impl AuthenticationService {
    /// Changes what to call somebody; no name forgets it. Tokens show it from the next refresh. `None` once the account is
    /// deleted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rename(
        &self,
        id: &AccountId,
        name: Option<DisplayName>,
        origin: Origin,
    ) -> Result<Option<Account>, StoreError> {
        let now = self.ports.clock.now();
        let decision: AccountDecision = Box::new(move |before| {
            (before.name != name).then(|| AccountChange {
                account: Account {
                    name,
                    ..before.clone()
                },
                revoke: None,
                end_sessions: None,
                keep_session: None,
                event: AuditEvent::by_owner(AuditKind::AccountChanged, &before.id, now, origin),
            })
        });
        match self.ports.store.change_account(id, decision).await? {
            AccountOutcome::NotFound => Ok(None),
            AccountOutcome::Unchanged(account) | AccountOutcome::Changed(account) => {
                Ok(Some(account))
            }
        }
    }
}
