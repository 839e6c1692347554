use super::{AdministrationService, Administrator};
use crate::{
    audit::{AuditEvent, AuditKind},
    ids::{AccountId, SessionId},
    session::{EndReason, Ended},
    store::{AllSessionsEnd, SessionEnd, SessionsEnd, StoreError},
};

/// Why an account, session or client was not ended.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// There is no such account, live session or client.
    #[error("there is no such account, session or client")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AdministrationService {
    /// Deletes an account with its sessions, and ends all its tokens.
    ///
    /// # Errors
    /// [`RemoveError`].
    pub async fn delete(&self, id: &AccountId, by: &Administrator) -> Result<(), RemoveError> {
        let now = self.ports.clock.now();
        let term = self.settings.revocation_term(now);
        let event = by.did(AuditKind::AccountDeleted, id, now);
        let deleted = self.ports.store.delete_account(id, term, &event).await?;
        or_not_found(deleted)
    }

    /// Ends a session, whosever it is.
    ///
    /// # Errors
    /// [`RemoveError`].
    pub async fn end_session(&self, id: SessionId, by: &Administrator) -> Result<(), RemoveError> {
        let found = self.ports.store.session(id).await?;
        let (session, _) = found.ok_or(RemoveError::NotFound)?;
        let now = self.ports.clock.now();
        let end = SessionEnd {
            id,
            seen: None,
            ended: Ended {
                at: now,
                reason: EndReason::Revoked,
            },
            revoke: self.settings.revocation_term(now),
            event: AuditEvent {
                session: Some(id),
                ..by.did(AuditKind::SessionEnded, &session.account, now)
            },
        };
        or_not_found(self.ports.store.end_session(&end).await?)
    }

    /// Ends all sessions of an account. Returns how many ended.
    ///
    /// # Errors
    /// [`StoreError`]; then none ended.
    pub async fn end_sessions(
        &self,
        id: &AccountId,
        by: &Administrator,
    ) -> Result<u64, StoreError> {
        let now = self.ports.clock.now();
        let end = SessionsEnd {
            account: id.clone(),
            keep: None,
            ended: Ended {
                at: now,
                reason: EndReason::Revoked,
            },
            revoke: self.settings.revocation_term(now),
            event: by.did(AuditKind::SessionEnded, id, now),
        };
        self.ports.store.end_sessions(&end).await
    }

    /// Ends all sessions of all accounts, the administrator's own too. Returns how many ended.
    ///
    /// # Errors
    /// [`StoreError`]; then none ended.
    pub async fn end_all_sessions(&self, by: &Administrator) -> Result<u64, StoreError> {
        let now = self.ports.clock.now();
        let end = AllSessionsEnd {
            ended: Ended {
                at: now,
                reason: EndReason::Revoked,
            },
            revoke: self.settings.revocation_term(now),
            actor: by.actor(),
            address: by.address,
        };
        self.ports.store.end_all_sessions(&end).await
    }
}

fn or_not_found(found: bool) -> Result<(), RemoveError> {
    found.then_some(()).ok_or(RemoveError::NotFound)
}
