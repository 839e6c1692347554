use super::AuthenticationService;
use crate::{
    audit::{Actor, AuditEvent, AuditKind, Origin},
    ids::SessionId,
    session::{
        EndReason, Ended, Session,
        refresh_token::{InvalidRefreshToken, PresentedToken},
    },
    store::{SessionEnd, StoreError},
};

/// Why a session was not ended.
#[derive(Debug, thiserror::Error)]
pub enum LogoutError {
    /// It is no refresh token of ours.
    #[error("the refresh token is not valid")]
    Invalid,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<InvalidRefreshToken> for LogoutError {
    fn from(_: InvalidRefreshToken) -> Self {
        Self::Invalid
    }
}

impl AuthenticationService {
    /// Ends the session of an access token that the caller has verified, were it expired or
    /// revoked. A session that is gone or has ended stays so: that is what was asked for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn logout_session(&self, id: SessionId, origin: Origin) -> Result<(), StoreError> {
        if let Some((session, _)) = self.ports.store.session(id).await? {
            self.end_live(&session, EndReason::LoggedOut, origin)
                .await?;
        }
        Ok(())
    }

    /// Ends the session of a refresh token, of whatever generation.
    ///
    /// # Errors
    /// [`LogoutError`].
    pub async fn logout_refresh_token(
        &self,
        refresh_token: &str,
        origin: Origin,
    ) -> Result<(), LogoutError> {
        let presented = PresentedToken::parse(refresh_token)?;
        let found = self
            .ports
            .store
            .session(presented.claimed_session())
            .await?;
        let (session, _) = found.ok_or(LogoutError::Invalid)?;
        presented.verify(&self.refresh_key, &session.nonce)?;
        self.end_live(&session, EndReason::LoggedOut, origin)
            .await?;
        Ok(())
    }

    /// Ends a session if it has not ended yet; `false` if it had.
    pub(super) async fn end_live(
        &self,
        session: &Session,
        reason: EndReason,
        origin: Origin,
    ) -> Result<bool, StoreError> {
        let now = self.ports.clock.now();
        let end = SessionEnd {
            id: session.id,
            seen: None,
            ended: Ended { at: now, reason },
            revoke: self.settings.revocation_term(now),
            event: AuditEvent {
                at: now,
                kind: AuditKind::SessionEnded,
                actor: Actor::Owner,
                subject: session.account.clone().into(),
                session: Some(session.id),
                address: origin,
                detail: None,
            },
        };
        self.ports.store.end_session(&end).await
    }
}
