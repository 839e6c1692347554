use super::{
    AdministrationService, Administrator,
    edit::{EditError, Edited},
};
use crate::{
    account::Account,
    ids::AccountId,
    session::{EndReason, Ended},
};

impl AdministrationService {
    /// Ends the account's sessions and tokens, and lets it sign in no more.
    ///
    /// # Errors
    /// [`EditError`].
    pub async fn disable(&self, id: &AccountId, by: &Administrator) -> Result<Account, EditError> {
        let now = self.ports.clock.now();
        let disabled = move |account: &Account| Edited {
            ends_tokens: account.disabled_at.is_none(),
            ends_sessions: Some(Ended {
                at: now,
                reason: EndReason::AccountDisabled,
            }),
            account: Account {
                disabled_at: account.disabled_at.or(Some(now)),
                ..account.clone()
            },
        };
        self.change(id, now, by, disabled).await
    }

    /// Lets a disabled account sign in again.
    ///
    /// # Errors
    /// [`EditError`].
    pub async fn enable(&self, id: &AccountId, by: &Administrator) -> Result<Account, EditError> {
        let enabled = |account: &Account| Edited {
            account: Account {
                disabled_at: None,
                ..account.clone()
            },
            ends_tokens: false,
            ends_sessions: None,
        };
        self.change(id, self.ports.clock.now(), by, enabled).await
    }
}
