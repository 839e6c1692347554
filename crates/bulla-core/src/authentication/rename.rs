use super::AuthenticationService;
use crate::{
    account::{Account, DisplayName},
    audit::{Actor, AuditEvent, AuditKind, Origin},
    ids::AccountId,
    store::{AccountChange, AccountDecision, AccountOutcome, StoreError},
};

/// Why the name was not changed.
#[derive(Debug, thiserror::Error)]
pub enum RenameError {
    /// The account is gone.
    #[error("there is no such account")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AuthenticationService {
    /// Changes what to call somebody; `None` forgets it. Tokens show it from the next refresh.
    ///
    /// # Errors
    /// [`RenameError`].
    pub async fn rename(
        &self,
        id: &AccountId,
        name: Option<DisplayName>,
        origin: Origin,
    ) -> Result<Account, RenameError> {
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
                event: AuditEvent {
                    at: now,
                    kind: AuditKind::AccountChanged,
                    actor: Actor::Owner,
                    subject: before.id.clone().into(),
                    session: None,
                    address: origin,
                    detail: None,
                },
            })
        });
        match self.ports.store.change_account(id, decision).await? {
            AccountOutcome::NotFound => Err(RenameError::NotFound),
            AccountOutcome::Unchanged(account) | AccountOutcome::Changed(account) => Ok(account),
        }
    }
}
