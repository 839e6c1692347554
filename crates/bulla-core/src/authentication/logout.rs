use super::{AuthenticationService, SessionRequest};
use crate::{
    audit::{AuditEvent, AuditKind, Origin},
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
            self.end_live(&session, origin).await?;
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
        let session = self.presented_session(&presented).await?;
        let session = session.ok_or(LogoutError::Invalid)?;
        self.end_live(&session, origin).await?;
        Ok(())
    }

    /// Ends a session if it has not ended yet; `false` if it had.
    pub(super) async fn end_live(
        &self,
        session: &Session,
        origin: Origin,
    ) -> Result<bool, StoreError> {
        let end = self.end_by_owner(session, EndReason::LoggedOut, origin);
        self.ports.store.end_session(&end).await
    }

    /// The end of the session whose refresh token the new one takes the place of, if it was made here.
    pub(super) async fn end_of_replaced(
        &self,
        request: &SessionRequest,
        origin: Origin,
    ) -> Result<Option<SessionEnd>, StoreError> {
        let Some(presented) = &request.replaces else {
            return Ok(None);
        };
        let session = self.presented_session(presented).await?;
        Ok(session.map(|session| self.end_by_owner(&session, EndReason::Replaced, origin)))
    }

    /// The session of a refresh token, if that was made here.
    async fn presented_session(
        &self,
        presented: &PresentedToken,
    ) -> Result<Option<Session>, StoreError> {
        let store = &self.ports.store;
        let found = store.session_to_refresh(presented.claimed_session());
        let proven = found.await?.filter(|found| {
            let key = self.refresh_keys.of(found.key_version);
            presented.verify(&key, &found.session.nonce).is_ok()
        });
        Ok(proven.map(|found| found.session))
    }

    /// Ends the session whose refresh token the one of this session takes the place of, if it is another.
    pub(super) async fn end_replaced(
        &self,
        request: &SessionRequest,
        by: SessionId,
        origin: Origin,
    ) -> Result<(), StoreError> {
        let end = self.end_of_replaced(request, origin).await?;
        if let Some(end) = end.filter(|end| end.id != by) {
            self.ports.store.end_session(&end).await?;
        }
        Ok(())
    }

    fn end_by_owner(&self, session: &Session, reason: EndReason, origin: Origin) -> SessionEnd {
        let now = self.ports.clock.now();
        let (kind, account) = (AuditKind::SessionEnded, &session.account);
        let replaced = reason == EndReason::Replaced;
        SessionEnd {
            id: session.id,
            seen: None,
            ended: Ended { at: now, reason },
            revoke: self.settings.revocation_term(now),
            event: AuditEvent {
                detail: replaced.then(|| reason.as_str().to_owned()),
                ..AuditEvent::by_owner(kind, account, now, origin).in_session(session.id)
            },
        }
    }
}
