use super::AuthenticationService;
use crate::{
    account::DisplayName,
    audit::{AuditEvent, AuditKind, Origin},
    ids::{AccountId, SessionId},
    session::{EndReason, Ended, Session},
    store::{SessionsEnd, StoreError},
};

/// Why a session was not renamed or ended.
#[derive(Debug, thiserror::Error)]
pub enum OwnSessionError {
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

    /// Gives one of the account's own sessions a name; `None` takes it away.
    ///
    /// # Errors
    /// [`OwnSessionError`].
    pub async fn rename_own_session(
        &self,
        account: &AccountId,
        session: SessionId,
        name: Option<DisplayName>,
        origin: Origin,
    ) -> Result<Session, OwnSessionError> {
        let session = self.own_session(account, session).await?;
        if session.name == name {
            return Ok(session);
        }
        let event = AuditEvent::by_owner(
            AuditKind::SessionRenamed,
            account,
            self.ports.clock.now(),
            origin,
        )
        .in_session(session.id);
        let store = &self.ports.store;
        let renamed = store.rename_session(session.id, name.as_ref(), &event);
        if !renamed.await? {
            return Err(OwnSessionError::NotFound);
        }
        Ok(Session { name, ..session })
    }

    /// Ends one of the account's own sessions.
    ///
    /// # Errors
    /// [`OwnSessionError`].
    pub async fn end_own_session(
        &self,
        account: &AccountId,
        session: SessionId,
        origin: Origin,
    ) -> Result<(), OwnSessionError> {
        let session = self.own_session(account, session).await?;
        match self.end_live(&session, origin).await? {
            true => Ok(()),
            false => Err(OwnSessionError::NotFound),
        }
    }

    async fn own_session(
        &self,
        account: &AccountId,
        id: SessionId,
    ) -> Result<Session, OwnSessionError> {
        let now = self.ports.clock.now();
        let found = self.ports.store.session(id).await?;
        let own = |session: &Session| {
            session.account == *account && session.is_live(now, self.settings.session.idle)
        };
        found
            .map(|(session, _)| session)
            .filter(own)
            .ok_or(OwnSessionError::NotFound)
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
            event: AuditEvent::by_owner(AuditKind::SessionEnded, account, now, origin),
        };
        self.ports.store.end_sessions(&end).await.map(drop)
    }
}
