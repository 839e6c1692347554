use crate::{
    administration::{AdministrationService, Administrator, RemoveError},
    audit::AuditKind,
    ids::ClientId,
};

impl AdministrationService {
    /// Removes a client, and ends all its tokens.
    ///
    /// # Errors
    /// [`RemoveError`].
    pub async fn remove_client(
        &self,
        id: &ClientId,
        by: &Administrator,
    ) -> Result<(), RemoveError> {
        let now = self.ports.clock.now();
        let term = self.settings.revocation_term(now);
        let event = by.did(AuditKind::ClientRemoved, id, now);
        match self.ports.store.delete_client(id, term, &event).await? {
            true => Ok(()),
            false => Err(RemoveError::NotFound),
        }
    }
}
