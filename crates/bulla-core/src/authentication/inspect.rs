use super::AuthenticationService;
use crate::{
    ids::{AccountId, SessionId},
    session::{
        refresh_token::PresentedToken,
        rotation::{Verdict, decide},
    },
    store::{SessionToRefresh, StoreError},
    time::Timestamp,
};

/// A refresh token that would be exchanged now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveRefreshToken {
    /// Whose session it carries.
    pub account: AccountId,
    /// The session.
    pub session: SessionId,
    /// When it is over unless it is used before: the session's idle or absolute end.
    pub expires_at: Timestamp,
}

impl AuthenticationService {
    /// What a refresh token is worth now; `None`: nothing. It is not used by that: not even a stolen one ends anything.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn inspect_refresh_token(
        &self,
        refresh_token: &str,
    ) -> Result<Option<LiveRefreshToken>, StoreError> {
        let Ok(presented) = PresentedToken::parse(refresh_token) else {
            return Ok(None);
        };
        let id = presented.claimed_session();
        let found = self.ports.store.session_to_refresh(id).await?;
        let Some(SessionToRefresh {
            session,
            account,
            key_version,
        }) = found
        else {
            return Ok(None);
        };
        let key = self.refresh_keys.of(key_version);
        let Ok(verified) = presented.verify(&key, &session.nonce) else {
            return Ok(None);
        };
        let settings = self.settings.session;
        let now = self.ports.clock.now();
        let verdict = decide(
            session.generations,
            verified.generation,
            now,
            settings.settle,
        );
        let live = session.is_live(now, settings.idle) && account.disabled_at.is_none();
        if !live || verdict == Verdict::Theft {
            return Ok(None);
        }
        let idle_end = session.last_used_at.after(settings.idle);
        Ok(Some(LiveRefreshToken {
            account: account.id,
            session: session.id,
            expires_at: idle_end.min(session.absolute_end),
        }))
    }
}
