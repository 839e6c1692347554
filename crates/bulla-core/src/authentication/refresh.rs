use super::{
    AuthenticationService, IssueError, IssuedSession, OnChange, SessionRequest, SessionSettings,
};
use crate::{
    account::Account,
    audit::{Actor, AuditEvent, AuditKind},
    contention::{ATTEMPTS, contended},
    session::{
        Device, EndReason, Ended, Move, Session,
        refresh_token::{InvalidRefreshToken, PresentedToken},
        rotation::{Verdict, decide},
    },
    store::{SessionAdvance, SessionEnd, SessionToRefresh, StoreError},
    time::Timestamp,
};

/// Why a refresh token was not exchanged.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// It is no refresh token of ours. Nothing was written.
    #[error("the refresh token is not valid")]
    Invalid,
    /// It is older than one that its owner has used since: one of the two was stolen. The session
    /// has been ended.
    #[error("the refresh token was used again after a newer one: the session has been ended")]
    Reused,
    /// The session is past its idle or absolute end.
    #[error("the session has expired")]
    Expired,
    /// The session was ended before, or its account disabled.
    #[error("the session has been ended")]
    Revoked,
    /// It came from another device or network than the session was last used on, and that is not
    /// allowed. The session goes on where it was.
    #[error("the session belongs to another device or network: sign in here")]
    Elsewhere,
    /// No token could be made; the same refresh token may be tried again.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The store failed; the same refresh token may be tried again.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RefreshError {
    /// Whether the same refresh token will never be exchanged, by nobody and nowhere.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Invalid | Self::Reused | Self::Expired | Self::Revoked => true,
            Self::Elsewhere | Self::Issue(_) | Self::Store(_) => false,
        }
    }
}

impl From<InvalidRefreshToken> for RefreshError {
    fn from(_: InvalidRefreshToken) -> Self {
        Self::Invalid
    }
}

impl AuthenticationService {
    /// Exchanges a refresh token for new tokens, by the [rule](crate::session::rotation).
    ///
    /// # Errors
    /// [`RefreshError`].
    pub async fn refresh(
        &self,
        refresh_token: &str,
        device: Device,
        request: SessionRequest,
    ) -> Result<IssuedSession, RefreshError> {
        let arrived_at = self.ports.clock.now();
        let presented = PresentedToken::parse(refresh_token)?;
        let mut now_at_write = arrived_at;
        for _ in 0..ATTEMPTS {
            let store = &self.ports.store;
            let found = store.session_to_refresh(presented.claimed_session());
            let SessionToRefresh {
                session,
                account,
                key_version,
            } = found.await?.ok_or(RefreshError::Invalid)?;
            // Before anything else: whoever knows a session's id must not be able to end it.
            let verified = presented.verify(&self.refresh_keys.of(key_version), &session.nonce)?;
            self.check_live(&session, &account, arrived_at)?;
            let exchange = Exchange {
                session,
                presented: verified.generation,
                arrived_at,
                now_at_write,
                device: &device,
            };
            if let Some(session) = self.exchange(exchange).await? {
                self.end_replaced(&request, session.id, device.address)
                    .await?;
                return Ok(self.issue(&session, account, key_version, request.expires_in)?);
            }
            // After a lost race the newest counts as handed out when it really is: the first of a
            // crowd to store that spares all the others from storing anything.
            now_at_write = self.ports.clock.now();
        }
        Err(contended().into())
    }

    fn check_live(
        &self,
        session: &Session,
        account: &Account,
        now: Timestamp,
    ) -> Result<(), RefreshError> {
        if session.ended.is_some() || account.disabled_at.is_some() {
            return Err(RefreshError::Revoked);
        }
        if !session.is_live(now, self.settings.session.idle) {
            return Err(RefreshError::Expired);
        }
        Ok(())
    }

    /// The session as it is once the exchange is stored; `None` if somebody was faster.
    async fn exchange(&self, exchange: Exchange<'_>) -> Result<Option<Session>, RefreshError> {
        let Exchange {
            session,
            presented,
            arrived_at,
            now_at_write,
            device,
        } = exchange;
        let settle = self.settings.session.settle;
        let moved = device.moved_from(&session.device);
        let event = |kind, detail| AuditEvent {
            detail,
            ..AuditEvent::by_owner(kind, &session.account, arrived_at, device.address)
                .in_session(session.id)
        };
        let (next, reply_lost) = match decide(session.generations, presented, arrived_at, settle) {
            Verdict::Theft => return self.end_stolen(&session, arrived_at, device).await,
            _ if self.settings.session.refuses(&moved) => {
                let event = event(AuditKind::RefreshRefused, Some(moved.to_string()));
                self.ports.store.record(&[event]).await?;
                return Err(RefreshError::Elsewhere);
            }
            Verdict::Repeat { next: None } if moved.is_none() => return Ok(Some(session)),
            Verdict::Repeat { next: None } => (session.generations, false),
            Verdict::Repeat { next: Some(next) } => (next.handed_out_again(now_at_write), false),
            Verdict::Rotate { next, reply_lost } => (next, reply_lost),
        };
        let lost = reply_lost.then(|| event(AuditKind::RefreshReplyLost, None));
        let elsewhere =
            (!moved.is_none()).then(|| event(AuditKind::RefreshElsewhere, Some(moved.to_string())));
        let advance = SessionAdvance {
            id: session.id,
            seen: session.generations,
            next,
            used_at: arrived_at,
            device: device.clone(),
            events: lost.into_iter().chain(elsewhere).collect(),
        };
        let advanced = self.ports.store.advance_session(&advance).await?;
        Ok(advanced.then_some(Session {
            generations: next,
            ..session
        }))
    }

    /// `None` if its generations moved on or it ended meanwhile: read again.
    async fn end_stolen(
        &self,
        session: &Session,
        now: Timestamp,
        device: &Device,
    ) -> Result<Option<Session>, RefreshError> {
        let end = SessionEnd {
            id: session.id,
            seen: Some(session.generations),
            ended: Ended {
                at: now,
                reason: EndReason::Theft,
            },
            revoke: self.settings.revocation_term(self.ports.clock.now()),
            event: AuditEvent {
                actor: Actor::System,
                ..AuditEvent::by_owner(
                    AuditKind::RefreshReused,
                    &session.account,
                    now,
                    device.address,
                )
                .in_session(session.id)
            },
        };
        if self.ports.store.end_session(&end).await? {
            return Err(RefreshError::Reused);
        }
        Ok(None)
    }
}

impl SessionSettings {
    fn refuses(&self, moved: &Move) -> bool {
        (moved.device.is_some() && self.on_device_change == OnChange::Refuse)
            || (moved.network.is_some() && self.on_network_change == OnChange::Refuse)
    }
}

/// A refresh token whose MAC holds, and the session that was read for it.
struct Exchange<'a> {
    session: Session,
    presented: u64,
    arrived_at: Timestamp,
    now_at_write: Timestamp,
    device: &'a Device,
}
