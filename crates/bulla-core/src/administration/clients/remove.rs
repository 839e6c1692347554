use crate::{
    administration::{AdministrationService, Administrator, RemoveError},
    audit::{Actor, AuditEvent, AuditKind},
    ids::ClientId,
    time::Timestamp,
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
        let event = by.did(AuditKind::ClientRemoved, id, now);
        self.delete_client(id, event, now).await
    }

    /// The same, because its time is over: nobody did it.
    ///
    /// # Errors
    /// [`RemoveError`].
    pub async fn expire_client(&self, id: &ClientId) -> Result<(), RemoveError> {
        let now = self.ports.clock.now();
        let event = AuditEvent {
            at: now,
            kind: AuditKind::ClientRemoved,
            actor: Actor::System,
            subject: id.into(),
            session: None,
            address: None,
            detail: None,
        };
        self.delete_client(id, event, now).await
    }

    async fn delete_client(
        &self,
        id: &ClientId,
        event: AuditEvent,
        now: Timestamp,
    ) -> Result<(), RemoveError> {
        let term = self.settings.revocation_term(now);
        match self.ports.store.delete_client(id, term, &event).await? {
            true => Ok(()),
            false => Err(RemoveError::NotFound),
        }
    }
}
