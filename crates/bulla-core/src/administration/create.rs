use super::{AdministrationService, Administrator, edit::differences};
use crate::{
    account::Account,
    audit::{AuditEvent, AuditKind},
    registration::{Grants, Registration, RegistrationError},
    store::AccountCreation,
};

impl AdministrationService {
    /// Makes an account.
    ///
    /// # Errors
    /// [`RegistrationError`].
    pub async fn create(
        &self,
        registration: Registration,
        grants: Grants,
        by: &Administrator,
    ) -> Result<Account, RegistrationError> {
        let account = registration
            .into_account(grants, self.settings.password, &self.ports)
            .await?;
        let event = AuditEvent {
            detail: granted(&account),
            ..by.did(AuditKind::AccountCreated, &account.id, account.created_at)
        };
        let creation = AccountCreation {
            account,
            session: None,
            replaces: None,
            visitor: None,
            event,
        };
        self.ports.store.create_account(&creation).await?;
        Ok(creation.account)
    }
}

/// What a new account has that one who registers has not.
pub(super) fn granted(account: &Account) -> Option<String> {
    let Grants {
        roles,
        plan,
        claims,
    } = Grants::default();
    let registered = Account {
        roles,
        plan,
        claims,
        disabled_at: None,
        ..account.clone()
    };
    differences(&registered, account)
}
