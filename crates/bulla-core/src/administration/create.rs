use super::{AdministrationService, Administrator, edit::differences};
use crate::{
    account::Account,
    audit::{AuditEvent, AuditKind},
    registration::{Grants, Registration, RegistrationError},
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
        self.ports
            .store
            .create_account(&account, None, &event)
            .await?;
        Ok(account)
    }
}
