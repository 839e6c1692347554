use super::{AuthenticationService, Origin};
use crate::{
    ids::{AccountId, SessionId},
    session::{EndReason, Session},
    store::StoreError,
    time::Timestamp,
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
    /// The live sessions of an account, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sessions(&self, account: &AccountId) -> Result<Vec<Session>, StoreError> {
        let mut sessions = self.ports.store.sessions(account).await?;
        let now = self.ports.clock.now();
        sessions.retain(|session| self.is_live(session, now));
        Ok(sessions)
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
            .filter(|(session, _)| session.account == *account && self.is_live(session, now))
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
    /// [`StoreError`]; some may have ended.
    pub async fn end_other_sessions(
        &self,
        account: &AccountId,
        keep: SessionId,
        origin: Origin,
    ) -> Result<(), StoreError> {
        for session in self.sessions(account).await? {
            if session.id != keep {
                self.end_live(&session, EndReason::LoggedOut, origin)
                    .await?;
            }
        }
        Ok(())
    }

    /// Whether a session has neither ended nor expired.
    pub(super) fn is_live(&self, session: &Session, now: Timestamp) -> bool {
        let idle = now.since(session.last_used_at) >= self.settings.session.idle;
        session.ended.is_none() && !idle && now < session.absolute_end
    }
}
