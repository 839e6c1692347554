use super::{AuthenticationService, Origin};
use crate::{
    account::{Account, DisplayName},
    audit::{AuditEvent, AuditKind},
    contention::{ATTEMPTS, contended, with_names_unchanged},
    ids::AccountId,
    store::{AccountChange, StoreError},
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
        for _ in 0..ATTEMPTS {
            let found = self.ports.store.account(id).await?;
            let mut account = found.ok_or(RenameError::NotFound)?;
            if account.name == name {
                return Ok(account);
            }
            account.name.clone_from(&name);
            let change = AccountChange {
                account,
                revoke_until: None,
                end_sessions: None,
                keep_session: None,
            };
            let event = AuditEvent {
                at: self.ports.clock.now(),
                kind: AuditKind::AccountChanged,
                account: id.clone(),
                session: None,
                address: origin,
            };
            let changed = self.ports.store.change_account(&change, &event).await;
            if changed.map_err(with_names_unchanged)?.is_some() {
                return Ok(change.into_changed());
            }
        }
        Err(contended().into())
    }
}
