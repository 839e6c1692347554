use super::AuthenticationService;
use crate::{
    audit::{Actor, AuditEvent, AuditKind, Origin},
    ids::{AccountId, SessionId},
    session::{EndReason, Ended, Session},
    store::{SessionsEnd, StoreError},
};

/// Why a session was not ended.
#[derive(Debug, thiserror::Error)]
pub enum EndOwnSessionError {
    /// The account has no such live session; somebody else's is none of theirs.
    #[error("there is no such session")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AuthenticationService {
    /// The live sessions of an account, the newest first; no more than an account may have, or
    /// 100 if that is more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sessions(&self, account: &AccountId) -> Result<Vec<Session>, StoreError> {
        let settings = self.settings.session;
        let limit = settings.max_per_user.max(100);
        let now = self.ports.clock.now();
        let store = &self.ports.store;
        store
            .live_sessions(account, now, settings.idle, limit)
            .await
    }

    /// Ends one of the account's own sessions.
    ///
    /// # Errors
    /// [`EndOwnSessionError`].
    pub async fn end_own_session(
        &self,
        account: &AccountId,
        session: SessionId,
        origin: Origin,
    ) -> Result<(), EndOwnSessionError> {
        let now = self.ports.clock.now();
        let (session, _) = self
            .ports
            .store
            .session(session)
            .await?
            .filter(|(session, _)| {
                session.account == *account && session.is_live(now, self.settings.session.idle)
            })
            .ok_or(EndOwnSessionError::NotFound)?;
        if self
            .end_live(&session, EndReason::LoggedOut, origin)
            .await?
        {
            Ok(())
        } else {
            Err(EndOwnSessionError::NotFound)
        }
    }

    /// Ends all of the account's sessions but one.
    ///
    /// # Errors
    /// [`StoreError`]; then none ended.
    pub async fn end_other_sessions(
        &self,
        account: &AccountId,
        keep: SessionId,
        origin: Origin,
    ) -> Result<(), StoreError> {
        let now = self.ports.clock.now();
        let end = SessionsEnd {
            account: account.clone(),
            keep: Some(keep),
            ended: Ended {
                at: now,
                reason: EndReason::LoggedOut,
            },
            revoke: self.settings.revocation_term(now),
            event: AuditEvent {
                at: now,
                kind: AuditKind::SessionEnded,
                actor: Actor::Owner,
                account: account.clone(),
                session: None,
                address: origin,
                detail: None,
            },
        };
        self.ports.store.end_sessions(&end).await.map(drop)
    }
}
