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
        let ungranted = Account {
            roles: Grants::default().roles,
            plan: Grants::default().plan,
            claims: Grants::default().claims,
            ..account.clone()
        };
        let event = AuditEvent {
            detail: differences(&ungranted, &account),
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
