use super::AccountService;
use crate::{
    audit::{AuditEvent, AuditKind},
    authentication::Origin,
    ids::{AccountId, SessionId},
    session::{EndReason, Ended},
    store::{EndOutcome, SessionEnd, StoreError},
};

/// Why an account or session was not ended.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// There is no such account or live session.
    #[error("there is no such account or session")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AccountService {
    /// Deletes an account with its sessions, and ends all its tokens.
    ///
    /// # Errors
    /// [`RemoveError`].
    pub async fn delete(&self, id: &AccountId, origin: Origin) -> Result<(), RemoveError> {
        let now = self.ports.clock.now();
        let until = self.settings.tokens.revoke_until(now);
        let event = self.event(AuditKind::AccountDeleted, id, now, origin);
        let deleted = self.ports.store.delete_account(id, until, &event).await?;
        let records = deleted.ok_or(RemoveError::NotFound)?;
        self.ports.revocations.publish(&records);
        Ok(())
    }

    /// Ends a session, whosever it is.
    ///
    /// # Errors
    /// [`RemoveError`].
    pub async fn end_session(&self, id: SessionId, origin: Origin) -> Result<(), RemoveError> {
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
            revoke_until: self.settings.tokens.revoke_until(now),
            event: AuditEvent {
                session: Some(id),
                ..self.event(AuditKind::SessionEnded, &session.account, now, origin)
            },
        };
        match self.ports.store.end_session(&end).await? {
            EndOutcome::Ended(record) => {
                self.ports.revocations.publish(&[record]);
                Ok(())
            }
            EndOutcome::NotLive | EndOutcome::Moved => Err(RemoveError::NotFound),
        }
    }
}
