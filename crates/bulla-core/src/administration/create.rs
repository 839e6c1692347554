use super::AdministrationService;
use crate::{
    account::Account,
    audit::{AuditKind, Origin},
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
        origin: Origin,
    ) -> Result<Account, RegistrationError> {
        let account = registration
            .into_account(grants, self.settings.password, &self.ports)
            .await?;
        let event = self.event(
            AuditKind::AccountCreated,
            &account.id,
            account.created_at,
            origin,
        );
        self.ports
            .store
            .create_account(&account, None, &event)
            .await?;
        Ok(account)
    }
}
