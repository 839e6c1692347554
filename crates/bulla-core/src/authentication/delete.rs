use super::{AuthenticationService, Proof, ProofError};
use crate::{
    audit::{AuditEvent, AuditKind, Origin},
    export::AccountExport,
    ids::{AccountId, SessionId},
    store::StoreError,
};

impl AuthenticationService {
    /// Deletes the account of whoever knows the password, with its sessions and links, and ends all its tokens. The
    /// audit log keeps its identity.
    ///
    /// # Errors
    /// [`ProofError`].
    pub async fn delete_own_account(&self, proof: Proof) -> Result<(), ProofError> {
        let (session, address) = (proof.session, proof.address);
        let account = self.prove(proof).await?;
        let now = self.ports.clock.now();
        let event = AuditEvent::by_owner(AuditKind::AccountDeleted, &account.id, now, address)
            .in_session(session);
        let term = self.settings.revocation_term(now);
        let store = &self.ports.store;
        match store.delete_account(&account.id, term, &event).await? {
            true => Ok(()),
            false => Err(ProofError::Revoked),
        }
    }

    /// All that is held about an account, which its owner reads in this session; `None` once it is deleted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn export(
        &self,
        id: &AccountId,
        session: SessionId,
        origin: Origin,
    ) -> Result<Option<AccountExport>, StoreError> {
        let event = AuditEvent::by_owner(
            AuditKind::AccountExported,
            id,
            self.ports.clock.now(),
            origin,
        )
        .in_session(session);
        AccountExport::recorded(&*self.ports.store, id, event).await
    }
}
